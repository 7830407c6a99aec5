"""PyTorch's operators in a graph (ATen), as the layers that they were before they were exported."""

import itertools
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import fx, nn

from koopview.errors import InputError
from koopview.network.forward.aten_convolutions import CONVOLUTIONS, POOLS, convolution, norm
from koopview.network.forward.aten_weights import NAME, arguments, constant, layer_name, operator_of, with_weights

aten = torch.ops.aten
_NOTHING = ("alias", "detach", "detach_", "contiguous", "clone", "lift_fresh_copy", "lift_fresh", "dropout_")
_DROPOUT = ("dropout", "alpha_dropout", "feature_dropout", "feature_alpha_dropout", "dropout_")

_BATCH_NORMS: dict[int, type[nn.Module]] = {4: nn.BatchNorm2d, 5: nn.BatchNorm3d}
"""Batch norms by the axes of their input."""

Given = Mapping[str, Any]
Seen = Mapping[fx.Node, Any]


def with_layers(module: fx.GraphModule, seen: Seen, name: str) -> list[str]:
    """Put layers in the place of operators, in the graph of `module`, and return remarks about it.

    `seen` is what each node gives on an example. Raises InputError for a batch norm that depends on the batch.
    """
    remarks: list[str] = []
    for node in list(module.graph.nodes):
        operator = operator_of(node)
        if not operator or not node.args or not isinstance(node.args[0], fx.Node):
            continue
        given = arguments(node)
        if _does_nothing(operator, given, seen.get(node.args[0]), seen.get(node)):
            if operator in _DROPOUT and given["train"]:
                remarks.append(dropout_remark(name))
            node.replace_all_uses_with(node.args[0])
            continue
        made = _layer(operator, node, given, module, name, seen)
        if made is not None:
            _put(module, node, made)
    module.graph.eliminate_dead_code()
    return remarks


def dropout_remark(name: str) -> str:
    """Return the sentence that dropout was switched off, a str."""
    return f"{name} drops numbers by chance even at rest: here its dropout is off"


def _does_nothing(operator: str, given: Given, before: Any, after: Any) -> bool:
    """Return whether an operator changes nothing at rest."""
    if operator in _NOTHING or operator in _DROPOUT:
        return True
    if not isinstance(before, torch.Tensor) or not isinstance(after, torch.Tensor):
        return False
    same = before.shape == after.shape and before.dtype == after.dtype
    return same and operator in ("to", "_to_copy", "view", "reshape", "_unsafe_view", "expand", "type_as")


def _layer(
    operator: str, node: fx.Node, given: Given, module: nn.Module, name: str, seen: Seen
) -> tuple[str, nn.Module, fx.Node] | None:
    """Return the name of a layer, the layer and its input node; None if an operator is none that is known."""
    if operator in ("linear", "addmm", "mm", "matmul"):
        return _linear(operator, given, module)
    if operator == "add":
        return _with_bias(given, module)
    if operator in CONVOLUTIONS:
        return convolution(operator, given, module)
    if operator in POOLS:
        return node.name, POOLS[operator](given), given.get("self", given.get("input"))
    if operator in ("layer_norm", "group_norm", "rms_norm"):
        return norm(operator, node, given, module)
    if operator == "batch_norm":
        return _batch_norm(node, given, module, name, seen)
    if operator in ("flatten", "view", "reshape", "_unsafe_view"):
        flatten = _flatten(operator, given, seen.get(node.args[0]), seen.get(node))  # type: ignore[arg-type]
        return None if flatten is None else (node.name, flatten, node.args[0])  # type: ignore[return-value]
    if operator == "prelu":
        weight = constant(module, given["weight"])
        act = None if weight is None else with_weights(nn.PReLU(weight.numel()), weight=weight.reshape(-1))
    else:
        act = _activation(operator.removesuffix("_"), given)
    return None if act is None else (node.name, act, node.args[0])  # type: ignore[return-value]


def _put(module: fx.GraphModule, node: fx.Node, made: tuple[str, nn.Module, fx.Node]) -> None:
    """Put a layer in the place of a node."""
    name, layer, source = made
    known = next((key for key, one in module.named_children() if _is_same(one, layer)), None)
    target = known or _free(module, name.replace(".", "_"))
    if known is None:
        module.add_submodule(target, layer)
    with module.graph.inserting_before(node):
        put = module.graph.create_node("call_module", target, (source,), name=target)
    put.meta = {**node.meta, NAME: name}
    node.replace_all_uses_with(put)


def _free(module: nn.Module, name: str) -> str:
    """Return a name that `module` has no attribute of yet, a str."""
    return next(
        one
        for one in itertools.chain([name], (f"{name}_{count}" for count in itertools.count(1)))
        if not hasattr(module, one)
    )


def _is_same(one: nn.Module, other: nn.Module) -> bool:
    """Return whether two layers hold the same weights: one layer that is called twice."""
    first, second = (list(layer.parameters(recurse=False)) for layer in (one, other))
    same = len(first) == len(second) > 0 and all(a is b for a, b in zip(first, second, strict=True))
    return same and repr(one) == repr(other)


