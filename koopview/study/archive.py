"""The ``.koopview`` file: a zip of one JSON text and arrays, read without pickle, so that no code can be inside.

Members are ``study.json``, ``arrays/<type>.npy`` (all arrays of one type behind each other, referred to from the JSON)
and whatever else a study needs, each under its name. Equal studies give equal bytes.
"""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from koopview.errors import FileError
from koopview.files import existing_file, write_whole
from koopview.memory import check_memory

FORMAT = 4
_TYPES = ("complex128", "float64", "float32", "int64")

Reference = list[Any]
"""Where an array is: its type, its place among the numbers of that type, its shape."""


class Pool:
    """Arrays of a few types behind each other; equal ones are kept once (cells of a sweep share singular values)."""

    def __init__(self) -> None:
        self._parts: dict[str, list[np.ndarray]] = {}
        self._ends: dict[str, int] = {}
        self._known: dict[tuple[str, tuple[int, ...], bytes], Reference] = {}

    def add(self, array: np.ndarray) -> Reference:
        """Keep an array and return the reference under which it is found again."""
        kind = array.dtype.name
        if kind not in _TYPES:
            raise TypeError(f"arrays of {kind} are not kept, expected one of {', '.join(_TYPES)}")
        key = (kind, array.shape, array.tobytes())
        if key not in self._known:
            start = self._ends.get(kind, 0)
            self._known[key] = [kind, start, list(array.shape)]
            self._parts.setdefault(kind, []).append(array.ravel())
            self._ends[kind] = start + array.size
        return self._known[key]

    def members(self) -> dict[str, bytes]:
        """Return the members that hold the arrays."""
        return {f"arrays/{kind}.npy": npy_bytes(np.concatenate(parts)) for kind, parts in self._parts.items()}


class Archive:
    """An open study file."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self._arrays: dict[str, np.ndarray] = {}
        self.text: dict[str, Any] = json.loads(file.read("study.json"))

    @property
    def names(self) -> set[str]:
        """Names of the members."""
        return set(self._file.namelist())

    def member(self, name: str) -> bytes:
        """Return the bytes of a member."""
        return self._file.read(name)

    def array(self, reference: Reference) -> np.ndarray:
        """Return an array of the pool."""
        kind, start, shape = reference
        if kind not in self._arrays:
            self._arrays[kind] = npy_array(self.member(f"arrays/{kind}.npy"))
        return self._arrays[kind][start : start + int(np.prod(shape))].reshape(shape)


def write_archive(path: Path, text: Mapping[str, Any], members: Mapping[str, bytes]) -> None:
    """Write a study file, whole or not at all; raises FileError."""
    content = io.BytesIO()
    all_members = {"study.json": json.dumps({"format": FORMAT, **text}).encode(), **members}
    with zipfile.ZipFile(content, "w") as file:
        for name, data in all_members.items():
            file.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED, compresslevel=4)
    write_whole(path, content.getvalue(), "study")


@contextmanager
def reading(path: Path) -> Iterator[Archive]:
    """Open a study file; whatever is wrong with it, then or inside, is a FileError of one sentence."""
    existing_file(path, "study", "a .koopview file")
    try:
        with zipfile.ZipFile(path) as file:
            size = sum(member.file_size for member in file.infolist())
    except Exception as error:
        raise _broken(path) from error
    check_memory(2 * size, f"study {path}", "a smaller file")
    try:
        with zipfile.ZipFile(path) as file:
            archive = Archive(file)
            _check_format(archive.text["format"], path)
            yield archive
    except FileError:
        raise
    except Exception as error:  # zlib, zipfile, numpy and json each stumble in their own way over a broken file
        raise _broken(path) from error


def npy_bytes(array: np.ndarray) -> bytes:
    """Return an array as the bytes of an NPY file."""
    content = io.BytesIO()
    np.lib.format.write_array(content, np.ascontiguousarray(array), allow_pickle=False)
    return content.getvalue()


def npy_array(content: bytes) -> np.ndarray:
    """Return the array in the bytes of an NPY file; Python objects are refused."""
    array: np.ndarray = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    return array


def _check_format(found: Any, path: Path) -> None:
    if found != FORMAT:
        newer = isinstance(found, int) and found > FORMAT
        by = "a newer KoopView" if newer else "an older KoopView"
        raise FileError(f"study {path} has format {found} of {by}, expected {FORMAT}")


def _broken(path: Path) -> FileError:
    return FileError(f"study {path} cannot be read, expected a whole study that KoopView saved")
