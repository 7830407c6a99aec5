"""Functions and tensor methods that a forward pass calls, as modules; and what a call reads of a tensor's shape."""

import operator
from dataclasses import dataclass
from typing import Any

import torch
from torch import fx, nn
from torch.fx.node import map_aggregate, map_arg


@dataclass(frozen=True)
class Incoming:
    """What a call uses of its input tensor: the tensor itself, or the part of its shape that `steps` read."""

    steps: tuple[tuple[Any, tuple[Any, ...]], ...] = ()

    @classmethod
    def of(cls, node: fx.Node) -> "Incoming":
        """Return the Incoming that a node of the graph stands for."""
        if not is_size(node):
            return cls()
        source, *arguments = node.args
        assert isinstance(source, fx.Node)
        return cls((*cls.of(source).steps, (node.target, tuple(arguments))))

    def __call__(self, x: torch.Tensor) -> Any:
        """Return the tensor, or the part of its shape."""
        if not self.steps:
            return x.clone()
        read: Any = x
        for target, arguments in self.steps:
            read = getattr(read, target)(*arguments) if isinstance(target, str) else target(read, *arguments)
        return read


class Call(nn.Module):
    """A function or tensor method found in a forward pass, as a module of one tensor, which it does not change."""

    def __init__(self, node: fx.Node) -> None:
        super().__init__()
        self.function, self.is_method = node.target, node.op == "call_method"
        self.args, self.kwargs = map_arg((node.args, node.kwargs), Incoming.of)  # type: ignore[arg-type]
        schema = getattr(node.target, "_schema", None)  # of PyTorch's own operators, whose names hold an overload
        self.kind = schema.name.partition("::")[2] if schema else str(getattr(node.target, "__name__", node.target))

    @property
    def others(self) -> tuple[Any, ...] | None:
        """The arguments beside one tensor, which is the input itself; None if it is given more than once."""
        given = (*self.args, *self.kwargs.values())
        others = tuple(one for one in given if one != Incoming())
        return others if len(others) == len(given) - 1 else None

    def forward(self, x: torch.Tensor) -> Any:
        """Return what the call gives for one tensor."""
        args, kwargs = map_aggregate((self.args, self.kwargs), lambda a: a(x) if isinstance(a, Incoming) else a)
        if self.is_method:
            return getattr(args[0], str(self.function))(*args[1:], **kwargs)
        return self.function(*args, **kwargs)  # type: ignore[operator]


def is_size(node: fx.Node) -> bool:
    """Return whether a node reads a tensor's shape, as in ``x.view(x.size(0), -1)``."""
    if node.target is operator.getitem and isinstance(node.args[0], fx.Node):
        return is_size(node.args[0])
    method = node.op == "call_method" and node.target in ("size", "dim")
    if node.target in (torch.ops.aten.sym_size.int, torch.ops.aten.dim.default):
        return True
    return method or (node.target is getattr and node.args[1] in ("shape", "ndim"))


def sized(node: fx.Node) -> fx.Node:
    """Return the tensor whose shape a node reads."""
    source = node.args[0]
    assert isinstance(source, fx.Node)
    return sized(source) if is_size(source) else source


def is_sample_count(value: object) -> bool:
    """Return whether a value is a node that reads the number of samples."""
    if not isinstance(value, fx.Node) or not is_size(value):
        return False
    (_, first), *more = Incoming.of(value).steps
    return first == (0,) if not more else [arguments for _, arguments in more] == [(0,)]
