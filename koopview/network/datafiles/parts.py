"""Inputs that are read some samples at a time, so that memory does not grow with their number."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Protocol

import numpy as np

from koopview.errors import InputError
from koopview.network.data import checked_inputs
from koopview.network.datafiles.choice import chosen
from koopview.network.datafiles.held_array import HeldArray, Stream
from koopview.network.datafiles.named_arrays import Arrays, side_by_side
from koopview.network.datafiles.samples import Asked

Rows = Callable[[int, int], np.ndarray]
"""Returns the samples from a start to before a stop; can be pickled, and then opens its file where it is called."""

_SEEN = 32
"""Samples that a fingerprint reads."""


@dataclass(frozen=True, eq=False)
class Parts:
    """Inputs (samples, ...) that are read some samples at a time.

    Attributes
    ----------
    name : str
    shape : tuple of int
        Samples first.
    rows : Rows
    files : tuple of path
        What the samples are read from, by whoever reads them; empty for those of a Python object.
    channels : "first" or "last"
        "last" turns pictures (samples, rows, columns, channels) into (samples, channels, rows, columns).
    """

    name: str
    shape: tuple[int, ...]
    rows: Rows
    files: tuple[Path, ...] = ()
    channels: str = "first"

    def __len__(self) -> int:
        """Return the number of samples."""
        return self.shape[0]

    def read(self, start: int, stop: int) -> np.ndarray:
        """Return the samples from `start` to before `stop`, float32 (stop - start, ...).

        Raises
        ------
        FileError
            If the file is gone or broken.
        InputError
            For what is no finite number.
        """
        found = checked_inputs(self.rows(start, stop), f"{self.name}: inputs from sample {start} on")
        return np.ascontiguousarray(np.moveaxis(found, -1, 1)) if self.channels == "last" else found

    def fingerprint(self) -> str:
        """Return a hash of shape, channels, files (their sizes and times) and some samples, a str.

        Another content has another one, unless the files' sizes and times and all samples that are looked at agree.
        """
        digest = hashlib.blake2b(repr((self.shape, self.channels)).encode(), digest_size=16)
        for path in self.files:
            for one in sorted(path.rglob("*")) if path.is_dir() else [path]:
                state = one.stat()
                digest.update(f"{one.name} {state.st_size} {state.st_mtime_ns}\n".encode())
        for index in np.unique(np.linspace(0, len(self) - 1, _SEEN).astype(int)).tolist():
            digest.update(self.rows(index, index + 1).tobytes())
        return digest.hexdigest()


class PartsReader(Protocol):
    """A module that reads some samples of a format at a time."""

    def parts(self, path: Path, asked: Asked) -> Parts:
        """Return the Parts of a file or folder; raises FileError or InputError."""


def parts_of_arrays(path: Path, arrays: Arrays, asked: Asked) -> Parts:
    """Return the Parts of a file's arrays: the inputs asked for, or those with usual names; raises InputError."""
    alone = len(arrays) == 1 and asked.keys is None
    held = [arrays[one] for one in (arrays if alone else chosen(arrays, asked, path.name).inputs)]
    counts = {one.name: one.samples for one in held}
    if len(set(counts.values())) > 1:
        raise InputError(f"{asked.what} {path} has {counts} samples, expected as many in each array of inputs")
    rows = _SideBySide(tuple(_Onward(one) for one in held))
    first = rows(0, min(1, held[0].samples))
    return Parts(path.name, (held[0].samples, *first.shape[1:]), rows, (path,))


def joined_parts(name: str, found: Sequence[Parts]) -> Parts:
    """Return the Parts of several files, one after another, as those of one; raises InputError where shapes differ."""
    shape = found[0].shape[1:]
    for one in found:
        if one.shape[1:] != shape:
            raise InputError(
                f"{name}: {one.name} has samples of shape {one.shape[1:]}, expected {shape} as {found[0].name} has"
            )
    stops = tuple(accumulate(len(one) for one in found))
    rows = _OneAfterAnother(tuple(found), stops)
    return Parts(name, (stops[-1], *shape), rows, tuple(path for one in found for path in one.files))


class _Onward:
    """Samples of an array in a file, which stays open: asked for in their order, packed numbers are unpacked once.

    Sent to another process, it opens the file there.
    """

    def __init__(self, array: HeldArray) -> None:
        self._array, self._at = array, 0
        self._stream: Stream | None = None

    def __call__(self, start: int, stop: int) -> np.ndarray:
        if self._stream is None or start < self._at:
            self.close()
            self._stream, self._at = self._array.open(), 0
        skipped, self._at = start - self._at, stop
        return self._array.next_samples(self._stream, skipped, stop - start)

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()
        self._stream = None

    def __reduce__(self) -> tuple[type["_Onward"], tuple[HeldArray]]:
        return _Onward, (self._array,)


@dataclass(frozen=True, eq=False)
class _SideBySide:
    """Samples of arrays side by side."""

    arrays: tuple[_Onward, ...]

    def __call__(self, start: int, stop: int) -> np.ndarray:
        return side_by_side([one(start, stop) for one in self.arrays])


@dataclass(frozen=True, eq=False)
class _OneAfterAnother:
    """Samples of files one after another; `stops` are the numbers of samples up to the end of each."""

    files: tuple[Parts, ...]
    stops: tuple[int, ...]

    def __call__(self, start: int, stop: int) -> np.ndarray:
        found = []
        for one, end in zip(self.files, self.stops, strict=True):
            begin = end - len(one)
            if start < end and stop > begin:
                found.append(one.rows(max(start, begin) - begin, min(stop, end) - begin))
        return np.concatenate(found)
