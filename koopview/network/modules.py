"""Read any torch module that is a chain (nn.Sequential-like) as a network of layers."""

import copy
import operator
from dataclasses import replace

import torch
from torch import fx, nn
from torch.nn.utils.fusion import fuse_linear_bn_eval

from koopview.errors import InputError
from koopview.network.activations import UnitPReLU, activation_name, is_elementwise
from koopview.network.forward.aten_layers import batch_dependent
from koopview.network.forward.calls import Call
from koopview.network.forward.links import Block, is_hooked, linked
from koopview.network.forward.own_outputs import check_outputs, random_inputs
from koopview.network.forward.tracing import own_copy
from koopview.network.network import Layer, Network


@torch.random.fork_rng(devices=[])  # numbers drawn by a forward pass are not missing in the person's program
def network_from_module(module: nn.Module, name: str = "model", example: torch.Tensor | None = None) -> Network:
    """Return the layers of a module, one after the other, as its forward pass runs them.

    The module is copied, so the caller's stays unchanged. A batch norm right after a Linear is folded into it,
    Dropout is off. A layer that cannot be replaced yet is kept in the chain with the reason, and so are operations
    with branches between them, as one layer. `example` are a few of the inputs (samples, ...), which help where the
    forward pass asks for the shape of its input.

    Raises
    ------
    InputError
        If `module` is no module, its operations cannot be read, its outputs depend on the samples beside them, or
        the layers do not give its outputs on `example` (random inputs without it).
    """
    if not isinstance(module, nn.Module):
        raise InputError(f"{name} is a {type(module).__name__}, expected a torch.nn.Module")
    copied = own_copy(module, name)
    links, remarks = linked(copied, name, example)
    layers: list[Layer] = []
    flatten: nn.Module = nn.Identity()
    for target, operation in links:
        if layers and layers[-1].outputs == 1 and _drops_axis(operation):
            continue  # outputs are rows, even of one number
        if isinstance(operation, nn.Flatten) and not is_hooked(operation):
            flatten = operation if isinstance(flatten, nn.Identity) else nn.Sequential(flatten, operation)
        elif layers and _absorb(layers, operation, name):
            continue
        else:
            layers.append(_new_layer(target, operation, flatten))
            flatten = nn.Identity()
    if not layers:
        raise InputError(f"{name} holds no layer, expected a network with at least one Linear layer")
    network = Network(name, tuple(layers), remarks)
    check_outputs(network, copied, random_inputs(copied) if example is None else example)
    return network


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


def _new_layer(name: str, operation: nn.Module, arrange: nn.Module) -> Layer:
    """Return the layer that `operation` begins, with the reason if it cannot be replaced."""
    if type(operation) is nn.Linear and not is_hooked(operation):
        usual = isinstance(arrange, nn.Identity) or _numbers_of_flatten(arrange) == (1, -1)
        return linear_layer(name, operation, nn.Identity(), "identity", None if usual else arrange)
    kind = operation.kind if isinstance(operation, (Block, Call)) else type(operation).__name__
    told = operation.told if isinstance(operation, Block) else kind
    reason = f"{told} is not an affine operation that KoopView can scale yet, expected Linear"
    if is_hooked(operation):
        found = "a forward pass of its own, which" if "forward" in vars(operation) else "a hook, which"
        reason = f"{kind} has {found} may change what it computes, expected one without"
    if isinstance(operation, Block):
        operation = operation.graph
    return Layer(name, kind, operation, nn.Identity(), "identity", arrange, 0, 0, reason)


def _numbers_of_flatten(arrange: nn.Module) -> tuple[int, int] | None:
    return (arrange.start_dim, arrange.end_dim) if type(arrange) is nn.Flatten else None


def _absorb(layers: list[Layer], operation: nn.Module, name: str) -> bool:
    """Add an activation or a batch norm to the last layer; return False if `operation` begins a new layer."""
    last = layers[-1]
    if is_hooked(operation):
        return False
    act_name = _elementwise_name(operation)
    if act_name is not None and (not last.reason or isinstance(last.affine, fx.GraphModule)):
        if isinstance(operation, nn.PReLU) and operation.num_parameters > 1 and not last.reason:
            operation = UnitPReLU(operation.weight)
        first = last.activation_name == "identity"
        act = operation if first else nn.Sequential(last.activation, operation)
        act_name = act_name if first else f"{last.activation_name}+{act_name}"
        layers[-1] = replace(last, activation=act, activation_name=act_name)
        return True
    if isinstance(operation, nn.BatchNorm1d) and not last.reason and last.activation_name == "identity":
        layers[-1] = replace(last, affine=_folded(last.affine, operation, name))
        return True
    return False


def _elementwise_name(operation: nn.Module) -> str | None:
    """Return the name of an operation that acts on each number alone, None for any other."""
    if not isinstance(operation, Call):
        return activation_name(operation)
    known = activation_name(operation.function)
    if known is None and operation.others is not None and is_elementwise(operation.kind, operation.others):
        return operation.kind
    return known


def _folded(linear: nn.Module, norm: nn.BatchNorm1d, name: str) -> nn.Module:
    """Return the Linear layer that computes a Linear layer and a batch norm after it."""
    if norm.running_mean is None or norm.running_var is None:
        raise batch_dependent(name, "norm")
    if norm.weight is None:
        norm = copy.deepcopy(norm)
        norm.weight, norm.bias = (nn.Parameter(fill(norm.running_mean)) for fill in (torch.ones_like, torch.zeros_like))
    return fuse_linear_bn_eval(linear, norm)  # type: ignore[type-var]


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
