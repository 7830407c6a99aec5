"""Samples in a MATLAB file of version 4 to 7, by the names of its variables."""

import zlib
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from koopview.errors import FileError
from koopview.memory import check_memory
from koopview.network.datafiles.claims import LARGE, RATIO, check_unpacked
from koopview.network.datafiles.head import DataHead
from koopview.network.datafiles.held_array import HeldArray, Stream
from koopview.network.datafiles.held_memory import in_memory, read_later
from koopview.network.datafiles.named_arrays import head_of, samples_of
from koopview.network.datafiles.samples import Asked, Samples
from koopview.network.datafiles.whole import whole_file

_TYPES = {
    "double": "f8",
    "single": "f4",
    "int8": "i1",
    "int16": "i2",
    "int32": "i4",
    "int64": "i8",
    "uint8": "u1",
    "uint16": "u2",
    "uint32": "u4",
    "uint64": "u8",
    "logical": "?",
}
_SMALL = 1 << 26
"""Bytes of the largest file whose names of classes (cells of text) are read."""

_COMPRESSED = 15
"""The type of a compressed element."""


def read(path: Path, asked: Asked) -> Samples:
    """Return the Samples of a file, with its test samples if it has them."""
    with whole_file(path, asked, "MATLAB file, expected one that save(FILE, ..., '-v7') wrote"):
        return samples_of(_arrays(path, asked), asked, path.name)


def head(path: Path, asked: Asked) -> DataHead:
    """Return the DataHead of a file."""
    with whole_file(path, asked, "MATLAB file, expected one that save(FILE, ..., '-v7') wrote"):
        return head_of(_arrays(path, asked), asked, path.name, "MATLAB")


def _arrays(path: Path, asked: Asked) -> dict[str, HeldArray]:
    """Return the variables of a file by name; of numbers none is read."""
    from scipy.io import whosmat

    with path.open("rb") as file:
        start = file.read(520)
    if b"\x89HDF\r\n\x1a\n" in start:
        raise FileError(
            f"{asked.what} {path} is a MATLAB file of version 7.3 (HDF5), expected version 7: in MATLAB, "
            "save('FILE.mat', 'x', 'y', '-v7')"
        )
    _check_packed(path, asked)
    return {name: _held(path, name, shape, kind, asked) for name, shape, kind in whosmat(str(path))}


def _held(path: Path, name: str, shape: tuple[int, ...], kind: str, asked: Asked) -> HeldArray:
    """Return a variable; of a kind that holds no numbers one that cannot be read."""
    shape = tuple(map(int, shape))
    if kind in ("cell", "char") and path.stat().st_size <= _SMALL:
        texts = _texts(_loaded(path, name, asked))
        if texts is not None:
            return in_memory(name, texts)
    if kind not in _TYPES:
        return HeldArray(name, shape, np.dtype(object), partial(_refused, path, name, kind))
    return read_later(name, shape, np.dtype(_TYPES[kind]), partial(_loaded, path, name, asked))


def _loaded(path: Path, name: str, asked: Asked) -> np.ndarray:
    """Return one variable of a file."""
    from scipy.io import loadmat

    check_memory(2 * path.stat().st_size, f"{asked.what} {path}", "a smaller file")
    found: Any = loadmat(str(path), variable_names=[name], mat_dtype=True)[name]
    return np.asarray(found)


def _texts(array: np.ndarray) -> np.ndarray | None:
    """Return the texts (samples,) of cells or of rows of letters, None if a cell holds something else."""
    if array.dtype.kind == "U":
        return np.char.rstrip(array.reshape(-1)) if array.size else None
    cells = list(array.reshape(-1)) if array.dtype.kind == "O" else []
    texts = [
        str(one.reshape(-1)[0])
        for one in cells
        if isinstance(one, np.ndarray) and one.dtype.kind == "U" and one.size == 1
    ]
    return np.array(texts) if texts and len(texts) == len(cells) else None


def _check_packed(path: Path, asked: Asked) -> None:
    """Raise FileError if the compressed elements of a file unpack to far more than its size."""
    size = path.stat().st_size
    if size * 1040 < LARGE:  # no stream unpacks to more
        return
    most, unpacked = max(LARGE, RATIO * size), 0
    with path.open("rb") as file:
        order = "little" if file.read(128)[126:] == b"IM" else "big"
        while len(tag := file.read(8)) == 8:
            kind, length = (int.from_bytes(tag[at : at + 4], order) for at in (0, 4))  # type: ignore[arg-type]
            if kind != _COMPRESSED:
                file.seek(length, 1)
                continue
            stream, left = zlib.decompressobj(), length
            while left > 0 and unpacked <= most and (packed := file.read(min(left, 1 << 16))):
                left -= len(packed)
                while packed and unpacked <= most:
                    unpacked += len(stream.decompress(packed, 1 << 20))
                    packed = stream.unconsumed_tail
            check_unpacked(path, unpacked, asked)


def _refused(path: Path, name: str, kind: str) -> Stream:
    raise FileError(f"data {path} holds {name}, a {kind}, expected arrays of numbers, or cells of text as labels")
