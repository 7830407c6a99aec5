"""ONNX operators with weights, as PyTorch's layers."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import fx

from koopview.network.modelfiles.graphs.onnx_conversion import Conversion, Convert, Value
from koopview.network.modelfiles.graphs.onnx_elementwise import arithmetic
from koopview.network.modelfiles.graphs.onnx_head import layer_name

if TYPE_CHECKING:
    from onnx import NodeProto

aten = torch.ops.aten


def gemm(made: Conversion, node: "NodeProto", inputs: Sequence[Value], said: Mapping[str, Any]) -> Any:
    """Return alpha A B + beta C; a Linear layer where B and C are constant."""
    x, weight, *rest = inputs
    if said.get("transA", 0) or not isinstance(weight, np.ndarray):
        raise made.refusal("a product of two computed matrices")
    scaled = said.get("alpha", 1.0) * (weight if said.get("transB", 0) else weight.T)
    bias = said.get("beta", 1.0) * rest[0] if rest and rest[0] is not None else None
    return _linear(made, node, x, scaled.astype(weight.dtype), None if bias is None else bias.astype(weight.dtype))


def _linear(made: Conversion, node: "NodeProto", x: Value, weight: np.ndarray, bias: np.ndarray | None) -> fx.Node:
    """Add a Linear layer named after its weights in the file, or after the node."""
    name = layer_name(node)
    held = made.node(np.ascontiguousarray(weight), f"{name}.weight")
    flat = None if bias is None else np.broadcast_to(bias.reshape(-1), (len(weight),))
    return made.call(aten.linear.default, made.node(x), held, None if flat is None else made.node(flat, f"{name}.bias"))


def matmul(made: Conversion, node: "NodeProto", inputs: Sequence[Value], said: Mapping[str, Any]) -> Any:
    """Return a product of matrices; a Linear layer where the second is constant."""
    x, weight = inputs
    if isinstance(weight, np.ndarray) and weight.ndim == 2:
        return _linear(made, node, x, weight.T, None)
    return made.call(aten.matmul.default, made.node(x), made.node(weight))


def add(made: Conversion, node: "NodeProto", inputs: Sequence[Value], said: Mapping[str, Any]) -> Any:
    """Return a sum; a constant that is added to a product with constant weights is that layer's bias."""
    for x, bias in (inputs, inputs[::-1]):
        if isinstance(x, fx.Node) and isinstance(bias, np.ndarray) and _takes_bias(x, made, bias):
            name = str(x.args[1].target).removesuffix(".weight")  # type: ignore[union-attr]
            with made.graph.inserting_before(x):
                held = made.node(bias.reshape(-1), f"{name}.bias")
            x.args = (*x.args[:2], held)
            return x
    return arithmetic(aten.add.Tensor, np.add)(made, node, inputs, said)


def _takes_bias(x: fx.Node, made: Conversion, bias: np.ndarray) -> bool:
    """Return whether a node is a Linear layer without a bias, to which only `bias` is added."""
    if x.target is not aten.linear.default or x.args[2] is not None or x.users:
        return False
    return bias.size == len(made.tensors[str(x.args[1].target)]) == bias.shape[-1]  # type: ignore[union-attr]


def batch_norm(made: Conversion, node: "NodeProto", inputs: Sequence[Value], said: Mapping[str, Any]) -> Any:
    """Return a batch norm at rest."""
    if said.get("training_mode", 0):
        raise made.refusal("a batch norm that depends on the batch")
    x, *given = inputs
    name, kinds = layer_name(node), ("weight", "bias", "running_mean", "running_var")
    held = [made.node(one, f"{name}.{kind}") for one, kind in zip(given, kinds, strict=True)]
    return made.call(aten.batch_norm.default, made.node(x), *held, False, 0.1, said.get("epsilon", 1e-5), False)


def layer_norm(made: Conversion, node: "NodeProto", inputs: Sequence[Value], said: Mapping[str, Any]) -> Any:
    """Return a layer norm over the last axes."""
    x, scale, *bias = inputs
    if not isinstance(scale, np.ndarray) or said.get("axis", -1) not in (-1, -scale.ndim):
        raise made.refusal("a layer norm over an unusual axis")
    name, shape = layer_name(node), list(scale.shape)
    shift, weight = made.node(bias[0], f"{name}.bias") if bias else None, made.node(scale, f"{name}.weight")
    return made.call(aten.layer_norm.default, made.node(x), shape, weight, shift, said.get("epsilon", 1e-5))


