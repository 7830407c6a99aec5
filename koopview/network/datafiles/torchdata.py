"""Samples in a PyTorch file: tensors by name, a pair (x, y), or a TensorDataset; nothing is run, no torch here."""

import zipfile
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from koopview.errors import FileError
from koopview.memory import check_memory
from koopview.network.datafiles.claims import check_unpacked
from koopview.network.datafiles.head import DataHead
from koopview.network.datafiles.held_array import HeldArray, Stream
from koopview.network.datafiles.held_memory import in_memory, stream_of
from koopview.network.datafiles.named_arrays import head_of, samples_of
from koopview.network.datafiles.parts import Parts, parts_of_arrays
from koopview.network.datafiles.samples import Asked, Samples
from koopview.network.datafiles.whole import whole_file
from koopview.network.labels import shown
from koopview.network.modelfiles.pickled import ArrayData, Foreign, TensorHead, Unreadable
from koopview.network.modelfiles.pytorch_archive import Archive, Numbers, archive_of, storage_bytes

WAY_OUT = "expected tensors by name: torch.save({'x': x, 'y': y}, FILE)"

_DATASET = "torch.utils.data.dataset.TensorDataset"
_MOST = 1000
"""Most tensors and nested names that are looked at."""


def read(path: Path, asked: Asked) -> Samples:
    """Return the Samples of a file, with its test samples if it has them."""
    with whole_file(path, asked, f"PyTorch file, {WAY_OUT}"):
        return samples_of(_arrays(path, asked), asked, path.name)


def head(path: Path, asked: Asked) -> DataHead:
    """Return the DataHead of a file."""
    with whole_file(path, asked, f"PyTorch file, {WAY_OUT}"):
        return head_of(_arrays(path, asked), asked, path.name, "PyTorch")


def parts(path: Path, asked: Asked) -> Parts:
    """Return the Parts of a file: its inputs, some samples at a time."""
    with whole_file(path, asked, f"PyTorch file, {WAY_OUT}"):
        return parts_of_arrays(path, _arrays(path, asked), asked)


def _arrays(path: Path, asked: Asked) -> dict[str, HeldArray]:
    """Return the tensors and arrays of a file by name; raises FileError for a file that holds something else."""
    try:
        archive = archive_of(path)
    except FileError as error:
        found = f"{error.__cause__}" if isinstance(error.__cause__, Unreadable) else "no whole PyTorch file"
        raise FileError(f"{asked.what} {path} holds {found}, {WAY_OUT}") from error
    if archive.scripted:
        raise FileError(f"{asked.what} {path} is a network (TorchScript), {WAY_OUT}; a model is opened as one")
    value = archive.value
    if isinstance(value, Foreign) and value.name == _DATASET:
        value = value.state.get("tensors") if isinstance(value.state, Mapping) else None
    named = dict(_named(value, ""))
    if not named:
        held = f"a {value.name}, which only code could make" if isinstance(value, Foreign) else "no tensors"
        raise FileError(f"{asked.what} {path} holds {shown(held, 100)}, {WAY_OUT}")
    return {name: _held(name, one, archive, asked) for name, one in named.items()}


def _named(value: Any, within: str) -> Iterator[tuple[str, Any]]:
    """Yield the tensors, arrays and lists of numbers or names in a value by their dotted names."""
    if isinstance(value, (TensorHead, ArrayData)):
        yield within or "x", value
    elif isinstance(value, Mapping) and len(value) <= _MOST and within.count(".") < 3:
        for key, part in value.items():
            if isinstance(key, str):
                yield from _named(part, f"{within}.{key}" if within else key)
    elif isinstance(value, (list, tuple)) and not within and len(value) in (1, 2):
        for name, part in zip(("x", "y"), value, strict=False):
            yield from _named(part, name)
    elif isinstance(value, list) and within and len({type(one) for one in value}) == 1:
        yield from [(within, value)] if isinstance(value[0], (bool, int, float, str)) else ()


def _held(name: str, value: Any, archive: Archive, asked: Asked) -> HeldArray:
    """Return a tensor, an array or a list as an array of a file."""
    if isinstance(value, TensorHead):
        return _tensor(name, value, archive, asked)
    return in_memory(name, value.array() if isinstance(value, ArrayData) else np.array(value))


def _tensor(name: str, head: TensorHead, archive: Archive, asked: Asked) -> HeldArray:
    """Return a tensor, whose numbers are read when they are needed."""
    wide = head.dtype == "bfloat16"
    if not (wide or hasattr(np, head.dtype)) or head.dtype != head.storage.dtype:
        return HeldArray(name, head.shape, np.dtype(object), partial(_refused, archive.path, name, head.dtype))
    dtype = np.dtype("u2" if wide else head.dtype).newbyteorder("<" if archive.little else ">")
    place = storage_bytes(archive, head.storage)
    check_unpacked(archive.path, place.length, asked, f"tensor {shown(name, 40)}")
    if head.strides == _steps(head.shape) or 0 in head.shape:
        opened = partial(_opened, archive, place, head.offset * dtype.itemsize)
    else:
        opened = partial(_gathered, archive, place, head, dtype, asked)
    return HeldArray(name, head.shape, dtype, opened, wide=wide)


def _steps(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the strides of a tensor whose numbers stand one after the other."""
    return tuple(int(np.prod(shape[axis + 1 :], dtype=object)) for axis in range(len(shape)))


def _opened(archive: Archive, place: Numbers, skipped: int) -> Stream:
    """Return a stream of a storage's bytes, from some place on."""
    if not place.member:
        file = archive.path.open("rb")
        file.seek(place.start + skipped)
        return file
    with zipfile.ZipFile(archive.path) as packed:
        stream = packed.open(place.member)  # keeps the file open on its own
        stream.seek(skipped)
        return stream


def _gathered(archive: Archive, place: Numbers, head: TensorHead, dtype: np.dtype, asked: Asked) -> Stream:
    """Return a stream of the numbers of a tensor that stand in another order in the file (a transposed one)."""
    check_memory(2 * place.length, f"{asked.what} {archive.path}", "a smaller file")
    stream = _opened(archive, place, 0)
    try:
        numbers = np.frombuffer(stream.read(place.length), dtype)
    finally:
        stream.close()
    steps = tuple(step * dtype.itemsize for step in head.strides)
    return stream_of(np.ascontiguousarray(np.lib.stride_tricks.as_strided(numbers[head.offset :], head.shape, steps)))


def _refused(path: Path, name: str, kind: str) -> Stream:
    raise FileError(f"data {path} holds {shown(name, 40)} as {kind}, expected float32 or another usual kind of numbers")
