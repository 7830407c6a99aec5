"""A module's forward pass as operations that follow each other, some of them blocks with branches."""

import operator
from collections import Counter
from typing import Any

import torch
from torch import fx, nn

from koopview.errors import InputError
from koopview.network.activations import activation, activation_name
from koopview.network.forward.aten_weights import NAME, operator_of
from koopview.network.forward.branches import Part, heaviest, needed, part_module, part_place, parts
from koopview.network.forward.calls import Call, is_sample_count
from koopview.network.forward.preparing import prepared
from koopview.network.forward.tracing import EXAMPLES, fitting, graph_of, observed, of_count, returned
from koopview.network.forward.wholes import is_hooked

_NOTHING_AT_REST = (nn.Dropout, nn.AlphaDropout, nn.FeatureAlphaDropout, nn.Identity)
_UNCHANGED = ("to", "float", "type", "type_as", "cpu", "cuda", "contiguous", "detach", "clone")
"""Tensor methods that do nothing to a float32 tensor if its type stays."""

_AFFINE = ("Linear", *(f"Conv{kind}{axes}d" for kind in ("", "Transpose") for axes in (1, 2, 3)))

Links = list[tuple[str, nn.Module]]


class Block(nn.Module):
    """Operations that make one layer; `graph` holds them with their names."""

    def __init__(self, graph: fx.GraphModule, name: str, kind: str) -> None:
        super().__init__()
        self.graph, self.name, self.kind = graph, name, kind


class OnPositions(nn.Module):
    """A Linear layer that takes each of several rows of a sample, as of a token or a pixel."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.linear = linear

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return (samples, ..., outputs) of x (samples, ..., inputs)."""
        return self.linear(x)


def linked(module: nn.Module, name: str, example: torch.Tensor | None) -> tuple[Links, tuple[str, ...]]:
    """Return (name, operation) along the forward pass of `module`, and remarks about it.

    Operations that do nothing in evaluation are left out. A module that is called again becomes another operation with
    its own name. Raises InputError if the forward pass cannot be read.
    """
    if isinstance(module, nn.Linear) or activation_name(module) or is_hooked(module):
        module = nn.Sequential(module)  # only its forward pass is traced, without hooks
    few = None if example is None else of_count(example, EXAMPLES)
    graph = graph_of(module, name, few)
    shown = fitting(few, graph)
    remarks = prepared(graph, observed(graph, shown), name)
    seen = observed(graph, shown)
    last, remark = returned(graph, name)
    given = _given(last, name)
    links = Links()
    called = Counter[str]()
    found = parts(given, last, {node for node, one in seen.items() if not _is_rows(one, len(shown))})
    calls = Counter(part_place(part).call for part in found)
    for part in found:
        if does_nothing(graph, part, seen):
            continue
        operation = _operation(graph, part, seen, calls)
        target = _target(part, operation, calls)
        called[target] += 1
        links.append((f"{target} ({called[target]})" if called[target] > 1 else target, operation))
    return links, tuple(dict.fromkeys((*remarks, remark) if remark else remarks))


def _is_rows(one: Any, count: int) -> bool:
    """Return whether what a node gives is a tensor of `count` samples."""
    return isinstance(one, torch.Tensor) and one.ndim > 0 and len(one) == count


def _given(last: fx.Node, name: str) -> fx.Node:
    """Return the input that a returned node depends on; raises InputError unless it is one."""
    inputs = [node for node in needed(last) if node.op == "placeholder"]
    if len(inputs) == 1:
        return inputs[0]
    told = ", ".join(str(node.target) for node in inputs)
    raise InputError(
        f"{name} takes {len(inputs)} inputs ({told}), expected one"
        if inputs
        else f"{name} returns what does not depend on its input, expected a network of its input"
    )


def does_nothing(graph: fx.GraphModule, part: Part, seen: dict[fx.Node, Any]) -> bool:
    """Return whether a part of a forward pass changes nothing at rest; `seen` is what each node gives."""
    node = part.nodes[-1]
    if not part.is_link:
        return False
    if node.op == "call_module":
        return isinstance(graph.get_submodule(str(node.target)), _NOTHING_AT_REST)
    before, after = seen.get(part.before), seen.get(node)
    if not isinstance(before, torch.Tensor) or not isinstance(after, torch.Tensor):
        return False
    return node.op == "call_method" and node.target in _UNCHANGED and before.dtype == after.dtype


