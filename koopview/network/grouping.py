"""The operations of a forward pass as layers: one affine operation, or one block, with what follows it."""

import copy
import operator
from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval, fuse_linear_bn_eval

from koopview.network.activations import UnitPReLU, activation_name, is_elementwise
from koopview.network.forward.aten_layers import batch_dependent
from koopview.network.forward.belonging import is_average, is_move, is_shift, maximum_name
from koopview.network.forward.calls import Call
from koopview.network.forward.links import Block, Links, OnPositions
from koopview.network.forward.wholes import Whole, is_hooked
from koopview.network.info import UNSIZED
from koopview.network.network import Layer

CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
AFFINE = (*CONVOLUTIONS, *TRANSPOSED, *NORMS, OnPositions)
"""Affine operations, beside a Linear layer of rows: those of pictures, series, volumes and tokens."""

_LAST = (nn.Softmax, nn.LogSoftmax)
_LAST_CALLS = ("softmax", "log_softmax", "_softmax", "_log_softmax")


class Parts(nn.Sequential):
    """Operations that follow each other in one stage."""


def grouped(links: Links, name: str) -> list[Layer]:
    """Return the layers of the operations along a forward pass.

    A layer is one affine operation with everything up to the next one, or a block with its activation. Activations of
    Linear layers and convolutions stand apart from the affine operation; anything else that follows one makes them a
    stage together. What only moves numbers belongs to the next layer.
    """
    layers: list[Layer] = []
    moves: list[nn.Module] = []
    for index, (target, operation) in enumerate(links):
        is_last = index == len(links) - 1
        if layers and layers[-1].outputs == 1 and _drops_axis(operation):
            continue  # outputs are rows, even of one number
        if layers and not moves and is_last and _numbers_of_flatten(operation) == (1, -1):
            continue  # they are rows anyway
        if not is_last and (is_move(operation) or (is_shift(operation) and (moves or not layers))):
            moves.append(_plain(operation))
        elif layers and not moves and _absorbed(layers, operation, name, is_last):
            continue
        elif layers and not is_last and is_average(operation):
            moves.append(operation)
        elif is_last and layers and is_move(operation) and _is_open(layers[-1]):
            layers[-1] = as_one(layers[-1], *moves, _plain(operation))
        else:
            layers.append(_new_layer(target, operation, moves))
            moves = []
    return layers


def linear_layer(
    name: str, affine: nn.Linear, act: nn.Module, act_name: str, arrange: nn.Module | None = None
) -> Layer:
    """Return a Linear layer; its inputs are flattened, so that the first one accepts pictures."""
    return Layer(
        name=name,
        kind="Linear",
        affine=affine,
        activation=act,
        activation_name=act_name,
        arrange=arrange or nn.Flatten(),
        inputs=affine.in_features,
        outputs=affine.out_features,
    )


def _new_layer(name: str, operation: nn.Module, moves: Sequence[nn.Module]) -> Layer:
    """Return the layer that `operation` begins, with the reason if it cannot be replaced yet."""
    arrange = nn.Identity() if not moves else moves[0] if len(moves) == 1 else nn.Sequential(*moves)
    if type(operation) is nn.Linear and not is_hooked(operation):
        usual = not moves or _numbers_of_flatten(arrange) == (1, -1)
        return linear_layer(name, operation, nn.Identity(), "identity", None if usual else arrange)
    kind = operation.kind if isinstance(operation, (Block, Call, Whole)) else type(operation).__name__
    if isinstance(operation, OnPositions):
        kind = "Linear"
    reason = UNSIZED
    if is_hooked(operation):
        found = "a forward pass of its own, which" if "forward" in vars(operation) else "a hook, which"
        reason = f"{kind} has {found} may change what it computes, expected one without"
    return Layer(name, kind, _plain(operation), nn.Identity(), "identity", arrange, 0, 0, reason)


def _numbers_of_flatten(arrange: nn.Module) -> tuple[int, int] | None:
    return (arrange.start_dim, arrange.end_dim) if type(arrange) is nn.Flatten else None


def _plain(operation: nn.Module) -> nn.Module:
    return operation.graph if isinstance(operation, Block) else operation


def _is_open(layer: Layer) -> bool:
    """Return whether further operations may belong to a layer."""
    return layer.reason in ("", UNSIZED)


def _absorbed(layers: list[Layer], operation: nn.Module, name: str, is_last: bool) -> bool:
    """Add what follows to the last layer; return False if `operation` begins a new layer."""
    last = layers[-1]
    if is_hooked(operation) or not _is_open(last):
        return False
    act_name = _elementwise_name(operation)
    folded = _folded(last, operation, name)
    if folded is not None:
        layers[-1] = replace(last, affine=folded)
    elif act_name is not None and not isinstance(last.affine, Parts):
        layers[-1] = _activated(last, operation, act_name)
    elif _follows(last, operation, is_last):
        layers[-1] = _followed(last, operation)
    else:
        return False
    return True


