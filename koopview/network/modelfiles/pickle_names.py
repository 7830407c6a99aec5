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
    StrangeTensor,
    TensorHead,
    Unreadable,
    whole_lengths,
)

MOST_ARGUMENTS = 64
"""Arguments of a call that makes plain data."""

MOST_KEY = 64
"""Entries of a tuple that is a key."""

MOST_REPEATED = 1_000_000
"""Entries of a tensor that says a number again and again instead of holding as many."""


def made(called: Any, arguments: Any) -> Any:
    """Return what a known name makes of its arguments; for any other, an object that is only described."""
    if not isinstance(called, (Name, Foreign)) or not isinstance(arguments, tuple):
        raise NoPickle("bytes that are no whole pickle")
    make = _KNOWN.get(called.name) if isinstance(called, Name) and len(arguments) <= MOST_ARGUMENTS else None
    found = None if make is None else make(*arguments)
    return Foreign(called.name, arguments) if found is None else found


def _tensor(storage: Any, offset: Any, shape: Any, strides: Any, *rest: Any) -> TensorHead | StrangeTensor:
    return _tensor_of(storage, storage.dtype, offset, shape, strides)


def _tensor_of(storage: Any, dtype: str, offset: Any, shape: Any, strides: Any) -> TensorHead | StrangeTensor:
    """Return a tensor's head; raises Unreadable unless it lies within its storage."""
    lengths, steps, (start,) = whole_lengths(shape), whole_lengths(strides), whole_lengths((offset,))
    if not isinstance(storage, StorageHead) or len(lengths) != len(steps):
        raise Unreadable("a tensor of an impossible shape")
    if "complex" in dtype:
        return StrangeTensor("complex numbers", lengths)
    held, count = storage.count * NUMBERS[storage.dtype] // NUMBERS[dtype], math.prod(lengths)
    reach = start + sum((length - 1) * step for length, step in zip(lengths, steps, strict=True))
    if count and (reach >= held or count > max(held, MOST_REPEATED)):
        raise Unreadable(f"a tensor of shape {_short(lengths)}, and numbers for {held:,} entries")
    return TensorHead(storage, dtype, start, lengths, steps)


def _short(shape: Any) -> str:
    text = " x ".join(map(str, shape))
    return text if len(text) < 60 else f"{text[:57]}..."


def _typed_tensor(
    storage: Any, offset: Any, shape: Any, strides: Any, gradient: Any, hooks: Any, dtype: Any, *rest: Any
) -> TensorHead | StrangeTensor:
    return _tensor_of(storage, dtype.name.removeprefix("torch."), offset, shape, strides)


def storage_head(said: Any) -> StorageHead:
    """Return the head of the storage that a persistent id names."""
    word, kind, key, _, count, *view = said if isinstance(said, tuple) and len(said) <= 6 else (None,) * 5
    dtype = STORAGES.get(kind.name.rpartition(".")[2]) if isinstance(kind, Name) else None
    if word != "storage" or dtype is None or not isinstance(key, str) or any(one is not None for one in view):
        raise Unreadable("numbers of a kind that no layer uses")
    return StorageHead(key, dtype, *whole_lengths((count,)))


def _scalar(dtype: Any, content: Any = b"") -> Any:
    content = _bytes(content)
    whole = isinstance(dtype, Dtype) and len(content) == dtype.numpy.itemsize
    return np.frombuffer(content, dtype.numpy)[0].item() if whole else None


def _dtype(code: Any, *rest: Any) -> Dtype | None:
    return Dtype(code) if isinstance(code, str) and re.fullmatch(r"[biufc]\d{1,2}", code) else None


def _empty_array(*said: Any) -> ArrayData:
    return ArrayData()


def _from_buffer(content: Any, dtype: Any, shape: Any, order: Any, *rest: Any) -> ArrayData:
    found = ArrayData()
    found.fill((1, shape, dtype, order == "F", content))
    return found


def _bytes(content: Any = b"", *rest: Any) -> bytes:
    """Return bytes or text as bytes; of a number Python would make as many zeros, and here nothing is made."""
    if isinstance(content, str):
        return content.encode("latin-1")
    return bytes(content) if isinstance(content, (bytes, bytearray)) else b""


def _list(values: Any = (), *rest: Any) -> list[Any]:
    return list(values) if isinstance(values, (list, tuple)) else []


def _tuple(values: Any = (), *rest: Any) -> tuple[Any, ...]:
    return tuple(_list(values))


def _device(*words: Any) -> str:
    return ":".join(str(one)[:50] for one in words if isinstance(one, (str, int)))


def _pairs(pairs: Any = (), *rest: Any) -> dict[Any, Any]:
    """Return a dict of pairs, or of another dict."""
    listed = pairs.items() if isinstance(pairs, dict) else pairs if isinstance(pairs, (list, tuple)) else ()
    return {plain_key(key): value for key, value in listed}


def _path(*parts: Any) -> str:
    return "/".join(one for one in parts if isinstance(one, str))


def _of_type(make: Any, kind: Any, arguments: Any, *rest: Any) -> Any:
    """Return a tensor that bears attributes, which are passed over; None for one of somebody's own class."""
    known = isinstance(make, Name) and make.name.startswith("torch._utils._rebuild") and make.name in _KNOWN
    own = isinstance(kind, Name) and kind.name in ("torch.Tensor", "torch.nn.parameter.Parameter")
    whole = known and own and isinstance(arguments, tuple) and len(arguments) <= MOST_ARGUMENTS
    if whole:
        return _KNOWN[make.name](*arguments)
    return Foreign(kind.name) if isinstance(kind, Name) else None


def _strange(what: str, place: int) -> Callable[..., StrangeTensor]:
    """Return a maker of tensors of strange numbers, whose shape is the argument at a place."""

    def make(*arguments: Any) -> StrangeTensor:
        shape = arguments[place]
        if what == "sparse numbers":
            shape = next((one for one in shape[:8] if isinstance(one, tuple)), ())
        return StrangeTensor(what, whole_lengths(shape))

    return make


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


_BUILT_IN: dict[str, Callable[..., Any]] = {
    "set": _list,
    "frozenset": _list,
    "list": _list,
    "dict": _pairs,
    "tuple": _tuple,
    "bytes": _bytes,
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
    "torch._utils._rebuild_qtensor": _strange("quantized numbers", 2),
    "torch._utils._rebuild_sparse_tensor": _strange("sparse numbers", 1),
    "torch._utils._rebuild_sparse_csr_tensor": _strange("sparse numbers", 1),
    "torch._utils._rebuild_meta_tensor_no_storage": _strange("no numbers", 1),
    "torch._utils._rebuild_nested_tensor": lambda *rest: StrangeTensor("nested numbers", ()),
    "torch._utils._rebuild_device_tensor_from_numpy": lambda data, *rest: data,
    "torch._tensor._rebuild_from_type_v2": _of_type,
    **{
        f"pathlib{room}.{kind}Path": _path
        for room in ("", "._local")
        for kind in ("", "Posix", "Windows", "PurePosix", "PureWindows")
    },
    "torch.Size": _tuple,
    "torch.device": _device,
    "collections.OrderedDict": _pairs,
    "collections.defaultdict": lambda *rest: {},
    "collections.Counter": _pairs,
    "collections.deque": _list,
    "_codecs.encode": _bytes,
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
