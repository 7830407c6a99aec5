"""Read any torch module that is a chain (nn.Sequential-like) as a network of layers."""

import copy
import operator
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import fx, nn
from torch.fx.node import map_aggregate, map_arg
from torch.nn import functional
from torch.nn.utils.fusion import fuse_linear_bn_eval

from koopview.errors import InputError
from koopview.network.activations import activation, activation_name
from koopview.network.network import Layer, Network

_NOTHING_AT_REST = (nn.Dropout, nn.AlphaDropout, nn.FeatureAlphaDropout, nn.Identity)
_DROPOUT_FUNCTIONS = {functional.dropout, functional.alpha_dropout, functional.feature_alpha_dropout}


def network_from_module(module: nn.Module, name: str = "model") -> Network:
    """Return the layers of a module whose forward pass is a chain.

    The module is copied, so the caller's stays unchanged. A batch norm right after a Linear is folded into it,
    Dropout is off. A layer that cannot be replaced yet is kept in the chain with the reason.

    Raises
    ------
    InputError
        If `module` is no module, cannot be traced, or its operations do not form a chain.
    """
    if not isinstance(module, nn.Module):
        raise InputError(f"{name} is a {type(module).__name__}, expected a torch.nn.Module")
    module = copy.deepcopy(module).cpu().float().eval()
    for part in module.modules():
        if hasattr(part, "inplace"):  # an activation's input is a state, which is needed afterwards
            part.inplace = False  # type: ignore[assignment]
    layers: list[Layer] = []
    flatten: nn.Module = nn.Identity()
    for target, operation in _chain(module, name):
        if layers and layers[-1].outputs == 1 and _drops_axis(operation):
            continue  # outputs are rows, even of one number
        if isinstance(operation, nn.Flatten) and not _is_hooked(operation):
            flatten = operation if isinstance(flatten, nn.Identity) else nn.Sequential(flatten, operation)
        elif layers and _absorb(layers, operation):
            continue
        else:
            layers.append(_new_layer(target, operation, flatten))
            flatten = nn.Identity()
    if not layers:
        raise InputError(f"{name} holds no layer, expected a network with at least one Linear layer")
    return Network(name, tuple(layers))


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
    if type(operation) is nn.Linear and not _is_hooked(operation):
        usual = isinstance(arrange, nn.Identity) or _numbers_of_flatten(arrange) == (1, -1)
        return linear_layer(name, operation, nn.Identity(), "identity", None if usual else arrange)
    kind = operation.kind if isinstance(operation, _Call) else type(operation).__name__
    reason = f"{kind} is not an affine operation that KoopView can scale yet, expected Linear"
    if _is_hooked(operation):
        reason = f"{kind} has a hook, which may change what it computes, expected one without"
    return Layer(name, kind, operation, nn.Identity(), "identity", arrange, 0, 0, reason)


def _numbers_of_flatten(arrange: nn.Module) -> tuple[int, int] | None:
    return (arrange.start_dim, arrange.end_dim) if type(arrange) is nn.Flatten else None


def _absorb(layers: list[Layer], operation: nn.Module) -> bool:
    """Add an activation or a batch norm to the last layer; return False if `operation` begins a new layer."""
    last = layers[-1]
    if _is_hooked(operation):
        return False
    name = activation_name(operation.function if isinstance(operation, _Call) else operation)
    if name is not None and not last.reason:
        first = last.activation_name == "identity"
        act = operation if first else nn.Sequential(last.activation, operation)
        act_name = name if first else f"{last.activation_name}+{name}"
        layers[-1] = linear_layer(last.name, last.affine, act, act_name, last.arrange)  # type: ignore[arg-type]
        return True
    if isinstance(operation, nn.BatchNorm1d) and not last.reason and last.activation_name == "identity":
        fused = fuse_linear_bn_eval(last.affine, operation)  # type: ignore[type-var]
        layers[-1] = linear_layer(last.name, fused, last.activation, "identity", last.arrange)  # type: ignore[arg-type]
        return True
    return False


@dataclass(frozen=True)
class _Incoming:
    """What a call uses of its input tensor: the tensor itself, or the part of its shape that `steps` read."""

    steps: tuple[tuple[Any, tuple[Any, ...]], ...] = ()

    @classmethod
    def of(cls, node: fx.Node) -> "_Incoming":
        """Return the _Incoming that a node of the graph stands for."""
        if not _is_size(node):
            return cls()
        source, *arguments = node.args
        assert isinstance(source, fx.Node)
        return cls((*cls.of(source).steps, (node.target, tuple(arguments))))

    def __call__(self, x: torch.Tensor) -> Any:
        if not self.steps:
            return x.clone()
        read: Any = x
        for target, arguments in self.steps:
            read = getattr(read, target)(*arguments) if isinstance(target, str) else target(read, *arguments)
        return read


class _Call(nn.Module):
    """A function or tensor method found in a forward pass, as a module of one tensor, which it does not change."""

    def __init__(self, node: fx.Node) -> None:
        super().__init__()
        self.function, self.is_method = node.target, node.op == "call_method"
        self.args, self.kwargs = map_arg((node.args, node.kwargs), _Incoming.of)  # type: ignore[arg-type]
        self.kind = str(getattr(node.target, "__name__", node.target))

    def forward(self, x: torch.Tensor) -> Any:
        args, kwargs = map_aggregate((self.args, self.kwargs), lambda a: a(x) if isinstance(a, _Incoming) else a)
        if self.is_method:
            return getattr(args[0], str(self.function))(*args[1:], **kwargs)
        return self.function(*args, **kwargs)  # type: ignore[operator]


