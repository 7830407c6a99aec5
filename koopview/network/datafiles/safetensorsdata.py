"""Samples in a safetensors file, by the names of its tensors; its head is JSON, and no code is in it."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from koopview.errors import FileError
from koopview.network.datafiles.head import DataHead
from koopview.network.datafiles.held_array import HeldArray, Stream, opened_at
from koopview.network.datafiles.named_arrays import head_of, samples_of
from koopview.network.datafiles.parts import Parts, parts_of_arrays
from koopview.network.datafiles.samples import Asked, Samples
from koopview.network.datafiles.whole import whole_file
from koopview.network.labels import shown

_TYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "BF16": "<u2",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "i1",
    "U64": "<u8",
    "U32": "<u4",
    "U16": "<u2",
    "U8": "u1",
    "BOOL": "?",
}
_LONGEST_HEAD = 1 << 22
"""Bytes: a name, type and place for some 30,000 tensors."""


def read(path: Path, asked: Asked) -> Samples:
    """Return the Samples of a file, with its test samples if it has them."""
    with whole_file(path, asked, "safetensors file"):
        return samples_of(held_tensors(path, asked), asked, path.name)


def head(path: Path, asked: Asked) -> DataHead:
    """Return the DataHead of a file."""
    with whole_file(path, asked, "safetensors file"):
        return head_of(held_tensors(path, asked), asked, path.name, "safetensors")


def parts(path: Path, asked: Asked) -> Parts:
    """Return the Parts of a file: its inputs, some samples at a time."""
    with whole_file(path, asked, "safetensors file"):
        return parts_of_arrays(path, held_tensors(path, asked), asked)


def held_tensors(path: Path, asked: Asked) -> dict[str, HeldArray]:
    """Return the tensors of a file by name; of their numbers none is read. Raises ValueError for a broken head."""
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > size - 8:
            raise ValueError("the head is longer than the file")
        if length > _LONGEST_HEAD:
            raise FileError(
                f"{asked.what} {path} has a head of {length:,} bytes, expected at most {_LONGEST_HEAD:,}: some tensors"
            )
        head = json.loads(file.read(length))
    start, room = 8 + length, size - 8 - length
    return {name: _held(path, name, one, start, room) for name, one in head.items() if name != "__metadata__"}


def _held(path: Path, name: str, entry: Any, start: int, room: int) -> HeldArray:
    """Return the tensor of an entry of the head; raises ValueError or TypeError if it does not fit its place."""
    first, last = entry["data_offsets"]
    shape, kind = tuple(entry["shape"]), entry["dtype"]
    if not all(type(number) is int and number >= 0 for number in (first, last, *shape)):
        raise ValueError(f"{name} has no place")
    if kind not in _TYPES:
        return HeldArray(name, shape, np.dtype(object), partial(_refused, path, name, kind))
    opened = partial(opened_at, path, start + first)
    found = HeldArray(name, shape, np.dtype(_TYPES[kind]), opened, wide=kind == "BF16")
    if last > room or last - first != found.size:
        raise ValueError(f"{name} is not where its head says")
    return found


def _refused(path: Path, name: str, kind: str) -> Stream:
    raise FileError(
        f"data {path} holds {shown(name, 40)} as {shown(str(kind), 40)}, expected one of {', '.join(_TYPES)}"
    )
