"""A network as a chain of layers that can be run whole, up to a layer, or with some layers replaced."""

import copy
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import nn

from koopview.errors import InputError
from koopview.network.info import LayerInfo
from koopview.network.precision import in_precision

Function = Callable[[torch.Tensor], torch.Tensor]

AT_ONCE = 2**26
"""Numbers of a network's tensors that are worked on at once (256 MiB in float32)."""

INSIDE = 8
"""Tensors of a stage's size that running it holds at once: a block widens its input inside."""


def alongside(function: Function, inputs: int, x: torch.Tensor) -> torch.Tensor:
    """Return a function's outputs of the first `inputs` numbers of each row, followed by the other numbers."""
    return torch.cat([function(x[:, :inputs]), x[:, inputs:]], 1)


@dataclass(frozen=True, eq=False)
class Layer:
    """One affine operation with everything up to the next one (METHOD section 1).

    Attributes
    ----------
    affine : nn.Module
        The affine operation, (samples, inputs) to (samples, outputs), a batch norm folded in. In any other stage of a
        network (a block, an attention): its whole operation.
    activation : nn.Module
        The elementwise activation after it; the identity in the last layer.
    arrange : nn.Module
        Brings the previous layer's output into the shape that `affine` takes (flattens it).
    reason : str
        Why the layer cannot be replaced; empty if it can.
    in_shape, out_shape : tuple of int
        The shapes that the network gives a sample before and after the stage; empty for a layer of rows of numbers,
        and as long as no data are known.
    blended : nn.Module or None
        The stage's output (samples, outputs) of inputs (samples, inputs) and a share s, with each nonlinear operation
        blended with the identity by s (METHOD section 7). None if `affine` and `activation` say all.
    carried : int
        Numbers of a sample that go past a stage inside a block, as its skip does; see :mod:`koopview.network.inside`.
        In the chain they stand behind the stage's inputs, and then behind its outputs; they are no part of its states.
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
    in_shape: tuple[int, ...] = ()
    out_shape: tuple[int, ...] = ()
    blended: nn.Module | None = None
    carried: int = 0

    @property
    def modules(self) -> tuple[nn.Module, ...]:
        """All modules of the layer."""
        return (self.affine, self.activation, self.arrange, *([self.blended] if self.blended else []))

    @property
    def states(self) -> int:
        """Entries of the state, d = max(inputs, outputs)."""
        return max(self.inputs, self.outputs)

    @property
    def most_samples(self) -> int:
        """Samples that run through a stage at once, so that its tensors fit into memory; any number through a row's."""
        return max(1, AT_ONCE // (INSIDE * self.states)) if self.in_shape else AT_ONCE

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Return the layer's outputs (samples, outputs) for arranged inputs (samples, inputs)."""
        return self.activation(self.affine(x))

    def own(self, x: torch.Tensor) -> torch.Tensor:
        """Return the layer's inputs (samples, inputs) without what goes past it."""
        return x[:, : self.inputs] if self.carried else x

    def past(self, x: torch.Tensor) -> torch.Tensor:
        """Return what goes past the layer, (samples, carried), of what the chain hands to it."""
        return x[:, x.shape[1] - self.carried :]

    def alongside(self, function: Function, x: torch.Tensor) -> torch.Tensor:
        """Return a function's outputs of the layer's own inputs, followed by what goes past the layer."""
        return alongside(function, self.inputs, x) if self.carried else function(x)

    def at_share(self, x: torch.Tensor, share: torch.Tensor) -> torch.Tensor:
        """Return the outputs (samples, outputs) with the nonlinear operations blended with the identity by a share."""
        if self.blended is not None:
            blended: torch.Tensor = self.blended(x, share)
            return blended
        affine = self.affine(x)
        return torch.lerp(affine, self.activation(affine), share)

    def double(self) -> "Layer":
        """Return a copy of the Layer in float64, for trajectories: small steps need the digits."""
        return self.in_precision(torch.float64)

    def in_precision(self, dtype: torch.dtype) -> "Layer":
        """Return a copy of the Layer in float32 or float64; `arrange`, which runs before it, stays as it is."""
        made = copy.deepcopy((self.affine, self.activation, self.blended))  # whose weights are the same
        affine, activation, blended = (None if one is None else in_precision(one, dtype) for one in made)
        assert affine is not None
        assert activation is not None
        return replace(self, affine=affine, activation=activation, blended=blended)

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
            in_shape=self.in_shape,
            out_shape=self.out_shape,
        )


@dataclass(frozen=True, eq=False)
class Network:
    """A chain of layers, float32, no gradients, dropout off.

    `remarks` say what a person should know of its file. `module` is what it was read from, if that is to be read once
    more when data are known; None otherwise. `out_shape` is the shape that a sample's outputs have where it was read
    from: rows of numbers after a flatten that is no stage; empty if it is not known.
    """

    name: str
    layers: tuple[Layer, ...]
    remarks: tuple[str, ...] = ()
    module: nn.Module | None = None
    out_shape: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for layer in self.layers:
            for part in layer.modules:
                for parameter in part.eval().parameters():  # scripted modules have no method for all of them
                    if parameter.is_leaf:
                        parameter.requires_grad_(False)

    @property
    def inputs(self) -> int:
        """Numbers of a sample that the network takes, 0 if it does not say, as one that takes some of them first."""
        first = self.layers[0]
        return first.inputs if type(first.arrange) is nn.Flatten else 0

    @property
    def outputs(self) -> int:
        """Entries of the network's output, 0 if it is not known before a run."""
        return self.layers[-1].outputs

    @cached_property
    def most_samples(self) -> int:
        """Samples that run through the network at once, so that the tensors of wide stages fit into memory."""
        return min(layer.most_samples for layer in self.layers)

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
            Inputs of the network; with `after`, the outputs of the layer of that name, and what goes past it.
        replacements : mapping from layer name to function (samples, inputs) -> (samples, outputs)
        before : str, optional
            Stop before this layer and return its arranged inputs (samples, inputs), and what goes past it.
        after : str, optional
            Start after this layer.
        gradients : bool
            Whether gradients with respect to `x` will be taken.
        """
        if len(x) > self.most_samples:
            parts = x.split(self.most_samples)
            return torch.cat(
                [self.run(one, replacements, before=before, after=after, gradients=gradients) for one in parts]
            )
        started = after is None
        with nullcontext() if gradients else torch.inference_mode():
            for layer in self.layers:
                if started:
                    x = layer.arrange(x)
                    if layer.name == before:
                        break
                    x = layer.alongside((replacements or {}).get(layer.name, layer), x)
                started = started or layer.name == after
        return x

    def to(self, device: str) -> "Network":
        """Move all layers to a torch device, in place, and return the network."""
        for layer in self.layers:
            for part in layer.modules:
                part.to(device)
        return self