def _chain(module: nn.Module, name: str) -> Iterator[tuple[str, nn.Module]]:
    """Yield (name, operation) along the forward pass, without operations that do nothing in evaluation.

    A module that is called again becomes another layer with its own name.
    """
    if isinstance(module, nn.Linear) or activation_name(module) or _is_hooked(module):
        module = nn.Sequential(module)  # only its forward pass is traced, without hooks
    try:
        traced = fx.symbolic_trace(module)
    except Exception as error:  # tracing runs the user's forward: anything may be raised
        raise InputError(
            f"{name} cannot be read as a chain of layers ({str(error).splitlines()[0] if str(error) else error!r}), "
            "expected a forward pass like nn.Sequential's"
        ) from error
    previous: fx.Node | None = None
    called: set[str] = set()
    for node in traced.graph.nodes:
        if node.op == "placeholder" and previous is None:
            previous = node
            continue
        if _is_size(node):
            continue
        _check_link(node, previous, name)
        previous = node
        if node.op != "output":
            operation = traced.get_submodule(node.target) if node.op == "call_module" else _operation(node)
            if not isinstance(operation, _NOTHING_AT_REST) and node.target not in _DROPOUT_FUNCTIONS:
                again = node.op != "call_module" or node.target in called
                called.add(str(node.target))
                yield node.name if again else str(node.target), operation


def _check_link(node: fx.Node, previous: fx.Node | None, name: str) -> None:
    """Raise InputError unless `node` takes the tensor before it and nothing else.

    The number of samples may be read from any tensor; any other length belongs to the tensor that it is read from.
    """
    read = [source for source in node.all_input_nodes if _is_size(source)]
    inputs = [source for source in node.all_input_nodes if source not in read]
    known = all(_sized(source) is previous or _is_sample_count(source) for source in read)
    if node.op not in {"call_module", "call_function", "call_method", "output"} or inputs != [previous] or not known:
        raise InputError(
            f"{name} is not a chain: {node.name!r} does not take just what stands before it, "
            "expected a forward pass like nn.Sequential's"
        )


def _is_size(node: fx.Node) -> bool:
    """Return whether a node reads a tensor's shape, as in ``x.view(x.size(0), -1)``."""
    if node.target is operator.getitem and isinstance(node.args[0], fx.Node):
        return _is_size(node.args[0])
    method = node.op == "call_method" and node.target in ("size", "dim")
    return method or (node.target is getattr and node.args[1] in ("shape", "ndim"))


def _sized(node: fx.Node) -> fx.Node:
    """Return the tensor whose shape a node reads."""
    source = node.args[0]
    assert isinstance(source, fx.Node)
    return _sized(source) if _is_size(source) else source


def _is_sample_count(value: object) -> bool:
    """Return whether a value is a node that reads the number of samples."""
    if not isinstance(value, fx.Node) or not _is_size(value):
        return False
    (_, first), *more = _Incoming.of(value).steps
    return first == (0,) if not more else [arguments for _, arguments in more] == [(0,)]


def _operation(node: fx.Node) -> nn.Module:
    """Return a function or method call as a module, the usual ways to flatten as nn.Flatten."""
    if _is_flatten(node):
        return nn.Flatten()
    name = activation_name(node.target)
    if name is not None and len(node.args) == 1 and not node.kwargs:
        return activation(name)
    return _Call(node)


def _is_flatten(node: fx.Node) -> bool:
    """Return whether a call makes one row of each sample."""
    given: tuple[Any, ...] = node.args[1:]
    if node.target in (torch.flatten, "flatten") and len(node.args) > 0:
        own = dict(zip(("start_dim", "end_dim"), given, strict=False)) | node.kwargs
        return {"start_dim": 0, "end_dim": -1} | own == {"start_dim": 1, "end_dim": -1}
    if node.target not in ("view", "reshape") or node.kwargs:
        return False
    shape = given[0] if len(given) == 1 and isinstance(given[0], (tuple, list)) else given
    return len(shape) == 2 and _is_sample_count(shape[0]) and bool(shape[1] == -1)


def _is_hooked(operation: nn.Module) -> bool:
    """Return whether a hook may change a module's input or output."""
    return bool(operation._forward_hooks or operation._forward_pre_hooks)


def _drops_axis(operation: nn.Module) -> bool:
    """Return whether an operation turns rows of one number into one number per sample: ``squeeze``, ``x[:, 0]``."""
    if isinstance(operation, nn.Flatten):
        return bool(operation.start_dim == 0)
    if not isinstance(operation, _Call) or operation.kwargs:
        return False
    given = tuple(operation.args[1:])
    if operation.kind == "squeeze":
        return given in ((), (1,), (-1,))
    if operation.kind in ("view", "reshape", "flatten"):
        return given == (() if operation.kind == "flatten" else (-1,))
    return operation.function is operator.getitem and given in (((slice(None), 0),), ((..., 0),))