def _linear(operator: str, given: Given, module: nn.Module) -> tuple[str, nn.Module, fx.Node] | None:
    """Return a Linear layer of constant weights."""
    held, source, bias = given.get("weight", given.get("mat2", given.get("other"))), _input(operator, given), None
    weight = constant(module, held)
    if operator == "linear":
        bias = given.get("bias")
    elif operator == "addmm":
        bias = given["self"]
    numbers = constant(module, bias)
    usual = operator != "addmm" or given["alpha"] == given["beta"] == 1
    if weight is None or weight.ndim != 2 or (bias is not None and numbers is None) or not usual:
        return None
    weight = weight if operator == "linear" else weight.t()
    if numbers is not None and numbers.shape != weight.shape[:1]:
        return None
    outputs, inputs = weight.shape
    linear = nn.Linear(inputs, outputs, bias=bias is not None, device="meta")
    return (
        layer_name(held),
        with_weights(linear, weight=weight, **({} if numbers is None else {"bias": numbers})),
        source,
    )


def _with_bias(given: Given, module: nn.Module) -> tuple[str, nn.Module, fx.Node] | None:
    """Return a Linear layer with the bias that is added to its outputs."""
    for node, added in ((given["self"], given["other"]), (given["other"], given["self"])):
        bias = constant(module, added)
        if bias is None or given.get("alpha", 1) != 1 or not isinstance(node, fx.Node) or NAME not in node.meta:
            continue
        linear = module.get_submodule(str(node.target))
        if type(linear) is nn.Linear and linear.bias is None and bias.shape == (linear.out_features,):
            made = nn.Linear(linear.in_features, linear.out_features, device="meta")
            return node.meta[NAME], with_weights(made, weight=linear.weight, bias=bias), node.args[0]
    return None


def _input(operator: str, given: Given) -> fx.Node:
    found: fx.Node = given["input"] if operator == "linear" else given["mat1" if operator == "addmm" else "self"]
    return found


def _batch_norm(
    node: fx.Node, given: Given, module: nn.Module, name: str, seen: Seen
) -> tuple[str, nn.Module, fx.Node] | None:
    """Return a batch norm at rest; raises InputError for one whose output depends on the batch."""
    held = {key: constant(module, given[key]) for key in ("weight", "bias", "running_mean", "running_var")}
    if given["training"] or held["running_mean"] is None or held["running_var"] is None:
        raise batch_dependent(name, node.name)
    affine = held["weight"] is not None and held["bias"] is not None
    if not affine and (held["weight"] is not None or held["bias"] is not None):
        return None
    kind = _BATCH_NORMS.get(getattr(seen.get(node), "ndim", 2), nn.BatchNorm1d)
    made = kind(len(held["running_mean"]), eps=given["eps"], momentum=given["momentum"], affine=affine)
    made = with_weights(made, **{key: one for key, one in held.items() if one is not None})
    return layer_name(given["running_mean"]), made, given["input"]


def batch_dependent(name: str, layer: str) -> InputError:
    """Return the error for a batch norm that has no statistics of its own."""
    return InputError(
        f"{name} has the batch norm {layer!r} without running statistics, so that an output depends on the samples "
        "beside it; expected batch norms that keep running statistics (track_running_stats=True, in evaluation mode)"
    )


def _flatten(operator: str, given: Given, before: Any, after: Any) -> nn.Module | None:
    """Return nn.Flatten for an operator that makes one row of each sample, or joins other axes."""
    if operator == "flatten":
        return nn.Flatten(given["start_dim"], given["end_dim"])
    if not isinstance(before, torch.Tensor) or not isinstance(after, torch.Tensor) or after.ndim != 2:
        return None
    rows = before.ndim > 1 and after.shape == (before.shape[0], before[:1].numel())
    return nn.Flatten() if rows else None


def _activation(operator: str, given: Given) -> nn.Module | None:
    """Return the activation that an operator is, with its arguments."""
    made = _ACTIVATIONS.get(operator)
    return None if made is None else made(given)


def _elu(given: Given) -> nn.Module | None:
    return nn.ELU(given["alpha"]) if given["scale"] == given["input_scale"] == 1 else None


def _hardtanh(given: Given) -> nn.Module | None:
    low, high = given.get("min_val", given.get("min")), given.get("max_val", given.get("max"))
    if (low, high) == (0, 6):
        return nn.ReLU6()
    if (low, high) == (0, None):
        return nn.ReLU()
    return None if low is None or high is None or not low < high else nn.Hardtanh(float(low), float(high))


_ACTIVATIONS: dict[str, Callable[[Given], nn.Module | None]] = {
    "relu": lambda given: nn.ReLU(),
    "relu6": lambda given: nn.ReLU6(),
    "gelu": lambda given: nn.GELU(given["approximate"]),
    "tanh": lambda given: nn.Tanh(),
    "sigmoid": lambda given: nn.Sigmoid(),
    "silu": lambda given: nn.SiLU(),
    "elu": _elu,
    "leaky_relu": lambda given: nn.LeakyReLU(given["negative_slope"]),
    "selu": lambda given: nn.SELU(),
    "softplus": lambda given: nn.Softplus(given["beta"], given["threshold"]),
    "mish": lambda given: nn.Mish(),
    "hardtanh": _hardtanh,
    "clamp": _hardtanh,
    "clamp_min": _hardtanh,
    "hardswish": lambda given: nn.Hardswish(),
    "hardsigmoid": lambda given: nn.Hardsigmoid(),
    "celu": lambda given: nn.CELU(given["alpha"]),
    "log_sigmoid": lambda given: nn.LogSigmoid(),
}
