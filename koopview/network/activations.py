"""Elementwise activations: their names in options, and how to recognise them inside a module."""

from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional

from koopview.errors import InputError
from koopview.network.activation_names import ACTIVATION_CLASSES

Activation = Callable[[torch.Tensor], torch.Tensor]

ACTIVATIONS: dict[str, type[nn.Module]] = {name: getattr(nn, kind) for name, kind in ACTIVATION_CLASSES.items()}
"""Elementwise activations by the name that `--activation` takes, with PyTorch's default parameters."""

_BY_CLASS = {kind: name for name, kind in ACTIVATIONS.items() if name != "identity"}
_BY_CLASS |= {kind: kind.__name__.lower() for kind in (nn.PReLU, nn.Hardshrink, nn.Softshrink, nn.Tanhshrink)}
_BY_FUNCTION: dict[object, str] = {
    torch.relu: "relu",
    torch.tanh: "tanh",
    torch.sigmoid: "sigmoid",
    torch.selu: "selu",
    torch.celu: "celu",
    functional.tanh: "tanh",
    functional.sigmoid: "sigmoid",
    functional.logsigmoid: "logsigmoid",
    functional.leaky_relu: "leaky_relu",
    **{getattr(functional, name): name for name in ACTIVATIONS if hasattr(functional, name)},
    **{name: name for name in ("relu", "relu_", "tanh", "tanh_", "sigmoid", "sigmoid_")},
}


class UnitPReLU(nn.Module):
    """A PReLU with a slope for each number of the last axis, in tensors of any number of axes."""

    def __init__(self, weight: torch.Tensor) -> None:
        super().__init__()
        self.weight = nn.Parameter(weight.detach().clone())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return x, its negative numbers scaled."""
        return torch.where(x > 0, x, self.weight * x)


def activation(name: str) -> nn.Module:
    """Return the activation called `name`, or raise InputError with the names that exist."""
    if name not in ACTIVATIONS:
        raise InputError(f"activation is {name!r}, expected one of {', '.join(ACTIVATIONS)}")
    return ACTIVATIONS[name]()


def activation_name(operation: object) -> str | None:
    """Return the name of an elementwise activation, given as a module, function or tensor method's name; else None."""
    if isinstance(operation, nn.Module):
        return _BY_CLASS.get(type(operation))
    name = _BY_FUNCTION.get(operation)
    return name.rstrip("_") if name else None


_ELEMENTWISE = frozenset(
    [
        "abs",
        "add",
        "clamp",
        "cos",
        "div",
        "erf",
        "exp",
        "hardshrink",
        "mul",
        "neg",
        "pow",
        "sin",
        "sinh",
        "softshrink",
        "sqrt",
        "square",
        "sub",
        "tanhshrink",
        "truediv",
    ]
)


def is_elementwise(name: str, others: tuple[object, ...]) -> bool:
    """Return whether a function or method acts on each number alone, if its arguments but one are `others`."""
    return name in _ELEMENTWISE and all(other is None or isinstance(other, (bool, int, float)) for other in others)
