"""A graph made ready to be cut into stages: layers in the place of operators, calls that hold in other precisions."""

from collections.abc import Iterator

import torch
from torch import fx
from torch.nn import functional

from koopview.network.activations import activation_name
from koopview.network.forward.aten_layers import Seen, dropout_remark, with_layers
from koopview.network.forward.aten_weights import NAME, operator_of
from koopview.network.forward.scripted import KINDS
from koopview.network.forward.wholes import DROPOUT_FUNCTIONS

_VIEWS = {"view": torch.ops.aten.reshape.default, "_unsafe_view": torch.ops.aten.reshape.default}
_FACTORIES = ("zeros", "ones", "empty", "full", "eye", "linspace", "logspace", "arange", "tensor", "scalar_tensor")
"""Functions that make a tensor of no tensor."""


def prepared(graph: fx.GraphModule, seen: Seen, name: str) -> list[str]:
    """Put layers in the place of operators in a graph, ready it to be cut and return remarks about it.

    `seen` is what each node gives on an example. Raises InputError for a batch norm that depends on the batch.
    """
    remarks = []
    for node in graph.graph.nodes:
        if node.target in DROPOUT_FUNCTIONS:
            remarks += [dropout_remark(name)] if _drops_by_chance(node) else []
            node.replace_all_uses_with(node.args[0] if node.args else node.kwargs["input"])
        elif _is_activation_in_place(node):
            _leave_input(node)
        elif _is_view(node):
            _reshape(node)
        elif _makes_float32(node, seen):
            node.kwargs = {**node.kwargs, "dtype": torch.float32}
    remarks += with_layers(graph, seen, name)
    if not any("nn_module_stack" in node.meta for node in graph.graph.nodes):
        _place_by_names(graph)
    graph.recompile()
    return remarks


def _place_by_names(graph: fx.GraphModule) -> None:
    """Say of each node with weights in which modules it stands, by its name, where a file does not say it of nodes."""
    kinds = graph.meta.get(KINDS, {})
    for node in graph.graph.nodes:
        names = str(node.meta.get(NAME, "")).split(".")
        paths = [".".join(names[:count]) for count in range(1, len(names) + 1)]
        known = node.op == "call_module" and node.meta.get(NAME) and any(True for _ in _weights(graph, node))
        node.meta["nn_module_stack"] = {path: (path, kinds.get(path, "")) for path in paths} if known else None


def _weights(graph: fx.GraphModule, node: fx.Node) -> Iterator[torch.nn.Parameter]:
    return graph.get_submodule(str(node.target)).parameters()


def _drops_by_chance(node: fx.Node) -> bool:
    """Return whether a dropout stays on at rest."""
    training = node.args[2] if len(node.args) > 2 else node.kwargs.get("training", node.target is functional.dropout)
    return bool(training)


def _is_activation_in_place(node: fx.Node) -> bool:
    """Return whether a node is an activation that overwrites its input, which is needed to blend both."""
    name = str(_called(node))
    if node.op not in ("call_function", "call_method") or not (activation_name(node.target) or activation_name(name)):
        return False
    return bool(node.kwargs.get("inplace")) or name.endswith("_")


def _leave_input(node: fx.Node) -> None:
    """Let an activation give a new tensor, which is taken wherever the overwritten one was taken afterwards."""
    given = node.args[0] if node.args else node.kwargs["input"]
    assert isinstance(given, fx.Node)
    for user in [one for one in given.users if one is not node and one > node]:
        user.replace_input_with(given, node)
    if node.kwargs.get("inplace"):
        node.kwargs = {**node.kwargs, "inplace": False}
    elif node.op == "call_method":
        node.target = str(node.target).removesuffix("_")
    else:
        node.target = getattr(torch, str(_called(node)).removesuffix("_"), node.target)


def _called(node: fx.Node) -> object:
    return getattr(node.target, "__name__", node.target)


def _is_view(node: fx.Node) -> bool:
    """Return whether a node looks at the same numbers in another shape, not as numbers of another type."""
    if operator_of(node) in _VIEWS:
        return not isinstance(node.args[1], torch.dtype)
    method = node.op == "call_method" and node.target == "view"
    return method and not isinstance((*node.args[1:], None)[0], torch.dtype) and not node.kwargs


def _reshape(node: fx.Node) -> None:
    """Let a node make a copy where the numbers do not stand in a row, as a ``contiguous`` left out before it did."""
    node.target = "reshape" if node.op == "call_method" else _VIEWS[operator_of(node)]


def _makes_float32(node: fx.Node, seen: Seen) -> bool:
    """Return whether a node makes a tensor of PyTorch's default type, which is said from now on."""
    called = operator_of(node) or str(getattr(node.target, "__name__", ""))
    if node.op != "call_function" or called not in _FACTORIES or node.kwargs.get("dtype") is not None:
        return False
    made = seen.get(node)
    return isinstance(made, torch.Tensor) and made.dtype == torch.float32
