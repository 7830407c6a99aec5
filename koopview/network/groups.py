"""Layers that follow each other inside one module of the network, as one stage: a block of blocks, replaced whole."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import torch
from torch import nn

from koopview.errors import InputError
from koopview.network.network import Layer, Network
from koopview.network.spans import inner_reason, span_kind, spans


class Run(nn.Module):
    """Layers one after the other, as a module of rows; with a share, of each layer's blended output."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        super().__init__()
        self.layers = tuple(layers)
        self.parts = nn.ModuleList(part for layer in layers for part in layer.modules)  # to move with it

    def forward(self, x: torch.Tensor, *share: torch.Tensor) -> torch.Tensor:
        """Return the last layer's outputs (samples, outputs) of the first one's inputs (samples, inputs)."""
        for index, layer in enumerate(self.layers):
            given = layer.arrange(x) if index else x
            x = layer.at_share(given, *share) if share else layer(given)
        return x


def groups(network: Network) -> dict[str, tuple[int, int]]:
    """Return the groups of a network's layers by name: the places of the first and the last layer of each."""
    return spans([layer.name for layer in network.layers])


def merged(network: Network, names: Iterable[str]) -> Network:
    """Return the network with the groups among `names` as one layer each; raises InputError for those that overlap."""
    known = groups(network)
    chosen = sorted((known[name], name) for name in dict.fromkeys(names) if name in known)
    layers, end = list[Layer](), 0
    for (first, last), name in chosen:
        if first < end:
            raise InputError(
                f"layers {', '.join(one for _, one in chosen)} are inside each other, expected one of them"
            )
        layers += [*network.layers[end:first], _as_layer(name, network.layers[first : last + 1])]
        end = last + 1
    return replace(network, layers=(*layers, *network.layers[end:])) if chosen else network


def _as_layer(name: str, layers: Sequence[Layer]) -> Layer:
    """Return layers that follow each other as one."""
    first, last = layers[0], layers[-1]
    reason = inner_reason((layer.name, layer.reason) for layer in layers)
    whole = Run(layers)
    return Layer(
        name=name,
        kind=span_kind(len(layers)),
        affine=whole,
        activation=nn.Identity(),
        activation_name="identity",
        arrange=first.arrange,
        inputs=first.inputs,
        outputs=last.outputs,
        reason=reason,
        in_shape=first.in_shape or (first.inputs,),
        out_shape=last.out_shape or (last.outputs,),
        blended=whole,
    )
