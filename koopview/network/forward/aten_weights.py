"""Operators of PyTorch (ATen) in a graph: their arguments, their constant weights, and the names of their layers."""

import re
from typing import Any

import torch
from torch import fx, nn

_OF_LAYER = re.compile(r"[._](weight|bias|running_mean|weight_g|weight_v|weight_orig|(weight|bias)_[ih]h\w*)$")
"""How the names of a layer's tensors end."""

NAME = "koopview_layer"
"""The key in a node's meta under which the name of its layer stands."""


def operator_of(node: fx.Node) -> str:
    """Return the name of the operator that a node calls, ``linear`` of ``aten.linear.default``; "" for others."""
    schema = getattr(node.target, "_schema", None) if node.op == "call_function" else None
    space, _, operator = schema.name.partition("::") if schema is not None else ("", "", "")
    return operator if space == "aten" else ""


def arguments(node: fx.Node) -> dict[str, Any]:
    """Return an operator's arguments by name, those that are not given with their defaults."""
    said = node.target._schema.arguments  # type: ignore[union-attr]
    given = {one.name: one.default_value for one in said if one.has_default_value()}
    return given | {one.name: value for one, value in zip(said, node.args, strict=False)} | dict(node.kwargs)


def constant(module: nn.Module, value: Any) -> torch.Tensor | None:
    """Return the numbers of a node that depend on no input, None for any other."""
    if not isinstance(value, fx.Node):
        return None
    if value.op == "get_attr":
        found: Any = module
        for part in str(value.target).split("."):
            found = getattr(found, part)
        return found if isinstance(found, torch.Tensor) else None
    if value.op != "call_function" or not value.all_input_nodes or not operator_of(value):
        return None
    known = {node: constant(module, node) for node in value.all_input_nodes}
    if any(one is None for one in known.values()):
        return None
    with torch.no_grad():
        args, kwargs = fx.node.map_arg((value.args, value.kwargs), lambda node: known[node])
        result = value.target(*args, **kwargs)  # type: ignore[operator]
    return result if isinstance(result, torch.Tensor) else None


def layer_name(value: fx.Node) -> str:
    """Return the name of the layer that a node of weights belongs to, without the marks that tracing puts on it."""
    while value.op != "get_attr":
        value = value.all_input_nodes[0]
    path = str(value.target).partition(".parametrizations.")[0]
    path = re.sub(r"^L__self___|^_lifted_|^_export_root\.", "", path)
    return _OF_LAYER.sub("", path) or path


def with_weights(layer: nn.Module, **tensors: torch.Tensor) -> Any:
    """Return a layer with parameters and buffers of its own numbers."""
    for name, tensor in tensors.items():
        if name in layer._parameters:
            kept = tensor if isinstance(tensor, nn.Parameter) else nn.Parameter(tensor.detach().contiguous(), False)
            layer._parameters[name] = kept
        else:
            layer._buffers[name] = tensor.detach()
    return layer.eval()
