"""The layers that names and shapes of weights show, whether or not their numbers were read; no torch here."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

NORM = "BatchNorm"
LINEAR = "Linear"

_PARTS = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
_CONVOLUTIONS = {3: "1-D convolution", 4: "2-D convolution", 5: "3-D convolution"}
_RECURRENT = re.compile(r"(weight|bias)_(ih|hh)_l\d+(_reverse)?")
_ATTENTION = ("in_proj_weight", "in_proj_bias")

TWO_PARTS = {
    "weight_g": "weight_v",
    "parametrizations.weight.original0": "parametrizations.weight.original1",
}
"""Weights that PyTorch keeps as a length and a direction (weight norm): the names of both."""


@dataclass(frozen=True)
class Group:
    """The tensors of one layer by what they are, and what the layer seems to be; all that counts is their shapes."""

    name: str
    parts: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """What it seems to be: Linear, BatchNorm, or another layer in words."""
        weight = self.parts.get("weight")
        if "running_mean" in self.parts:
            return NORM if len(self.parts["running_mean"].shape) == 1 else "a batch norm of an unusual shape"
        if any(_RECURRENT.fullmatch(part) for part in self.parts):
            return "a recurrent layer"
        if any(part in _ATTENTION for part in self.parts):
            return "an attention layer"
        if not set(self.parts) <= {"weight", "bias"} or weight is None:
            return f"{', '.join(list(self.parts)[:3])}: no layer that is known"
        return _kind_of_weight(weight.shape, "bias" in self.parts)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of its weights, or of its first tensor."""
        first = self.parts.get("weight", next(iter(self.parts.values())))
        return tuple(first.shape)

    @property
    def numbers(self) -> int:
        """How many numbers it holds."""
        return sum(prod(one.shape) for one in self.parts.values())


def _kind_of_weight(shape: tuple[int, ...], biased: bool) -> str:
    """Return what a layer with weights of a shape seems to be."""
    if len(shape) == 2:
        return LINEAR
    if len(shape) < 2:
        return "a norm without running statistics (LayerNorm, GroupNorm)" if biased else "a norm or a PReLU"
    return f"{len(shape)}-D weights: a {_CONVOLUTIONS.get(len(shape), 'layer of many dimensions')}"


def groups_of(weights: Mapping[str, Any]) -> list[Group]:
    """Return the tensors by layer, in their order."""
    parts: dict[str, dict[str, Any]] = {}
    for key, tensor in weights.items():
        name, _, part = key.rpartition(".")
        layer, held = (name, part) if is_part(key) else (key, "itself")
        parts.setdefault(layer, {})[held] = tensor
    return [Group(name, one) for name, one in parts.items()]


def is_part(key: str) -> bool:
    """Return whether a tensor's name ends as those of layers do: ".weight", ".bias", "running_mean"."""
    part = key.rpartition(".")[2]
    return part in _PARTS or part in _ATTENTION or part in TWO_PARTS or _RECURRENT.fullmatch(part) is not None


def in_one_part(weights: Mapping[str, Any]) -> dict[str, Any]:
    """Return weights with each that is kept in two parts under one name, as its direction, which has its shape."""
    found = dict(weights)
    for length, direction in TWO_PARTS.items():
        for key in [one for one in found if one.endswith(f".{length}")]:
            name = key.removesuffix(f".{length}")
            if f"{name}.{direction}" in found:
                del found[key]
                found[f"{name}.weight"] = found.pop(f"{name}.{direction}")
    return found


def unknown(groups: Sequence[Group]) -> list[Group]:
    """Return the groups that are no part of a plain chain."""
    return [group for group in groups if group.kind not in (LINEAR, NORM)]
