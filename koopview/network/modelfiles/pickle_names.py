"""The names that pickles of weights refer to, and what each makes of its arguments: data, and no code."""

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from koopview.network.modelfiles.pickled import (
    NUMBERS,
    STORAGES,
    ArrayData,
    Dtype,
    Foreign,
    Name,
    NoPickle,
    StorageHead,
    TensorHead,
    Unreadable,
)

MOST_KEY = 64
"""Entries of a tuple that is a key."""

MOST_REPEATED = 1_000_000
"""Entries of a tensor that says a number again and again instead of holding as many."""


def made(called: Any, arguments: Any) -> Any:
    """Return what a known name makes of its arguments; for any other, an object that is only described."""
    if not isinstance(called, Name) or not isinstance(arguments, tuple):
        raise NoPickle("bytes that are no whole pickle")
    if called.name in UNUSUAL:
        raise Unreadable(UNUSUAL[called.name])
    make = _KNOWN.get(called.name)
    found = None if make is None else make(*arguments)
    return Foreign(called.name, arguments) if found is None else found


def _tensor(storage: Any, offset: Any, shape: Any, strides: Any, *rest: Any) -> TensorHead:
    return _tensor_of(storage, storage.dtype, offset, shape, strides)


def _tensor_of(storage: StorageHead, dtype: str, offset: Any, shape: Any, strides: Any) -> TensorHead:
    """Return a tensor's head; raises Unreadable unless it lies within its storage."""
    whole = [offset, *shape, *strides]
    size = NUMBERS[dtype]
    held = storage.count * NUMBERS[storage.dtype] // size
    if not all(type(one) is int and one >= 0 for one in whole) or len(shape) != len(strides) or len(shape) > 64:
        raise Unreadable("a tensor of an impossible shape")
    reach = offset + sum((length - 1) * step for length, step in zip(shape, strides, strict=True))
    if math.prod(shape) and (reach >= held or math.prod(shape) > max(held, MOST_REPEATED)):
        raise Unreadable(f"a tensor of shape {_short(shape)}, and numbers for {held:,} entries")
    return TensorHead(storage, dtype, offset, tuple(shape), tuple(strides))


def _short(shape: Any) -> str:
    text = " x ".join(map(str, shape))
    return text if len(text) < 60 else f"{text[:57]}..."


def _typed_tensor(
    storage: Any, offset: Any, shape: Any, strides: Any, gradient: Any, hooks: Any, dtype: Any, *rest: Any
) -> TensorHead:
    return _tensor_of(storage, dtype.name.removeprefix("torch."), offset, shape, strides)


def storage_head(said: Any) -> StorageHead:
    """Return the head of the storage that a persistent id names."""
    word, kind, key, _, count, *_ = said
    dtype = STORAGES.get(kind.name.rpartition(".")[2]) if isinstance(kind, Name) else None
    if word != "storage" or dtype is None or type(count) is not int or not 0 <= count < 2**62:
        raise Unreadable("numbers of a kind that no layer uses")
    return StorageHead(str(key), dtype, count)


def _scalar(dtype: Any, content: Any = b"") -> Any:
    content = content.encode("latin-1") if isinstance(content, str) else content
    return np.frombuffer(content, dtype.numpy)[0].item() if isinstance(dtype, Dtype) else None


def _dtype(code: Any, *rest: Any) -> Dtype | None:
    return Dtype(code) if isinstance(code, str) and re.fullmatch(r"[biufc]\d{1,2}", code) else None


def _empty_array(*said: Any) -> ArrayData:
    return ArrayData()


def _from_buffer(content: Any, dtype: Any, shape: Any, order: Any, *rest: Any) -> ArrayData:
    return ArrayData(dtype, tuple(shape), bytes(content), order == "F")


def _bytes(content: Any = b"", *rest: Any) -> bytes:
    return content.encode("latin-1") if isinstance(content, str) else bytes(content)


def _list(values: Any = (), *rest: Any) -> list[Any]:
    return list(values)


def _tuple(values: Any = (), *rest: Any) -> tuple[Any, ...]:
    return tuple(values)


def _device(*words: Any) -> str:
    return ":".join(map(str, words))


def _pairs_of(counts: Any = None, *rest: Any) -> dict[Any, Any]:
    return _pairs((counts or {}).items())


def _pairs(pairs: Any = ()) -> dict[Any, Any]:
    return {plain_key(key): value for key, value in pairs}


def plain_key(key: Any) -> Any:
    """Return a key if it is plain: nested ones can take for ever to compare."""
    if isinstance(key, tuple) and len(key) <= MOST_KEY and all(isinstance(one, _PLAIN_KEYS) for one in key):
        return key
    if isinstance(key, _PLAIN_KEYS):
        return key
    if isinstance(key, (Name, Foreign)):
        return f"<{key.name}>"
    raise Unreadable(f"a dict whose key is a {type(key).__name__}")


_PLAIN_KEYS = (str, int, float, bytes, type(None))


UNUSUAL = {
    "torch._utils._rebuild_sparse_tensor": "sparse numbers",
    "torch._utils._rebuild_qtensor": "quantized numbers",
    "torch._utils._rebuild_meta_tensor_no_storage": "tensors without numbers",
    "torch._utils._rebuild_nested_tensor": "nested tensors",
}
"""Tensors that no layer here can use."""

_BUILT_IN: dict[str, Callable[..., Any]] = {
    "set": _list,
    "frozenset": _list,
    "list": _list,
    "dict": _pairs,
    "tuple": _tuple,
    "bytearray": _bytes,
    "complex": lambda *parts: list(parts),
}

_OF_NUMPY: dict[str, Callable[..., Any]] = {
    "scalar": _scalar,
    "_reconstruct": _empty_array,
    "_frombuffer": _from_buffer,
}

_KNOWN: dict[str, Callable[..., Any]] = {
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_tensor_v3": _typed_tensor,
    "torch._utils._rebuild_parameter": lambda tensor, *rest: tensor,
    "torch._utils._rebuild_parameter_with_state": lambda tensor, *rest: tensor,
    "torch.nn.parameter.Parameter": lambda tensor=None, *rest: tensor,
    "torch.Size": _tuple,
    "torch.device": _device,
    "collections.OrderedDict": _pairs,
    "collections.defaultdict": lambda *rest: {},
    "collections.Counter": _pairs_of,
    "collections.deque": _list,
    "_codecs.encode": lambda text, encoding="latin1": text.encode("latin-1"),
    **{f"{module}.{name}": make for module in ("builtins", "__builtin__") for name, make in _BUILT_IN.items()},
    "numpy.dtype": _dtype,
    "numpy.ndarray": _empty_array,
    **{
        f"numpy.{module}.{name}": make
        for module in ("core.multiarray", "_core.multiarray", "core.numeric", "_core.numeric")
        for name, make in _OF_NUMPY.items()
    },
}
"""Names that make plain data, by the function that makes it here; None for arguments that it does not take."""
