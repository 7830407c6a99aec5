"""A plain chain of layers from weights alone: their names and shapes say what they belong to."""

import re
from collections.abc import Mapping, Sequence

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_linear_bn_eval

from koopview.errors import InputError
from koopview.network.activations import activation
from koopview.network.grouping import linear_layer
from koopview.network.modelfiles.factory import EXAMPLE, FACTORY
from koopview.network.modelfiles.groups import LINEAR, NORM, TWO_PARTS, Group, groups_of, in_one_part, unknown
from koopview.network.modelfiles.layer_order import layer_order
from koopview.network.network import Layer, Network

Weights = Mapping[str, torch.Tensor]

_TOLD = 6
"""Layers that a sentence names."""


def network_from_weights(
    weights: Weights,
    activation_name: str,
    name: str = "model",
    *,
    in_order: bool = True,
    order: Sequence[str] | None = None,
) -> Network:
    """Return the multilayer perceptron whose Linear layers hold `weights`, with one activation between them.

    Layers are named by their keys without ``.weight``; `in_order` says whether `weights` are in the order of
    definition, see :func:`koopview.network.modelfiles.layer_order.layer_order`; an `order`
    that is given counts. A batch norm is taken to stand right
    behind the Linear layer before it, and is folded into that.

    Raises
    ------
    InputError
        If the activation is unknown, or the weights are no plain chain: with what they seem to be.
    """
    activation(activation_name)
    groups = groups_of(plain_weights(weights))
    shapes = shapes_of(groups, name)
    ordered = layer_order(shapes, in_order, name, FACTORY) if order is None else order
    norms = norms_by_layer(groups, ordered, in_order, name)
    return _network(name, groups, ordered, norms, activation_name)


def shapes_of(groups: Sequence[Group], name: str) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the Linear layers by name; raises InputError if the groups are no plain chain."""
    _check_kinds(groups, name)
    return {group.name: group.shape for group in groups if group.kind == LINEAR}


def _network(
    name: str, groups: Sequence[Group], ordered: Sequence[str], norms: Mapping[str, Group], activation_name: str
) -> Network:
    """Return the network of Linear layers in this order, with the batch norms that stand behind some of them."""
    by_name = {group.name: group for group in groups}
    layers: list[Layer] = []
    for prefix in ordered:
        act = "identity" if prefix == ordered[-1] else activation_name
        affine = _linear(by_name[prefix], name).eval()
        if prefix in norms:
            affine = fuse_linear_bn_eval(affine, _batch_norm(norms[prefix], len(affine.weight), name))
        layers.append(linear_layer(prefix, affine, activation(act), act))
    told = f"{name} was read as a plain chain of {len(layers)} layers with {activation_name} between them"
    if len(layers) == 1:
        told = f"{name} was read as one linear layer"
    if norms:
        told += ", each batch norm right behind its Linear layer"
    return Network(name, tuple(layers), (told,))


def plain_weights(weights: Weights) -> dict[str, torch.Tensor]:
    """Return weights with those that PyTorch keeps in two parts (weight norm: a length and a direction) computed."""
    computed = {}
    for length, direction in TWO_PARTS.items():
        for key in [one for one in weights if one.endswith(f".{length}")]:
            other = weights.get(f"{key.removesuffix(length)}{direction}")
            if other is not None:
                computed[f"{key.removesuffix(length)}weight"] = torch._weight_norm(other, weights[key], 0)
    return in_one_part(weights) | computed


def _check_kinds(groups: Sequence[Group], name: str) -> None:
    """Raise InputError, with what each layer seems to be, if some are neither Linear nor a batch norm."""
    others = unknown(groups)
    if not others and any(group.kind == LINEAR for group in groups):
        return
    told = "; ".join(f"{group.name or 'a tensor'}: {group.kind}" for group in others[:_TOLD]) or "no Linear layer"
    more = f" and {len(others) - _TOLD} more" if len(others) > _TOLD else ""
    raise InputError(
        f"{name} is no plain multilayer perceptron ({told}{more}), expected a factory for such a model ({EXAMPLE})",
        FACTORY,
    )


def norms_by_layer(groups: Sequence[Group], ordered: Sequence[str], in_order: bool, name: str) -> dict[str, Group]:
    """Return the batch norms by the Linear layers that they stand behind; raises InputError where that is not certain.

    In the file's order, if that is the order of definition, a norm follows its layer; else their numbers say it:
    0, 1 of a Sequential, or fc1 and bn1.
    """
    widths = {group.name: len(group.parts["weight"]) for group in groups if group.kind == LINEAR}
    found: dict[str, Group] = {}
    for index, group in enumerate(groups):
        if group.kind != NORM:
            continue
        before = [one.name for one in groups[:index] if one.kind == LINEAR] if in_order else []
        layer = _by_numbers(group.name, ordered) or (before[-1] if before else None)
        width = len(group.parts["running_mean"])
        if layer is None or layer in found or widths[layer] != width:
            raise InputError(
                f"{name} holds the batch norm {group.name} of {width} numbers, which stands behind no Linear layer "
                "for certain; expected a factory for such a model",
                FACTORY,
            )
        found[layer] = group
    return found


def _by_numbers(norm: str, layers: Sequence[str]) -> str | None:
    """Return the layer that a norm's name belongs to by its numbers, None if that is not certain."""
    folder, _, last = norm.rpartition(".")
    if last.isdecimal():  # of a Sequential: the layer right before it
        before = f"{folder}.{int(last) - 1}" if folder else str(int(last) - 1)
        return before if before in layers else None
    own = re.findall(r"\d+", norm)
    same = [layer for layer in layers if own and re.findall(r"\d+", layer) == own]
    return same[0] if len(same) == 1 else None


def _linear(group: Group, name: str) -> nn.Linear:
    """Return a Linear layer that holds the weights of a group."""
    weight, bias = group.parts["weight"], group.parts.get("bias")
    outputs, inputs = weight.shape
    if bias is not None and bias.shape != (outputs,):
        raise InputError(f"{name} holds {group.name}.bias of shape {tuple(bias.shape)}, expected ({outputs},)")
    linear = nn.utils.skip_init(nn.Linear, inputs, outputs, bias=bias is not None)
    linear.load_state_dict({"weight": weight} | ({} if bias is None else {"bias": bias}), assign=True)
    return linear


def _batch_norm(group: Group, width: int, name: str) -> nn.BatchNorm1d:
    """Return a batch norm at rest that holds the statistics of a group."""
    norm = nn.BatchNorm1d(width, affine="weight" in group.parts).eval()
    strange = [part for part, held in group.parts.items() if held.ndim and held.shape != (width,)]
    if strange:
        raise InputError(f"{name} holds {group.name}.{strange[0]} of an unusual shape, expected ({width},)")
    norm.load_state_dict(dict(group.parts), strict=False)
    return norm
