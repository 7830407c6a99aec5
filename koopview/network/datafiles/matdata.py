"""Samples in a MATLAB file of version 4 to 7, by the names of its variables."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from koopview.errors import FileError
from koopview.network.datafiles import mat_version4
from koopview.network.datafiles.claims import check_unpacked
from koopview.network.datafiles.head import DataHead
from koopview.network.datafiles.held_array import HeldArray, Stream
from koopview.network.datafiles.held_memory import in_memory
from koopview.network.datafiles.mat_elements import (
    COMPRESSED,
    MATRIX,
    NUMBERS,
    Bytes,
    Matrix,
    Unpacked,
    cells_of,
    letters_of,
    matrix_of,
    tag_of,
)
from koopview.network.datafiles.named_arrays import head_of, samples_of
from koopview.network.datafiles.samples import Asked, Samples
from koopview.network.datafiles.whole import whole_file
from koopview.network.labels import shown

_HEAD = 128
_TEXTS = 1 << 25
"""Most bytes of the texts of one variable."""

_MOST = 10_000
"""Most variables."""

_WHOLE = "MATLAB file, expected one that save(FILE, ..., '-v7') wrote"


def read(path: Path, asked: Asked) -> Samples:
    """Return the Samples of a file, with its test samples if it has them."""
    with whole_file(path, asked, _WHOLE):
        return samples_of(_variables(path, asked), asked, path.name)


def head(path: Path, asked: Asked) -> DataHead:
    """Return the DataHead of a file."""
    with whole_file(path, asked, _WHOLE):
        return head_of(_variables(path, asked), asked, path.name, "MATLAB")


def _variables(path: Path, asked: Asked) -> dict[str, HeldArray]:
    """Return the variables of a file; a row of numbers is a number a sample, since MATLAB knows no vectors."""
    return {
        name: replace(one, shape=one.shape[1:]) if len(one.shape) == 2 and one.shape[0] == 1 < one.shape[1] else one
        for name, one in _arrays(path, asked).items()
    }


def _arrays(path: Path, asked: Asked) -> dict[str, HeldArray]:
    """Return the variables of a file by name; of numbers none is read, texts are."""
    with path.open("rb") as file:
        start = file.read(520)
    if b"\x89HDF\r\n\x1a\n" in start:
        raise FileError(
            f"{asked.what} {path} is a MATLAB file of version 7.3 (HDF5), expected version 7: in MATLAB, "
            "save('FILE.mat', 'x', 'y', '-v7')"
        )
    if mat_version4.is_version4(start):
        return mat_version4.variables(path)
    if start[126:128] not in (b"IM", b"MI"):
        raise ValueError("no order of bytes")
    order, found = "little" if start[126:128] == b"IM" else "big", dict[str, HeldArray]()
    place, size = _HEAD, path.stat().st_size
    while place + 8 <= size and len(found) <= _MOST:
        kind, length, _ = tag_of(Bytes(_bytes(path, place, 8)), order)
        if place + 8 + length > size:
            raise ValueError("a variable ends behind the file")
        if kind in (MATRIX, COMPRESSED) and length:
            held = _held(path, place, length if kind == COMPRESSED else None, order, asked)
            found[held.name] = held
        place += 8 + length + (0 if kind == COMPRESSED else -length % 8)
    return found


def _held(path: Path, place: int, packed: int | None, order: str, asked: Asked) -> HeldArray:
    """Return the variable at a place of a file, whose numbers are read when they are needed, and texts at once."""
    stream = _at_variable(path, place, packed, order)
    try:
        matrix = matrix_of(stream, order)
        texts = _texts(matrix, stream, order)
    finally:
        stream.close()
    if texts is not None:
        return in_memory(matrix.name, np.array(texts))
    if matrix.element not in NUMBERS or matrix.complex or matrix.kind == "char":
        kind = f"complex {matrix.kind}" if matrix.complex else matrix.kind
        return HeldArray(matrix.name, matrix.shape, np.dtype(object), partial(_refused, path, matrix.name, kind))
    dtype = np.dtype(f"{'<' if order == 'little' else '>'}{NUMBERS[matrix.element]}")
    dtype = np.dtype(bool) if matrix.logical and dtype.itemsize == 1 else dtype
    found = HeldArray(
        matrix.name, matrix.shape, dtype, partial(_numbers, path, place, packed, order), len(matrix.shape) > 1
    )
    if found.size != matrix.size:
        raise ValueError(f"{matrix.name} of shape {matrix.shape} is in {matrix.size:,} bytes")
    check_unpacked(path, found.size, asked, f"variable {shown(matrix.name, 40)}")
    return found


def _texts(matrix: Matrix, stream: Stream, order: str) -> list[str] | None:
    """Return the texts of a variable of letters or of cells of letters, None for another one."""
    if matrix.kind == "char" and matrix.size <= _TEXTS:
        return letters_of(matrix, stream, order, _TEXTS) or None
    return (cells_of(matrix, stream, order, _TEXTS) or None) if matrix.kind == "cell" else None


def _at_variable(path: Path, place: int, packed: int | None, order: str) -> Stream:
    """Return a stream behind the tag of a variable; raises ValueError if a compressed element holds something else."""
    if packed is None:
        file = path.open("rb")
        file.seek(place + 8)
        return file
    stream = Unpacked(path, place + 8, packed)
    try:
        if tag_of(stream, order)[0] != MATRIX:
            raise ValueError("no variable")
    except BaseException:
        stream.close()
        raise
    return stream


def _numbers(path: Path, place: int, packed: int | None, order: str) -> Stream:
    """Return a stream of the numbers of a variable."""
    stream = _at_variable(path, place, packed, order)
    try:
        matrix = matrix_of(stream, order)
    except BaseException:
        stream.close()
        raise
    if matrix.small:
        stream.close()
        return Bytes(matrix.small)
    return stream


def _bytes(path: Path, place: int, count: int) -> bytes:
    with path.open("rb") as file:
        file.seek(place)
        return file.read(count)


def _refused(path: Path, name: str, kind: str) -> Stream:
    raise FileError(
        f"data {path} holds {shown(name, 40)}, a {kind}, expected arrays of numbers, or cells of text as labels"
    )
