"""Operations that are no stages of their own: those that move numbers, add constants to them, or pool them."""

import torch
from torch import fx, nn

from koopview.network.forward.aten_weights import operator_of
from koopview.network.forward.calls import Call, is_size
from koopview.network.forward.links import Block
from koopview.network.forward.wholes import is_hooked

_TURNS = ("permute", "transpose", "swapaxes", "swapdims", "movedim", "moveaxis", "mT", "t", "flip", "roll")
_SHAPES = ("view", "reshape", "flatten", "unflatten", "unsqueeze", "squeeze", "getitem", "contiguous", "expand")
_CUTS = ("slice", "select", "narrow", "index_select", "chunk", "split", "unbind", "cat", "concat", "stack")
_PADS = ("pad", "constant_pad_nd", "pixel_shuffle", "pixel_unshuffle", "channel_shuffle")
_MOVES = frozenset((*_TURNS, *_SHAPES, *_CUTS, *_PADS))
"""Calls that only move numbers: they bring a tensor into the shape that the next operation takes."""

_MOVING = (nn.Flatten, nn.Unflatten, nn.PixelShuffle, nn.PixelUnshuffle, nn.ChannelShuffle)
_SHIFTS = ("add", "sub", "mul", "div", "truediv", "iadd", "imul", "rsub")
_AXES = (1, 2, 3)


def _pools(*prefixes: str) -> tuple[tuple[type[nn.Module], ...], tuple[str, ...]]:
    """Return the classes and the functions of pools, as ``AvgPool2d`` and ``avg_pool2d``."""
    modules = tuple(getattr(nn, f"{one.title().replace('_', '')}Pool{n}d") for one in prefixes for n in _AXES)
    return modules, tuple(f"{one}_pool{n}d" for one in prefixes for n in _AXES)


_AVERAGES, _AVERAGE_CALLS = _pools("avg", "adaptive_avg")
_MAXIMA, _MAXIMUM_CALLS = _pools("max", "adaptive_max")
_LARGEST = ("max", "amax", "min", "amin", *_MAXIMUM_CALLS)


def is_move(operation: nn.Module) -> bool:
    """Return whether an operation only moves numbers, or puts constants beside them."""
    if is_hooked(operation):
        return False
    if isinstance(operation, Call):
        return operation.kind in _MOVES and not any(isinstance(one, torch.Tensor) for one in operation.args)
    if isinstance(operation, Block):
        return all(_called(node) in _MOVES for node in _of_data(operation.graph))
    return isinstance(operation, _MOVING)


def is_shift(operation: nn.Module) -> bool:
    """Return whether an operation adds constants to its input or multiplies it by them."""
    if not isinstance(operation, Block):
        return False
    nodes = _of_data(operation.graph)
    if len(nodes) != 1 or _called(nodes[0]) not in _SHIFTS:
        return False
    divides = _called(nodes[0]) in ("div", "truediv")
    return not divides or nodes[0].args[0] in _with_data(operation.graph)


def is_average(operation: nn.Module) -> bool:
    """Return whether an operation gives means of a sample's numbers."""
    if isinstance(operation, Call):
        return operation.kind in _AVERAGE_CALLS or (operation.kind == "mean" and bool(operation.others))
    return isinstance(operation, _AVERAGES)


def maximum_name(operation: nn.Module) -> str:
    """Return the name of an operation that gives the largest of a sample's numbers, or the smallest; else ""."""
    if isinstance(operation, Block):
        called = [_called(node) for node in _of_data(operation.graph) if _called(node) not in _MOVES]
        return called[0] if called and all(one in _LARGEST for one in called) else ""
    if isinstance(operation, Call):
        return operation.kind if operation.kind in _LARGEST else ""
    return type(operation).__name__ if isinstance(operation, _MAXIMA) else ""


def _of_data(graph: fx.GraphModule) -> list[fx.Node]:
    """Return the nodes of a block that compute with its input's numbers, in order, without the copy of the input."""
    return [node for node in _with_data(graph) if node.op != "placeholder" and node.target != "clone"]


def _with_data(graph: fx.GraphModule) -> dict[fx.Node, None]:
    """Return the nodes of a block that hold numbers that depend on its input, in order; lengths do not."""
    found: dict[fx.Node, None] = {}
    for node in graph.graph.nodes:
        read = is_size(node) or node.target is getattr
        depends = not read and any(one in found for one in node.all_input_nodes)
        if node.op == "placeholder" or (depends and node.op != "output"):
            found[node] = None
    return found


def _called(node: fx.Node) -> str:
    """Return the name of the function that a node calls; "" for a module."""
    if node.op not in ("call_function", "call_method"):
        return ""
    return operator_of(node) or str(getattr(node.target, "__name__", node.target))
