"""ONNX operators that change shapes, and the lengths that they are computed from."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import fx

from koopview.network.modelfiles.graphs.onnx_conversion import Conversion, Value

if TYPE_CHECKING:
    from onnx import NodeProto

aten = torch.ops.aten


def flatten(made: Conversion, node: "NodeProto", inputs: Sequence[Value], said: Mapping[str, Any]) -> Any:
    """Return each sample as one row."""
    if said.get("axis", 1) != 1:
        raise made.refusal("a Flatten over an unusual axis")
    return made.call(aten.flatten.using_ints, made.node(inputs[0]), 1, -1)


def reshape(made: Conversion, node: "NodeProto", inputs: Sequence[Value], said: Mapping[str, Any]) -> Any:
    """Return a tensor of other lengths; 0 keeps one."""
    x, lengths = inputs[0], made.number(inputs[1])
    if isinstance(x, (np.ndarray, list)):
        return np.asarray(made.number(x)).reshape(lengths) if isinstance(x, np.ndarray) else x
    kept = [made.call(aten.sym_size.int, x, i) if one == 0 else one for i, one in enumerate(lengths)]
    return made.call(aten.reshape.default, x, kept)


def shape(made: Conversion, node: "NodeProto", inputs: Sequence[Value], said: Mapping[str, Any]) -> Any:
    """Return the lengths of an input of known rank."""
    rank = inputs[0].meta.get("rank") if isinstance(inputs[0], fx.Node) else None
    if not rank or said.get("start", 0) not in range(rank):
        raise made.refusal("the shape of a computed tensor")
    return [
        made.call(aten.sym_size.int, inputs[0], axis) for axis in range(said.get("start", 0), said.get("end", rank))
    ]


def gather(made: Conversion, node: "NodeProto", inputs: Sequence[Value], said: Mapping[str, Any]) -> Any:
    """Return chosen entries: of lengths, of a constant, or of a tensor along an axis."""
    x, index = inputs
    if isinstance(x, list):
        chosen = made.number(index)
        return [x[one] for one in chosen] if isinstance(chosen, list) else [x[chosen]]
    if isinstance(x, np.ndarray) and isinstance(index, np.ndarray):
        return np.take(x, index, axis=said.get("axis", 0))
    if isinstance(index, np.ndarray) and index.ndim == 0:
        return made.call(aten.select.int, made.node(x), said.get("axis", 0), int(index))
    if isinstance(index, np.ndarray) and index.ndim == 1:
        return made.call(aten.index_select.default, made.node(x), said.get("axis", 0), made.node(index))
    raise made.refusal("a Gather by computed indices")


def axes_of(made: Conversion, inputs: Sequence[Value], said: Mapping[str, Any]) -> list[int] | None:
    """Return the axes of an operator, which newer files give as an input."""
    given = made.number(inputs[1]) if len(inputs) > 1 else said.get("axes")
    return given if given is None or isinstance(given, list) else list(np.atleast_1d(given))


def unsqueeze(made: Conversion, node: "NodeProto", inputs: Sequence[Value], said: Mapping[str, Any]) -> Any:
    """Return a tensor with new axes of length 1."""
    x, axes = inputs[0], axes_of(made, inputs, said) or []
    if isinstance(x, list):
        return x
    if isinstance(x, np.ndarray):
        return np.expand_dims(x, tuple(axes))
    for axis in axes:
        x = made.call(aten.unsqueeze.default, x, axis)
    return x


def squeeze(made: Conversion, node: "NodeProto", inputs: Sequence[Value], said: Mapping[str, Any]) -> Any:
    """Return a tensor without axes of length 1."""
    x, axes = inputs[0], axes_of(made, inputs, said)
    if isinstance(x, list):
        return x
    if axes is None:
        raise made.refusal("a Squeeze of all axes")
    return np.squeeze(x, tuple(axes)) if isinstance(x, np.ndarray) else made.call(aten.squeeze.dims, x, axes)


def concat(made: Conversion, node: "NodeProto", inputs: Sequence[Value], said: Mapping[str, Any]) -> Any:
    """Return tensors, or lists of lengths, one after the other."""
    if any(isinstance(one, list) for one in inputs):
        return [
            length for one in inputs for length in np.atleast_1d(np.asarray(made.number(one), dtype=object)).tolist()
        ]
    if all(isinstance(one, np.ndarray) for one in inputs):
        return np.concatenate(inputs, axis=said["axis"])
    return made.call(aten.cat.default, [made.node(one) for one in inputs], said["axis"])


def transpose(made: Conversion, node: "NodeProto", inputs: Sequence[Value], said: Mapping[str, Any]) -> Any:
    """Return a tensor with its axes in another order."""
    if isinstance(inputs[0], np.ndarray):
        return np.transpose(inputs[0], said.get("perm"))
    if "perm" not in said:
        raise made.refusal("a Transpose without an order")
    return made.call(aten.permute.default, inputs[0], said["perm"])
