"""The graph of an ONNX network as a graph of PyTorch's operators."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from torch import fx

from koopview.network.modelfiles.graphs.aten_graph import graph_module
from koopview.network.modelfiles.graphs.onnx_conversion import Conversion
from koopview.network.modelfiles.graphs.onnx_operators import OF_SAME_RANK, OPERATORS

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, ValueInfoProto


def module_of(model: "ModelProto", file: str) -> fx.GraphModule:
    """Return the module of an ONNX network; raises FileError, or any exception for a broken file."""
    from onnx import numpy_helper

    made, shapes = Conversion(file), []
    for tensor in model.graph.initializer:
        made.values[tensor.name] = numpy_helper.to_array(tensor)
    for given in model.graph.input:
        if given.name not in made.values:
            made.values[given.name] = made.graph.placeholder(_identifier(given.name))
            shapes.append(_shape(given))
            made.values[given.name].meta["rank"] = len(given.type.tensor_type.shape.dim)
    for node in model.graph.node:
        convert = OPERATORS.get(node.op_type) if node.domain in ("", "ai.onnx") else None
        if convert is None:
            raise made.refusal(f"the operator {node.op_type}")
        inputs = [made.values[name] for name in node.input]
        results = convert(made, node, inputs, _attributes(node))
        several = results if isinstance(results, tuple) else (results,)
        if node.op_type in OF_SAME_RANK and isinstance(results, fx.Node) and isinstance(inputs[0], fx.Node):
            results.meta.update({key: value for key, value in inputs[0].meta.items() if key == "rank"})
        made.values.update(zip(node.output, several, strict=False))
    made.graph.output(made.node(made.values[model.graph.output[0].name]))
    made.graph.eliminate_dead_code()
    used = {node.target for node in made.graph.nodes if node.op == "get_attr"}
    return graph_module(made.graph, {name: one for name, one in made.tensors.items() if name in used}, shapes, file)


def _attributes(node: "NodeProto") -> Mapping[str, Any]:
    """Return a node's settings by name; text as str."""
    from onnx import helper

    found = {one.name: helper.get_attribute_value(one) for one in node.attribute}
    return {name: value.decode() if isinstance(value, bytes) else value for name, value in found.items()}


def _shape(given: "ValueInfoProto") -> Sequence[int] | None:
    """Return an input's shape, two for lengths that are left open; None if it is not known."""
    if not given.type.tensor_type.HasField("shape"):
        return None
    return [length.dim_value or 2 for length in given.type.tensor_type.shape.dim]


def _identifier(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name)