def conv(made: Conversion, node: "NodeProto", inputs: Sequence[Value], said: Mapping[str, Any]) -> Any:
    """Return a convolution of 1, 2 or 3 dimensions."""
    x, weight, shift, axes = _weights(made, node, inputs, said)
    x, pads = _padded(made, x, said.get("pads", [0] * 2 * axes), axes)
    settings = said.get("strides", [1] * axes), pads, said.get("dilations", [1] * axes), said.get("group", 1)
    operator = (aten.conv1d.default, aten.conv2d.default, aten.conv3d.default)[axes - 1]
    return made.call(operator, x, weight, shift, *settings)


def conv_transpose(made: Conversion, node: "NodeProto", inputs: Sequence[Value], said: Mapping[str, Any]) -> Any:
    """Return a transposed convolution of 1, 2 or 3 dimensions with the same padding on both sides."""
    x, weight, shift, axes = _weights(made, node, inputs, said)
    pads = said.get("pads", [0] * 2 * axes)
    if pads[:axes] != pads[axes:] or "output_shape" in said:
        raise made.refusal("a transposed convolution with unequal padding")
    more = said.get("output_padding", [0] * axes), said.get("group", 1), said.get("dilations", [1] * axes)
    operator = (aten.conv_transpose1d.default, aten.conv_transpose2d.input, aten.conv_transpose3d.input)[axes - 1]
    return made.call(operator, x, weight, shift, said.get("strides", [1] * axes), pads[:axes], *more)


def _weights(made: Conversion, node: "NodeProto", inputs: Sequence[Value], said: Mapping[str, Any]) -> Any:
    """Return a convolution's input, weights and bias as nodes, and the number of its axes."""
    x, weight, *bias = inputs
    axes = weight.ndim - 2 if isinstance(weight, np.ndarray) else 0
    if axes not in (1, 2, 3) or said.get("auto_pad", "NOTSET") != "NOTSET":
        raise made.refusal("a convolution with unusual settings")
    name = layer_name(node)
    shift = made.node(bias[0], f"{name}.bias") if bias else None
    return made.node(x), made.node(weight, f"{name}.weight"), shift, axes


def _padded(made: Conversion, x: fx.Node, pads: Sequence[int], axes: int) -> tuple[fx.Node, list[int]]:
    """Return an input and the padding on both sides of its axes; where both differ, the input is padded itself."""
    if list(pads[:axes]) == list(pads[axes:]):
        return x, list(pads[:axes])
    ends = [end for axis in reversed(range(axes)) for end in (pads[axis], pads[axes + axis])]
    return made.call(aten.constant_pad_nd.default, x, ends, 0.0), [0] * axes


_LARGEST = (aten.max_pool1d.default, aten.max_pool2d.default, aten.max_pool3d.default)
_MEANS = (aten.avg_pool1d.default, aten.avg_pool2d.default, aten.avg_pool3d.default)


def pool(largest: bool) -> Convert:
    """Return the conversion of a pooling over 1, 2 or 3 axes: the largest or the mean of each window."""

    def convert(made: Conversion, node: "NodeProto", inputs: Sequence[Value], said: Mapping[str, Any]) -> Any:
        size = said["kernel_shape"]
        axes, ceil = len(size), bool(said.get("ceil_mode", 0))
        pads = said.get("pads", [0] * 2 * axes)
        unusual = axes not in (1, 2, 3) or said.get("auto_pad", "NOTSET") != "NOTSET" or len(node.output) > 1
        if unusual or pads[:axes] != pads[axes:] or (ceil and not largest):
            raise made.refusal("a pooling with unusual settings")
        settings = size, said.get("strides", [1] * axes), pads[:axes]
        if largest:
            return made.call(_LARGEST[axes - 1], inputs[0], *settings, said.get("dilations", [1] * axes), ceil)
        return made.call(_MEANS[axes - 1], inputs[0], *settings, False, bool(said.get("count_include_pad", 0)))

    return convert


def global_pool(made: Conversion, node: "NodeProto", inputs: Sequence[Value], said: Mapping[str, Any]) -> Any:
    """Return the mean over a picture."""
    return made.call(aten.adaptive_avg_pool2d.default, inputs[0], [1, 1])
