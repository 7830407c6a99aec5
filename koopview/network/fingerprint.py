"""Hashes of a network and of data, over everything that changes the computed numbers."""

import functools
import hashlib
import types
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import fx, nn

from koopview.network.data import PARTS, Dataset
from koopview.network.network import Layer, Network

_OF_EVERY_MODULE = frozenset(vars(nn.Module())) | {"inplace", "_compiled_call_impl"}
"""Attributes that no module computes with; parameters, buffers, modules and hooks are hashed separately."""

_EARLIER_NAMES = {
    "koopview.network.forward.calls.Call": "koopview.network.modules._Call",
    "koopview.network.forward.calls.Incoming": "koopview.network.modules._Incoming",
}
"""Names of classes that moved, under which studies that were saved before know them."""


def network_fingerprint(network: Network) -> str:
    """Return a network's hash, a str, the same in every process and on every machine.

    It covers the layers in order; for each module in them its class, its arguments, its parameters and buffers with
    their types, and its hooks; and for a function found in a forward pass its name and arguments. A function that is
    not PyTorch's is hashed by its bytecode, which differs between versions of Python.
    """
    digest = hashlib.blake2b(digest_size=16)
    for layer in network.layers:
        for told in _layer(layer):
            content = told if isinstance(told, bytes) else repr(told).encode()
            digest.update(f"{len(content)}:".encode() + content)
    return digest.hexdigest()


def _layer(layer: Layer) -> Iterator[Any]:
    yield layer.name, layer.kind, layer.activation_name, layer.inputs, layer.outputs, bool(layer.reason)
    for role, module in (("arrange", layer.arrange), ("affine", layer.affine), ("activation", layer.activation)):
        yield role
        yield from _module(module, ())


def _module(module: nn.Module, seen: tuple[int, ...]) -> Iterator[Any]:
    """Yield the parts of a module that its computation depends on."""
    for name, part in module.named_modules(remove_duplicate=False):
        within = (*seen, id(module), id(part))
        graph = isinstance(part, fx.GraphModule)  # whose attributes say where its code is in memory
        yield name, _name(type(part)), _nodes(part.graph, within) if graph else _attributes(part, within)
        for hooks in (part._forward_pre_hooks, part._forward_hooks):
            yield _plain(list(hooks.values()), (*seen, id(module), id(part)))
    tensors = (module.named_parameters(remove_duplicate=False), module.named_buffers(remove_duplicate=False))
    for name, tensor in (pair for pairs in tensors for pair in pairs):
        yield name, _plain(tensor, seen)


def _nodes(graph: fx.Graph, seen: tuple[int, ...]) -> list[tuple[Any, ...]]:
    """Return the calls of a graph in order, plain values."""
    return [
        (one.op, *(_plain(part, seen) for part in (one.name, one.target, one.args, one.kwargs))) for one in graph.nodes
    ]


def _attributes(owner: object, seen: tuple[int, ...]) -> list[tuple[str, Any]]:
    """Return an object's attributes, pairs of name and plain value."""
    left_out = _OF_EVERY_MODULE if isinstance(owner, nn.Module) else frozenset[str]()
    own = {name: value for name, value in vars(owner).items() if name not in left_out}
    return [(name, _plain(value, seen)) for name, value in sorted(own.items())]


def _plain(value: Any, seen: tuple[int, ...]) -> Any:
    """Return a value as text and numbers that are the same in every process, without addresses.

    `seen` are the identities of the objects that contain it, for references back to them.
    """
    if value is None or value is Ellipsis or isinstance(value, (bool, int, float, complex, str, bytes)):
        return type(value).__name__, repr(value)
    if isinstance(value, (torch.dtype, torch.device, torch.layout, torch.memory_format)):
        return type(value).__name__, str(value)
    if isinstance(value, (torch.Tensor, np.generic)) or (isinstance(value, np.ndarray) and not value.dtype.hasobject):
        return _numbers(value)
    if isinstance(value, fx.Node):
        return "node", value.name
    if isinstance(value, torch._ops.OpOverload):
        return "operator", str(value)
    if id(value) in seen:
        return "again", len(seen) - seen.index(id(value))
    within = (*seen, id(value))
    if isinstance(value, nn.Module):
        return list(_module(value, within))
    if isinstance(value, types.CodeType):
        return value.co_code, value.co_names, _plain(value.co_consts, within)
    return _name(type(value)), _parts(value, within)


def _parts(value: Any, within: tuple[int, ...]) -> Any:
    """Return the parts of a container, a function, a type or any other object, as plain values."""
    if isinstance(value, (tuple, list)):
        return [_plain(one, within) for one in value]
    if isinstance(value, (set, frozenset)):
        return sorted(repr(_plain(one, within)) for one in value)
    if isinstance(value, Mapping):
        return sorted((str(key), repr(_plain(one, within))) for key, one in value.items())
    if isinstance(value, np.ndarray):
        return _plain(value.tolist(), within)
    if isinstance(value, slice):
        return _plain((value.start, value.stop, value.step), within)
    if isinstance(value, functools.partial):
        return _plain((value.func, value.args, value.keywords), within)
    if isinstance(value, types.MethodType):
        return _plain((value.__func__, value.__self__), within)
    if isinstance(value, types.FunctionType) and not str(value.__module__).startswith("torch."):
        return _name(value), _plain(_code(value), within)
    if hasattr(value, "__qualname__") or not hasattr(value, "__dict__"):
        return _name(value)
    return _attributes(value, within)


def _code(function: types.FunctionType) -> tuple[Any, ...]:
    """Return what a Python function's result depends on: code, defaults, closure variables and plain globals."""
    names = function.__code__.co_names
    plain = {name: function.__globals__.get(name) for name in names}
    known = {name: one for name, one in plain.items() if isinstance(one, (bool, int, float, complex, str, tuple))}
    around = [cell.cell_contents for cell in function.__closure__ or () if cell != types.CellType()]
    return function.__code__, function.__defaults__, function.__kwdefaults__, around, known


def _numbers(array: "torch.Tensor | np.ndarray | np.generic") -> tuple[str, tuple[int, ...], bytes]:
    """Return the type, the shape and the bytes of numbers."""
    if isinstance(array, torch.Tensor):
        flat = array.detach().cpu().contiguous().flatten()
        return str(array.dtype), tuple(array.shape), flat.view(torch.uint8).numpy().tobytes() if len(flat) else b""
    return str(array.dtype), tuple(array.shape), array.tobytes()


def _name(value: Any) -> str:
    """Return the module and name of a function or type, a str; for anything else, those of its type."""
    named = value if hasattr(value, "__qualname__") else type(value)
    name = f"{getattr(named, '__module__', '')}.{named.__qualname__}"
    return _EARLIER_NAMES.get(name, name)


def fingerprint_of_tests(dataset: Dataset) -> str:
    """Return a hash of a data set's test samples, a str: equal ones can be compared sample by sample."""
    return data_fingerprint(dataset, PARTS[2:])


def data_fingerprint(dataset: Dataset, parts: Iterable[str] = PARTS) -> str:
    """Return a hash of `parts` of a data set, a str, over types, shapes and numbers of its arrays as they were read."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        array = dataset.as_read(part)
        digest.update(repr((part, None if array is None else (array.dtype, array.shape))).encode())
        if array is not None:
            digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
