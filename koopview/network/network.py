"""A network as a chain of layers that can be run whole, up to a layer, or with some layers replaced."""

import copy
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace

import torch
from torch import nn

from koopview.errors import InputError
from koopview.network.info import LayerInfo

Function = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True, eq=False)
class Layer:
    """One affine operation with everything up to the next one (METHOD section 1).

    Attributes
    ----------
    affine : nn.Module
        The affine operation, (samples, inputs) to (samples, outputs), a batch norm folded in. In a layer that
        is not supported: the operation found there.
    activation : nn.Module
        The elementwise activation after it; the identity in the last layer.
    arrange : nn.Module
        Brings the previous layer's output into the shape that `affine` takes (flattens it).
    reason : str
        Why the layer cannot be replaced; empty if it can.
    """

    name: str
    kind: str
    affine: nn.Module
    activation: nn.Module
    activation_name: str
    arrange: nn.Module
    inputs: int
    outputs: int
    reason: str = ""

    @property
    def states(self) -> int:
        """Entries of the state, d = max(inputs, outputs)."""
        return max(self.inputs, self.outputs)

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Return the layer's outputs (samples, outputs) for arranged inputs (samples, inputs)."""
        return self.activation(self.affine(x))

    def double(self) -> "Layer":
        """Return a copy of the Layer in float64, for trajectories: small steps need the digits."""
        return replace(
            self, affine=copy.deepcopy(self.affine).double(), activation=copy.deepcopy(self.activation).double()
        )

    def info(self) -> LayerInfo:
        """Return the row of the network table."""
        return LayerInfo(
            name=self.name,
            kind=self.kind,
            activation=self.activation_name,
            inputs=self.inputs,
            outputs=self.outputs,
            states=self.states,
            parameters=sum(p.numel() for p in self.affine.parameters()),
            supported=not self.reason,
            reason=self.reason,
        )


@dataclass(frozen=True, eq=False)
class Network:
    """A chain of layers, float32, no gradients, dropout off; `remarks` say what a person should know of its file."""

    name: str
    layers: tuple[Layer, ...]
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for layer in self.layers:
            for part in (layer.affine, layer.activation, layer.arrange):
                for parameter in part.eval().parameters():  # scripted modules have no method for all of them
                    if parameter.is_leaf:
                        parameter.requires_grad_(False)

    @property
    def outputs(self) -> int:
        """Entries of the network's output, 0 if it is not known before a run."""
        return self.layers[-1].outputs

    def layer(self, name: str) -> Layer:
        """Return the Layer called `name`, or raise InputError if there is none or it cannot be replaced."""
        if not isinstance(name, str):  # 2 may be meant as a place or as a name
            named = ", ".join(repr(layer.name) for layer in self.layers)
            raise InputError(f"layer is {name!r}, expected the name of a layer of {self.name} as text: {named}")
        found = next((layer for layer in self.layers if layer.name == name), None)
        if found is None:
            names = ", ".join(layer.name for layer in self.layers)
            raise InputError(f"layer {name!r} is not in {self.name}, expected one of {names}")
        if found.reason:
            raise InputError(f"layer {name!r} of {self.name} cannot be replaced: {found.reason}")
        return found

    def after(self, name: str) -> Layer | None:
        """Return the layer that follows the one called `name`, None after the last."""
        index = [layer.name for layer in self.layers].index(name) + 1
        return self.layers[index] if index < len(self.layers) else None

    def in_order(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return `names`, each once, in network order; raises InputError for one that cannot be replaced."""
        wanted = {self.layer(name).name for name in names}
        return tuple(layer.name for layer in self.layers if layer.name in wanted)

    def run(
        self,
        x: torch.Tensor,
        replacements: Mapping[str, Function] | None = None,
        *,
        before: str | None = None,
        after: str | None = None,
        gradients: bool = False,
    ) -> torch.Tensor:
        """Return the output of the chain, with some layers replaced; each takes the output of the one before.

        Parameters
        ----------
        x : tensor (samples, ...)
            Inputs of the network; with `after`, the outputs of the layer of that name.
        replacements : mapping from layer name to function (samples, inputs) -> (samples, outputs)
        before : str, optional
            Stop before this layer and return its arranged inputs (samples, inputs).
        after : str, optional
            Start after this layer.
        gradients : bool
            Whether gradients with respect to `x` will be taken.
        """
        started = after is None
        with nullcontext() if gradients else torch.inference_mode():
            for layer in self.layers:
                if started:
                    x = layer.arrange(x)
                    if layer.name == before:
                        break
                    x = (replacements or {}).get(layer.name, layer)(x)
                started = started or layer.name == after
        return x

    def to(self, device: str) -> "Network":
        """Move all layers to a torch device, in place, and return the network."""
        for layer in self.layers:
            layer.affine.to(device)
            layer.activation.to(device)
        return self
