"""The head of an ONNX network: its operators with weights, in the order in which they run."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from koopview.network.info import UNSIZED
from koopview.network.modelfiles.head import LayerHead, ModelHead

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

_ACTIVATIONS = {
    "Relu": "relu",
    "Gelu": "gelu",
    "Tanh": "tanh",
    "Sigmoid": "sigmoid",
    "Elu": "elu",
    "LeakyRelu": "leaky_relu",
    "Selu": "selu",
    "Softplus": "softplus",
    "Mish": "mish",
    "Softsign": "softsign",
    "HardSwish": "hardswish",
    "HardSigmoid": "hardsigmoid",
    "Celu": "celu",
}
_AFFINE = {"Gemm": "Linear", "MatMul": "Linear", "Conv": "Conv", "ConvTranspose": "ConvTranspose"}
_PASSED = ("Add", "BatchNormalization", "Dropout", "Identity")
"""Operators between an affine map and its activation."""


def head_of(model: "ModelProto") -> ModelHead:
    """Return the ModelHead of a network; a broken one may raise any exception."""
    shapes = {one.name: tuple(one.dims) for one in model.graph.initializer}
    layers = tuple(_layers(list(model.graph.node), shapes))
    return ModelHead("ONNX graph", layers, sum(map(math.prod, shapes.values())), "float32")


def _layers(nodes: "list[NodeProto]", shapes: dict[str, tuple[int, ...]]) -> Iterator[LayerHead]:
    for index, node in enumerate(nodes):
        kind, held = _AFFINE.get(node.op_type), [name for name in node.input if name in shapes]
        if kind is None or not held:
            continue
        shape = shapes[held[0]]
        turned = node.op_type == "MatMul" or not any(one.name == "transB" and one.i for one in node.attribute)
        linear = kind == "Linear" and len(shape) == 2
        kind = kind if kind == "Linear" else f"{kind}{len(shape) - 2}d"
        inputs, outputs = (shape if turned else shape[::-1]) if linear else (0, 0)
        yield LayerHead(
            name=layer_name(node),
            kind=kind,
            shape=shape,
            inputs=inputs,
            outputs=outputs,
            activation=_activation(nodes[index + 1 :], node.output[0]),
            certainty="known",
            parameters=sum(math.prod(shapes[name]) for name in held),
            reason="" if linear else UNSIZED,
        )


def _activation(following: "list[NodeProto]", result: str) -> str:
    """Return the activation of a result, "identity" if there is none."""
    for one in following:
        if result not in one.input:
            continue
        if one.op_type in _ACTIVATIONS:
            return _ACTIVATIONS[one.op_type]
        if one.op_type not in _PASSED:
            break
        result = one.output[0]
    return "identity"


def layer_name(node: "NodeProto") -> str:
    """Return a layer's name, a str: "fc1" for weights called fc1.weight, or a node called /fc1/MatMul."""
    for given in node.input[1:]:
        if given.endswith((".weight", ".bias")):
            return given.rpartition(".")[0]
    path: list[str] = []
    for part in [part for part in node.name.split("/") if part][:-1]:
        if path and part.startswith(f"{path[-1]}."):  # /layer1/layer1.0 names a container, then a part of it
            path.pop()
        path.append(part)
    return ".".join(path) or f"{node.op_type}_{node.output[0]}"
