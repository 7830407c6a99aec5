"""The ONNX operators that are read, each as PyTorch's own: the register."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from koopview.network.modelfiles.graphs import onnx_elementwise as elementwise
from koopview.network.modelfiles.graphs import onnx_layers as layers
from koopview.network.modelfiles.graphs import onnx_shapes as shapes
from koopview.network.modelfiles.graphs.onnx_conversion import Conversion, Convert, Value

if TYPE_CHECKING:
    from onnx import NodeProto

aten = torch.ops.aten

_TYPES = {1: torch.float32, 7: torch.int64, 6: torch.int32, 9: torch.bool, 10: torch.float16, 11: torch.float64}
"""Types of numbers by ONNX's numbers for them."""


def _plain(operator: Any) -> Convert:
    """Return a conversion to one operator of the same inputs."""

    def convert(made: Conversion, node: "NodeProto", inputs: Sequence[Value], said: Mapping[str, Any]) -> Any:
        return made.call(operator, *map(made.node, inputs))

    return convert


def _along(operator: Any, usual: int) -> Convert:
    """Return a conversion to an operator along an axis."""

    def convert(made: Conversion, node: "NodeProto", inputs: Sequence[Value], said: Mapping[str, Any]) -> Any:
        return made.call(operator, made.node(inputs[0]), said.get("axis", usual))

    return convert


def _reduced(operator: Any) -> Convert:
    """Return a conversion to a mean or a sum over axes."""

    def convert(made: Conversion, node: "NodeProto", inputs: Sequence[Value], said: Mapping[str, Any]) -> Any:
        axes = shapes.axes_of(made, inputs, said)
        if axes is None:
            raise made.refusal(f"a {node.op_type} over all axes")
        return made.call(operator, made.node(inputs[0]), axes, bool(said.get("keepdims", 1)))

    return convert


def _constant(made: Conversion, node: "NodeProto", inputs: Sequence[Value], said: Mapping[str, Any]) -> Any:
    from onnx import numpy_helper

    (kind, value), *_ = said.items()
    return numpy_helper.to_array(value) if kind == "value" else np.asarray(value)


def _same(made: Conversion, node: "NodeProto", inputs: Sequence[Value], said: Mapping[str, Any]) -> Any:
    """Return the first input: what does nothing at rest."""
    return inputs[0]


def _cast(made: Conversion, node: "NodeProto", inputs: Sequence[Value], said: Mapping[str, Any]) -> Any:
    if said["to"] not in _TYPES:
        raise made.refusal("numbers of an unusual type")
    if isinstance(inputs[0], np.ndarray):
        return inputs[0].astype(str(_TYPES[said["to"]]).removeprefix("torch."))
    if isinstance(inputs[0], list):
        return inputs[0]
    return made.call(aten.to.dtype, inputs[0], _TYPES[said["to"]])


OPERATORS: Mapping[str, Convert] = {
    "Abs": _plain(aten.abs.default),
    "Add": layers.add,
    "AveragePool": layers.pool(largest=False),
    "BatchNormalization": layers.batch_norm,
    "Cast": _cast,
    "Celu": elementwise.celu,
    "Clip": elementwise.clip,
    "Concat": shapes.concat,
    "Constant": _constant,
    "Conv": layers.conv,
    "ConvTranspose": layers.conv_transpose,
    "Div": elementwise.arithmetic(aten.div.Tensor, np.divide),
    "Dropout": _same,
    "Elu": elementwise.elu,
    "Erf": _plain(aten.erf.default),
    "Exp": _plain(aten.exp.default),
    "Flatten": shapes.flatten,
    "Gather": shapes.gather,
    "Gelu": elementwise.gelu,
    "Gemm": layers.gemm,
    "GlobalAveragePool": layers.global_pool,
    "HardSigmoid": elementwise.hard_sigmoid,
    "HardSwish": _plain(aten.hardswish.default),
    "Identity": _same,
    "LayerNormalization": layers.layer_norm,
    "LeakyRelu": elementwise.leaky_relu,
    "Log": _plain(aten.log.default),
    "LogSoftmax": _along(aten.log_softmax.int, -1),
    "MatMul": layers.matmul,
    "MaxPool": layers.pool(largest=True),
    "Mish": _plain(aten.mish.default),
    "Mul": elementwise.mul,
    "Neg": _plain(aten.neg.default),
    "PRelu": elementwise.prelu,
    "Pow": _plain(aten.pow.Tensor_Tensor),
    "ReduceMean": _reduced(aten.mean.dim),
    "ReduceSum": _reduced(aten.sum.dim_IntList),
    "Relu": _plain(aten.relu.default),
    "Reshape": shapes.reshape,
    "Selu": elementwise.selu,
    "Shape": shapes.shape,
    "Sigmoid": _plain(aten.sigmoid.default),
    "Softmax": _along(aten.softmax.int, -1),
    "Softplus": _plain(aten.softplus.default),
    "Softsign": _plain(torch.nn.functional.softsign),
    "Sqrt": _plain(aten.sqrt.default),
    "Squeeze": shapes.squeeze,
    "Sub": elementwise.arithmetic(aten.sub.Tensor, np.subtract),
    "Tanh": _plain(aten.tanh.default),
    "Transpose": shapes.transpose,
    "Unsqueeze": shapes.unsqueeze,
}
"""Each operator's conversion; another one is one line here."""

_POOLS = ("AveragePool", "GlobalAveragePool", "MaxPool")
_UNARY = (
    "Relu",
    "LeakyRelu",
    "PRelu",
    "Elu",
    "Selu",
    "Celu",
    "Gelu",
    "Tanh",
    "Sigmoid",
    "Softplus",
    "Mish",
    "HardSwish",
)
OF_SAME_RANK = frozenset(("BatchNormalization", "Conv", "ConvTranspose", "LayerNormalization", *_POOLS, *_UNARY))
"""Operators whose result has as many axes as their input."""
