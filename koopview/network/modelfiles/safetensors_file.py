"""Weights in a safetensors file, which cannot hold code; its head is read alone where nothing else is needed."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from koopview.errors import FileError
from koopview.memory import check_memory
from koopview.network.modelfiles.model_format import ModelContent

HEADER_LIMIT = 64 * 2**20
"""Most bytes of the header: 500,000 tensors."""

NAME_LIMIT = 1_000
"""Most characters of a tensor's name."""

DTYPES = {
    "F64": ("float64", 8),
    "F32": ("float32", 4),
    "F16": ("float16", 2),
    "BF16": ("bfloat16", 2),
    "I64": ("int64", 8),
    "I32": ("int32", 4),
    "I16": ("int16", 2),
    "I8": ("int8", 1),
    "U8": ("uint8", 1),
    "BOOL": ("bool", 1),
    "F8_E4M3": ("float8_e4m3fn", 1),
    "F8_E5M2": ("float8_e5m2", 1),
}
"""Types of numbers and their bytes, by the format's names."""


@dataclass(frozen=True)
class Stored:
    """A tensor in the file: its type, its shape, and its first byte."""

    dtype: str
    shape: tuple[int, ...]
    start: int
    length: int


@dataclass(frozen=True)
class Header:
    """What a file says of itself: its tensors by name, and its metadata."""

    tensors: Mapping[str, Stored]
    metadata: Mapping[str, str]


def header_of(path: Path, what: str = "model") -> Header:
    """Return the Header of a file, its claims checked against its size; raises FileError, which calls it `what`."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if not 2 <= length <= min(size - 8, HEADER_LIMIT):
                raise ValueError("no header")
            plain = json.loads(file.read(length).decode("utf-8"))
        metadata = dict(plain.pop("__metadata__", None) or {})
        tensors = {name: _stored(said, 8 + length, size) for name, said in plain.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise FileError(f"{what} {path} cannot be read, expected a whole safetensors file") from error
    longest = max(map(len, tensors), default=0)
    if longest > NAME_LIMIT:
        raise FileError(f"{what} {path} holds a name of {longest:,} characters, expected {NAME_LIMIT:,} at most")
    return Header(tensors, {key: value for key, value in metadata.items() if isinstance(value, str)})


def _stored(said: Mapping[str, Any], begin: int, size: int) -> Stored:
    """Return a tensor's place; raises ValueError if it is not within the file or not of its size."""
    dtype, item = DTYPES[said["dtype"]]
    shape, (start, end) = said["shape"], said["data_offsets"]
    whole = [*shape, start, end]
    if not all(type(one) is int and 0 <= one <= size for one in whole) or len(shape) > 64:
        raise ValueError("an impossible shape")
    if end - start != math.prod(shape) * item or begin + end > size:
        raise ValueError("other bytes than the shape needs")
    return Stored(dtype, tuple(shape), begin + start, end - start)


def read(path: Path, trust: bool, key: str | None = None) -> ModelContent:
    """Return the tensors and the metadata of a file; raises FileError or InputError."""
    import torch

    from koopview.network.modelfiles.tensors import read_bytes

    header = header_of(path)
    check_memory(2 * path.stat().st_size, f"model {path}", "a smaller network")
    tensors = {}
    with path.open("rb") as file:
        for name, one in header.tensors.items():
            try:
                held = read_bytes(file, one.start, one.length)
            except EOFError as error:
                raise FileError(f"model {path} cannot be read, expected a whole safetensors file") from error
            tensors[name] = held.view(getattr(torch, one.dtype)).reshape(one.shape)
    return ModelContent(tensors, dict(header.metadata), in_order=False)  # tensors are in alphabetical order
