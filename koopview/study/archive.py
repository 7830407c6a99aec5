"""The ``.koopview`` file: a zip of one JSON text and arrays, read without pickle, so that it can hold no code.

Members are ``study.json``, ``arrays/<type>.npy`` (all arrays of one type joined, referred to from the JSON), and other
data of a study, each under its name. Equal studies give equal bytes.
"""

import io
import json
import math
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from koopview.errors import FileError
from koopview.files import existing_file, write_whole
from koopview.memory import check_memory
from koopview.study.checking import Unfit

FORMAT = 6
TEXT = "study.json"
_EARLY_TEXT = "study.npy"
"""The member that holds the JSON text in formats 1 and 2."""

_TYPES = ("complex128", "complex64", "float64", "float32", "int64")

LARGEST_TEXT = 24 * 2**20
"""Most bytes of the JSON text: 500 results and 5,000 cells of a sweep take about 10 MiB, with any number of classes."""

MOST_PARTS = 1_000_000
"""Most lists and objects in the JSON text, each of which takes memory: those results and cells have about 300,000."""

Reference = list[Any]
"""The position of an array: its type, the index of its first number among those of that type, its shape."""


class Pool:
    """Arrays joined by type; equal arrays are stored once (cells of a sweep share singular values)."""

    def __init__(self) -> None:
        self._parts: dict[str, list[np.ndarray]] = {}
        self._ends: dict[str, int] = {}
        self._known: dict[tuple[str, tuple[int, ...], bytes], Reference] = {}

    def add(self, array: np.ndarray) -> Reference:
        """Store an array and return its Reference."""
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
        """Return the file members that hold the arrays, a dict of bytes by name."""
        return {f"arrays/{kind}.npy": npy_bytes(np.concatenate(parts)) for kind, parts in self._parts.items()}


@dataclass(frozen=True, eq=False)
class Archive:
    """An opened study file: its JSON text, and its members, each read on first use.

    It holds the bytes of the file as they were when it was opened: saving over the file changes nothing here.
    """

    path: Path
    text: dict[str, Any]
    _file: zipfile.ZipFile
    _arrays: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def names(self) -> set[str]:
        """Names of the members."""
        return set(self._file.namelist())

    def member(self, name: str) -> bytes:
        """Return the bytes of a member; raises FileError if it is missing or broken."""
        try:
            return self._file.read(name)
        except Exception as error:  # zlib and zipfile raise many types for a broken file
            raise broken(self.path) from error

    def array(self, reference: Any) -> np.ndarray:
        """Return an array of the pool, or of a member that formats 1 and 2 name; raises Unfit, FileError."""
        if type(reference) is str and reference in self.names:
            return self._members_array(reference)
        if type(reference) is not list or len(reference) != 3 or reference[0] not in _TYPES:
            raise Unfit(reference, "where an array is")
        kind, start, shape = reference
        counts = [start, *shape] if type(shape) is list else [None]
        if not all(type(count) is int and 0 <= count < 2**40 for count in counts):
            raise Unfit(reference, "where an array is")
        pool, size = self._members_array(f"arrays/{kind}.npy"), math.prod(shape)
        if pool.dtype != kind or pool.ndim != 1 or start + size > len(pool):
            raise Unfit(reference, "where an array is, inside the file's numbers")
        return pool[start : start + size].reshape(shape)

    def _members_array(self, name: str) -> np.ndarray:
        if name not in self._arrays:
            try:
                self._arrays[name] = npy_array(self.member(name))
            except ValueError as error:
                raise broken(self.path) from error
        return self._arrays[name]


def write_archive(path: Path, text: Mapping[str, Any], members: Mapping[str, bytes]) -> None:
    """Write a study file, completely or not at all; raises FileError."""
    content = io.BytesIO()
    all_members = {TEXT: json.dumps({"format": FORMAT, **text}).encode(), **members}
    with zipfile.ZipFile(content, "w") as file:
        for name, data in all_members.items():
            file.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED, compresslevel=4)
    write_whole(path, content.getvalue(), "study")


def read_archive(path: Path) -> Archive:
    """Return the Archive of a study file, its text parsed; raises FileError with one sentence for any fault."""
    existing_file(path, "study", "a .koopview file")
    check_memory(path.stat().st_size, f"study {path}", "a smaller file")
    try:
        file = zipfile.ZipFile(io.BytesIO(path.read_bytes()))
        size = sum(member.file_size for member in file.infolist())
    except Exception as error:
        raise broken(path) from error
    check_memory(2 * size, f"study {path}", "a smaller file")
    try:
        text = _parsed(file, path)
    except FileError:
        raise
    except Exception as error:  # also if JSON is nested too deeply
        raise broken(path) from error
    _check_format(text.get("format") if type(text) is dict else None, path)
    return Archive(path, text, file)


def _parsed(file: zipfile.ZipFile, path: Path) -> Any:
    """Return the JSON value of a file's text after a check that it is not too large."""
    names = file.namelist()
    name = TEXT if TEXT in names else _EARLY_TEXT
    early = 4 if name == _EARLY_TEXT else 1  # bytes per character
    if file.getinfo(name).file_size > early * LARGEST_TEXT:
        raise _too_large(path)
    content = file.read(name)
    text = content.decode() if name == TEXT else str(npy_array(content))
    if text.count("[") + text.count("{") > MOST_PARTS:
        raise _too_large(path)
    return json.loads(text)


def npy_bytes(array: np.ndarray) -> bytes:
    """Return an array as the bytes of an NPY file."""
    content = io.BytesIO()
    np.lib.format.write_array(content, np.ascontiguousarray(array), allow_pickle=False)
    return content.getvalue()


def npy_array(content: bytes) -> np.ndarray:
    """Return the array in the bytes of an NPY file; refuse Python objects, or a shape larger than the content."""
    file = io.BytesIO(content)
    version = np.lib.format.read_magic(file)
    read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    try:
        shape, _, dtype = read_header(file)
    except Exception as error:  # numpy takes a broken header apart as Python's own words, which raises many types
        raise ValueError("no header of an array") from error
    if dtype.hasobject or math.prod(shape) * dtype.itemsize > len(content):
        raise ValueError(f"an array of shape {shape} in {len(content)} bytes")
    file.seek(0)
    array: np.ndarray = np.lib.format.read_array(file, allow_pickle=False)
    return array


def broken(path: Path) -> FileError:
    """Return the FileError for a study file that is broken."""
    return FileError(f"study {path} cannot be read, expected a whole study that KoopView saved")


def _too_large(path: Path) -> FileError:
    return FileError(f"study {path} holds more than a study can, expected one that KoopView saved")


def _check_format(found: Any, path: Path) -> None:
    if type(found) is int and 1 <= found <= FORMAT:
        return
    if type(found) is int and found > FORMAT:
        raise FileError(
            f"study {path} has format {found} of a newer KoopView, expected {FORMAT} at most: install the newer one"
        )
    raise broken(path)
