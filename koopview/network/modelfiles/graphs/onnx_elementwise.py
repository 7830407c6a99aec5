"""ONNX operators on each number alone; an activation that a file writes out becomes that activation."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import fx

from koopview.network.modelfiles.graphs.onnx_conversion import Conversion, Convert, Value

if TYPE_CHECKING:
    from onnx import NodeProto

aten = torch.ops.aten


def arithmetic(operator: Any, of_numbers: Callable[..., Any]) -> Convert:
    """Return a conversion of a sum, product and the like: of nodes, of constants, of lengths."""

    def convert(made: Conversion, node: "NodeProto", inputs: Sequence[Value], said: Mapping[str, Any]) -> Any:
        if all(isinstance(one, np.ndarray) for one in inputs):
            return np.asarray(of_numbers(*inputs), dtype=inputs[0].dtype)
        return made.call(operator, *map(made.node, inputs))

    return convert


def mul(made: Conversion, node: "NodeProto", inputs: Sequence[Value], said: Mapping[str, Any]) -> Any:
    """Return a product; those that are an activation written out (GELU, SiLU, Mish, Hardswish) become that."""
    for one, other in (inputs, inputs[::-1]):
        found = _written_out(one, other)
        if found is not None:
            return made.call(*found)
    return arithmetic(aten.mul.Tensor, np.multiply)(made, node, inputs, said)


_OF_ITSELF = {aten.sigmoid.default: aten.silu.default, aten.hardsigmoid.default: aten.hardswish.default}


def _written_out(x: Value, factor: Value) -> tuple[Any, ...] | None:
    """Return an activation's operator and arguments if x times `factor` is one, None if not."""
    if not isinstance(factor, fx.Node) and not isinstance(x, fx.Node):
        return None
    if isinstance(factor, fx.Node) and factor.target in _OF_ITSELF and factor.args[0] is x:
        return _OF_ITSELF[factor.target], x
    if isinstance(factor, fx.Node) and factor.target is aten.tanh.default and _is_softplus_of(factor.args[0], x):
        return aten.mish.default, x
    if isinstance(x, fx.Node) and _is(factor, 0.5):
        inner = _gelu_argument(x)
        return None if inner is None else (aten.gelu.default, inner)
    return None


def _is_softplus_of(node: Any, x: Value) -> bool:
    return isinstance(node, fx.Node) and node.target is aten.softplus.default and node.args[0] is x


def _gelu_argument(product: fx.Node) -> fx.Node | None:
    """Return x if a node is x (1 + erf(x / sqrt 2)), None if not."""
    if product.target is not aten.mul.Tensor:
        return None
    for x, sum_ in (product.args, product.args[::-1]):
        parts = sum_.args if isinstance(sum_, fx.Node) and sum_.target is aten.add.Tensor else ()
        for erf in (one for one in parts if isinstance(one, fx.Node) and one.target is aten.erf.default):
            scaled = erf.args[0]
            if isinstance(scaled, fx.Node) and scaled.target is aten.div.Tensor and scaled.args[0] is x:
                return x if isinstance(x, fx.Node) else None
    return None


def _is(value: Value, number: float) -> bool:
    return isinstance(value, np.ndarray) and value.size == 1 and math.isclose(float(value.reshape(-1)[0]), number)


def clip(made: Conversion, node: "NodeProto", inputs: Sequence[Value], said: Mapping[str, Any]) -> Any:
    """Return numbers within bounds; between 0 and 6 that is ReLU6."""
    low, high = (made.number(one) for one in (*inputs[1:], None, None)[:2])
    least, most = said.get("min") if low is None else low, said.get("max") if high is None else high
    if (least, most) == (0, 6):
        return made.call(aten.relu6.default, made.node(inputs[0]))
    return made.call(aten.clamp.default, made.node(inputs[0]), least, most)


def gelu(made: Conversion, node: "NodeProto", inputs: Sequence[Value], said: Mapping[str, Any]) -> Any:
    """Return GELU, exact or by tanh."""
    return made.call(aten.gelu.default, made.node(inputs[0]), approximate=said.get("approximate", "none"))


def elu(made: Conversion, node: "NodeProto", inputs: Sequence[Value], said: Mapping[str, Any]) -> Any:
    """Return ELU."""
    return made.call(aten.elu.default, made.node(inputs[0]), said.get("alpha", 1.0))


def celu(made: Conversion, node: "NodeProto", inputs: Sequence[Value], said: Mapping[str, Any]) -> Any:
    """Return CELU."""
    return made.call(aten.celu.default, made.node(inputs[0]), said.get("alpha", 1.0))


def selu(made: Conversion, node: "NodeProto", inputs: Sequence[Value], said: Mapping[str, Any]) -> Any:
    """Return SELU with its usual numbers, which are all that PyTorch has."""
    if (
        abs(said.get("alpha", 1.67326319217681884765625) - 1.6732632) > 1e-4
        or abs(said.get("gamma", 1.05070102214813232421875) - 1.0507) > 1e-4
    ):
        raise made.refusal("a SELU with unusual numbers")
    return made.call(aten.selu.default, made.node(inputs[0]))


def leaky_relu(made: Conversion, node: "NodeProto", inputs: Sequence[Value], said: Mapping[str, Any]) -> Any:
    """Return leaky ReLU."""
    return made.call(aten.leaky_relu.default, made.node(inputs[0]), said.get("alpha", 0.01))


def hard_sigmoid(made: Conversion, node: "NodeProto", inputs: Sequence[Value], said: Mapping[str, Any]) -> Any:
    """Return the hard sigmoid of slope 1/6, which is PyTorch's."""
    if abs(said.get("alpha", 0.2) - 1 / 6) > 1e-4:
        raise made.refusal("a HardSigmoid of unusual slope")
    return made.call(aten.hardsigmoid.default, made.node(inputs[0]))


def prelu(made: Conversion, node: "NodeProto", inputs: Sequence[Value], said: Mapping[str, Any]) -> Any:
    """Return ReLU with a slope for each feature, or one for all."""
    x, slope = inputs
    if not isinstance(slope, np.ndarray):
        raise made.refusal("a PReLU with computed slopes")
    return made.call(aten.prelu.default, made.node(x), made.node(slope.reshape(-1)))