def _target(part: Part, operation: nn.Module, calls: Counter[str]) -> str:
    """Return the name of an operation: that of its module, or of the function that it is."""
    node = part.nodes[-1]
    if isinstance(operation, Block):
        return operation.name
    if node.op == "call_module":
        return str(node.meta.get(NAME, node.target))
    place = part_place(part)
    return place.path if place.path and calls[place.call] == 1 else _function_name(node)


def _function_name(node: fx.Node) -> str:
    """Return the name of what a node calls, a str."""
    return operator_of(node) or str(getattr(node.target, "__name__", node.target))


def _operation(graph: fx.GraphModule, part: Part, seen: dict[fx.Node, Any], calls: Counter[str]) -> nn.Module:
    """Return a part of the forward pass as a module of one tensor, the usual ways to flatten as nn.Flatten."""
    return link_operation(graph, part, seen) if part.is_link else _block(graph, part, calls)


def link_operation(graph: fx.GraphModule, part: Part, seen: dict[fx.Node, Any]) -> nn.Module:
    """Return a part that is one node as a module of one tensor; `seen` is what each node gives on an example."""
    node = part.nodes[-1]
    if node.op == "call_module":
        called = graph.get_submodule(str(node.target))
        if isinstance(called, nn.Linear) and _is_on_positions(called, part.before, seen.get(part.before)):
            return OnPositions(called)
        return called
    if _is_flatten(node):
        return nn.Flatten()
    name = activation_name(node.target)
    if name is not None and len(node.args) == 1 and not node.kwargs:
        return activation(name)
    return Call(node)


def _block(graph: fx.GraphModule, part: Part, calls: Counter[str]) -> Block:
    """Return a part of several operations, or of one that takes more than the tensor before it, as a Block.

    It is named by the module that it is; of several parts of one module, by the largest module inside. `calls` counts
    the parts of each call of a module.
    """
    node, module, place = part.nodes[-1], part_module(graph, part), part_place(part)
    if len(part.nodes) == 1 and node.op == "call_module":
        kind = type(graph.get_submodule(str(node.target))).__name__
        return Block(module, str(node.meta.get(NAME, node.target)), kind)
    if not place.path or calls[place.call] > 1:
        inner = heaviest(graph, part, place)
        place = place if place.path and inner.kind in _AFFINE else inner
    if len(part.nodes) == 1:
        return Block(module, place.path or _function_name(node), _function_name(node))
    function = next((one for one in part.nodes if one.target is not operator.getitem), node)
    kind = "" if place.kind in _AFFINE else place.kind  # of which the block is more
    return Block(module, place.path or _function_name(function), kind or "Block")


def _is_on_positions(called: nn.Linear, source: fx.Node, before: Any) -> bool:
    """Return whether a Linear layer takes each of the rows of a sample, not the sample's numbers as one row.

    One row of a network's input is taken as the sample's numbers; inside the network it keeps its axis.
    """
    if not isinstance(before, torch.Tensor) or before.ndim < 3 or is_hooked(called):
        return False
    return source.op != "placeholder" or before.shape[1:].numel() != called.in_features


def _is_flatten(node: fx.Node) -> bool:
    """Return whether a call makes one row of each sample."""
    given: tuple[Any, ...] = node.args[1:]
    if node.target in (torch.flatten, "flatten") and len(node.args) > 0:
        own = dict(zip(("start_dim", "end_dim"), given, strict=False)) | node.kwargs
        return {"start_dim": 0, "end_dim": -1} | own == {"start_dim": 1, "end_dim": -1}
    if node.target not in ("view", "reshape") or node.kwargs:
        return False
    shape = given[0] if len(given) == 1 and isinstance(given[0], (tuple, list)) else given
    return len(shape) == 2 and is_sample_count(shape[0]) and bool(shape[1] == -1)
