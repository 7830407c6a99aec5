"""The graph of an exported network, from its description in JSON."""

import operator
from collections.abc import Mapping
from typing import Any

import torch
from torch import fx

from koopview.errors import FileError
from koopview.network.modelfiles.graphs.aten_graph import graph_module, operator_named
from koopview.network.modelfiles.graphs.pt2_program import NUMBERS, Program

_ARITHMETIC = ("add", "sub", "mul", "floordiv", "mod", "neg", "eq", "ne", "lt", "le", "gt", "ge", "getitem")
"""Functions of Python's operator module that a graph uses on lengths."""

_ASSERTIONS = ("_assert", "sym_constrain_range")
"""Beginnings of the names of operators that only check."""

_PLAIN = ("as_int", "as_float", "as_bool", "as_string", "as_ints", "as_floats", "as_bools", "as_strings")

_MEMORY_FORMATS = {1: "contiguous_format", 2: "channels_last", 3: "channels_last_3d", 4: "preserve_format"}

Nodes = dict[str, fx.Node]


def module_of(program: Program, tensors: Mapping[str, torch.Tensor], file: str) -> fx.GraphModule:
    """Return the module of an exported network; raises FileError, or any exception for a broken description."""
    graph, nodes, shapes = fx.Graph(), Nodes(), []
    for spec in program.signature["input_specs"]:
        (kind, said), *_ = spec.items()
        if kind == "user_input":
            name = said["arg"]["as_tensor"]["name"]
            nodes[name] = graph.placeholder(name)
            shapes.append(_input_shape(program, name))
        elif kind in _TENSORS:
            name = said["arg"]["name"]
            nodes[name] = graph.get_attr(said[_TENSORS[kind]])
        else:
            raise FileError(f"model {file} takes a {kind} as input, expected a network of tensors")
    for one in program.graph["nodes"]:
        if not one["target"].rpartition(".aten.")[2].startswith(_ASSERTIONS):
            _add(graph, nodes, one, file)
    outputs = [spec["user_output"]["arg"] for spec in program.signature["output_specs"] if "user_output" in spec]
    given = [_argument(one, nodes, file) for one in outputs]
    graph.output(given[0] if len(given) == 1 else tuple(given))
    used = {node.target for node in graph.nodes if node.op == "get_attr"}
    return graph_module(graph, {name: one for name, one in tensors.items() if name in used}, shapes, file)


_TENSORS = {"parameter": "parameter_name", "buffer": "buffer_name", "tensor_constant": "tensor_constant_name"}


def _input_shape(program: Program, name: str) -> tuple[int, ...] | None:
    """Return an input's shape, two samples for a number that is left open; None if it is not known."""
    values = program.graph["tensor_values"]
    if name not in values:
        return None
    return tuple(int(length.get("as_int", 2)) for length in values[name]["sizes"])


def _add(graph: fx.Graph, nodes: Nodes, said: Mapping[str, Any], file: str) -> None:
    """Add an operator to the graph, and its results to the nodes by name."""
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    for one in said["inputs"]:
        value = _argument(one["arg"], nodes, file)
        if one.get("kind") == 2 or kwargs:
            kwargs[one["name"]] = value
        else:
            args.append(value)
    function = _function(said["target"], file)
    if function is torch.ops.aten.to.device:  # which takes no None in the place of a device
        function, args = torch.ops.aten.to.dtype, [*args[:1], *args[2:]]
    node = graph.call_function(function, tuple(args), kwargs)
    node.meta["nn_module_stack"] = _stack(said.get("metadata", {}).get("nn_module_stack", ""))
    results = said["outputs"]
    if len(results) == 1 and "as_tensors" not in results[0]:
        nodes[_result_name(results[0])] = node
        return
    several = results[0]["as_tensors"] if len(results) == 1 else results
    for index, one in enumerate(several):
        nodes[_result_name(one)] = graph.call_function(operator.getitem, (node, index))


def _function(target: str, file: str) -> Any:
    """Return the operator that a graph names; raises FileError for any other code."""
    if target.startswith("torch.ops.aten."):
        name, _, overload = target.removeprefix("torch.ops.aten.").partition(".")
        return operator_named(name, overload or "default", file)
    if target.startswith("_operator.") and target.removeprefix("_operator.") in _ARITHMETIC:
        return getattr(operator, target.removeprefix("_operator."))
    raise FileError(f"model {file} uses {target[:80]!r}, expected PyTorch's own operators alone")


def _result_name(said: Mapping[str, Any]) -> str:
    """Return the name of a result, a str: of a tensor or of a length."""
    if "name" in said:
        return str(said["name"])
    (kind, value), *_ = said.items()
    return str(value["name"] if kind == "as_tensor" else value["as_name"])


def _argument(said: Mapping[str, Any], nodes: Nodes, file: str) -> Any:
    """Return an argument of an operator: a node, a number, a word or a list of these."""
    (kind, value), *_ = said.items()
    if kind in _PLAIN:
        return value
    if kind in ("as_tensor", "as_tensors", "as_sym_int", "as_sym_ints", "as_sym_float", "as_sym_bool"):
        return [_node(one, nodes) for one in value] if isinstance(value, list) else _node(value, nodes)
    if kind == "as_optional_tensors":
        return [_argument(one, nodes, file) for one in value]
    if kind == "as_optional_tensor":
        return _argument(value, nodes, file)
    return _setting(kind, value, file)


def _setting(kind: str, value: Any, file: str) -> Any:
    """Return an argument that is a type of numbers, an order in memory or nothing."""
    if kind == "as_none":
        return None
    if kind == "as_scalar_type" and value in NUMBERS:
        return getattr(torch, NUMBERS[value][0])
    if kind == "as_memory_format" and value in _MEMORY_FORMATS:
        return getattr(torch, _MEMORY_FORMATS[value])
    if kind == "as_layout":
        return torch.strided
    if kind == "as_device":
        return None  # where the network runs is decided by who runs it
    raise FileError(f"model {file} gives an operator an argument of kind {kind[3:]}, expected tensors and numbers")


def _node(said: Mapping[str, Any], nodes: Nodes) -> Any:
    """Return the node of a name, or the number that stands in its place."""
    if "name" in said:
        return nodes[said["name"]]
    (kind, value), *_ = said.items()
    return nodes[value] if kind == "as_name" else value


def _stack(text: str) -> dict[str, tuple[str, str]]:
    """Return the modules around an operator, (path, class) by key, outermost first, as fx keeps them."""
    parts = [one.split(",") for one in text.split(";") if one.count(",") == 2]
    return {key: (path, kind) for key, path, kind in parts if not path.startswith("_empty")}
