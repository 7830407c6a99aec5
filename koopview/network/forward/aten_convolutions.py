"""Convolutions and norms in a graph of PyTorch's operators (ATen), as the layers that they were."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import fx, nn

from koopview.network.forward.aten_weights import constant, layer_name, with_weights

_NAMED = tuple(f"conv{kind}{axes}d" for kind in ("", "_transpose") for axes in (1, 2, 3))
CONVOLUTIONS = (*_NAMED, "convolution", "_convolution", "_convolution_mode")
"""Operators that are convolutions, transposed ones among them."""

Given = Mapping[str, Any]
Made = tuple[str, nn.Module, fx.Node]


def convolution(operator: str, given: Given, module: nn.Module) -> Made | None:
    """Return the name of a convolution of constant weights, the layer and its input node; None for any other."""
    weight, bias = constant(module, given["weight"]), constant(module, given["bias"])
    transposed = given.get("transposed", "transpose" in operator)
    unknown = weight is None or (given["bias"] is not None and bias is None)
    if weight is None or unknown or weight.ndim not in (3, 4, 5):
        return None
    axes, groups = weight.ndim - 2, given["groups"]
    first, second = weight.shape[0], weight.shape[1] * groups
    settings = {key: _each(given[key], axes) for key in ("stride", "padding", "dilation")}
    if transposed:
        settings["output_padding"] = _each(given["output_padding"], axes)
    made: nn.Module = getattr(nn, f"Conv{'Transpose' if transposed else ''}{axes}d")(
        *((first, second) if transposed else (second, first)),
        tuple(weight.shape[2:]),
        **settings,
        groups=groups,
        bias=bias is not None,
        device="meta",
    )
    held = {"weight": weight} | ({} if bias is None else {"bias": bias})
    return layer_name(given["weight"]), with_weights(made, **held), given["input"]


def _each(value: str | int | Sequence[int], axes: int) -> str | tuple[int, ...]:
    """Return a setting for each axis; the paddings "same" and "valid" as they are."""
    if isinstance(value, str):
        return value
    several = (value,) if isinstance(value, int) else tuple(value)
    return several * axes if len(several) == 1 else several


def norm(operator: str, node: fx.Node, given: Given, module: nn.Module) -> Made | None:
    """Return the name of a LayerNorm, GroupNorm or RMSNorm of constant weights, the layer and its input node."""
    held = {key: constant(module, given[key]) for key in ("weight", "bias") if given.get(key) is not None}
    if any(one is None for one in held.values()) or ("bias" in held and "weight" not in held):
        return None
    made = _norm(operator, given, held)
    weights = {key: one for key, one in held.items() if one is not None}
    name = layer_name(given["weight"]) if weights else node.name
    return None if made is None else (name, with_weights(made, **weights), given["input"])


def _norm(operator: str, given: Given, held: Mapping[str, torch.Tensor | None]) -> nn.Module | None:
    """Return a norm whose weights are still to come; None if it has no usual form."""
    eps = given["eps"]
    if operator == "group_norm":
        weight = held.get("weight")
        usual = weight is not None and "bias" in held
        return nn.GroupNorm(given["num_groups"], len(weight), eps, device="meta") if usual else None  # type: ignore[arg-type]
    shape = list(given["normalized_shape"])
    if operator == "rms_norm":
        return nn.RMSNorm(shape, eps, elementwise_affine="weight" in held, device="meta")
    return nn.LayerNorm(shape, eps, elementwise_affine="weight" in held, bias="bias" in held, device="meta")


def _largest(axes: int) -> Callable[[Given], nn.Module]:
    """Return the function that makes a pool of the largest numbers of an operator's arguments."""

    def made(given: Given) -> nn.Module:
        settings = {key: _each(given[key], axes) for key in ("padding", "dilation")}
        size, stride = _each(given["kernel_size"], axes), _each(given["stride"], axes) or None
        kind: type[nn.Module] = getattr(nn, f"MaxPool{axes}d")
        return kind(size, stride, **settings, ceil_mode=given["ceil_mode"])

    return made


def _mean(axes: int) -> Callable[[Given], nn.Module]:
    """Return the function that makes a pool of means of an operator's arguments."""

    def made(given: Given) -> nn.Module:
        size, stride = _each(given["kernel_size"], axes), _each(given["stride"], axes) or None
        divisor = {} if axes == 1 else {"divisor_override": given["divisor_override"]}
        kind: type[nn.Module] = getattr(nn, f"AvgPool{axes}d")
        settings = {key: given[key] for key in ("ceil_mode", "count_include_pad")}
        return kind(size, stride, _each(given["padding"], axes), **settings, **divisor)

    return made


def _adaptive(axes: int) -> Callable[[Given], nn.Module]:
    """Return the function that makes a pool of means of any input to one size."""
    kind: type[nn.Module] = getattr(nn, f"AdaptiveAvgPool{axes}d")
    return lambda given: kind(_each(given["output_size"], axes))


_KINDS = (("max_pool", _largest), ("avg_pool", _mean), ("adaptive_avg_pool", _adaptive))
POOLS = {f"{name}{axes}d": make(axes) for name, make in _KINDS for axes in (1, 2, 3)}
"""What makes the layer of each pool, of the operator's arguments."""