def _activated(layer: Layer, operation: nn.Module, act_name: str) -> Layer:
    """Return a layer with one more activation."""
    if isinstance(operation, nn.PReLU) and operation.num_parameters > 1:
        if layer.reason:  # of channels, which are no entries of a row
            return _followed(layer, operation)
        operation = UnitPReLU(operation.weight)
    first = layer.activation_name == "identity"
    act = operation if first else nn.Sequential(layer.activation, operation)
    act_name = act_name if first else f"{layer.activation_name}+{act_name}"
    return replace(layer, activation=act, activation_name=act_name)


def _follows(layer: Layer, operation: nn.Module, is_last: bool) -> bool:
    """Return whether an operation that is neither affine nor an activation belongs to the layer before it."""
    if is_shift(operation) or maximum_name(operation):
        return True
    if isinstance(operation, (nn.Linear, *AFFINE, Block)):
        return False
    if is_last and (isinstance(operation, _LAST) or (isinstance(operation, Call) and operation.kind in _LAST_CALLS)):
        return False  # a softmax at the end is no part of the last layer
    return isinstance(layer.affine, (nn.Linear, *AFFINE, Parts)) and not _has_matrices(operation)


def _has_matrices(operation: nn.Module) -> bool:
    """Return whether an operation holds matrices of its own, as a recurrent one does, and is no norm."""
    return any(one.ndim > 1 for one in operation.parameters())


def _followed(layer: Layer, operation: nn.Module) -> Layer:
    """Return a layer as one stage of all its operations, with one more."""
    kind = operation.kind if isinstance(operation, (Block, Call)) else type(operation).__name__
    told = activation_name(operation) or maximum_name(operation) or kind
    name = told if layer.activation_name == "identity" else f"{layer.activation_name}+{told}"
    return replace(as_one(layer, _plain(operation)), activation_name=name)


def as_one(layer: Layer, *more: nn.Module) -> Layer:
    """Return a layer as one stage of its operations and of `more`, its shapes not known."""
    stage = Parts(*operations(layer), *more)
    return replace(layer, affine=stage, activation=nn.Identity(), inputs=0, outputs=0, reason=UNSIZED)


def operations(layer: Layer) -> list[nn.Module]:
    """Return the operations of a layer in order, without those that bring its input into shape."""
    first = list(layer.affine) if isinstance(layer.affine, Parts) else [layer.affine]
    acts = list(layer.activation) if type(layer.activation) is nn.Sequential else [layer.activation]
    return [*first, *(act for act in acts if type(act) is not nn.Identity)]


def _elementwise_name(operation: nn.Module) -> str | None:
    """Return the name of an operation that acts on each number alone, None for any other."""
    if not isinstance(operation, Call):
        return activation_name(operation)
    known = activation_name(operation.function)
    if known is None and operation.others is not None and is_elementwise(operation.kind, operation.others):
        return operation.kind
    return known


def _folded(layer: Layer, norm: nn.Module, name: str) -> nn.Module | None:
    """Return the affine operation that computes a layer without activation and a batch norm after it, else None."""
    affine = layer.affine
    if not isinstance(norm, NORMS) or layer.activation_name != "identity":
        return None
    if not isinstance(affine, (nn.Linear, *CONVOLUTIONS, *TRANSPOSED)):
        return None
    if norm.running_mean is None or norm.running_var is None:
        raise batch_dependent(name, "norm")
    if norm.weight is None:
        norm = copy.deepcopy(norm)
        norm.weight, norm.bias = (nn.Parameter(fill(norm.running_mean)) for fill in (torch.ones_like, torch.zeros_like))
    if isinstance(affine, nn.Linear):
        return fuse_linear_bn_eval(affine, norm)
    return fuse_conv_bn_eval(affine, norm, transpose=isinstance(affine, TRANSPOSED))


def _drops_axis(operation: nn.Module) -> bool:
    """Return whether an operation turns rows of one number into one number per sample: ``squeeze``, ``x[:, 0]``."""
    if isinstance(operation, nn.Flatten):
        return bool(operation.start_dim == 0)
    if not isinstance(operation, Call) or operation.kwargs:
        return False
    given = tuple(operation.args[1:])
    if operation.kind == "squeeze":
        return given in ((), (1,), (-1,))
    if operation.kind in ("view", "reshape", "flatten"):
        return given == (() if operation.kind == "flatten" else (-1,))
    return operation.function is operator.getitem and given in (((slice(None), 0),), ((..., 0),))
