"""An array in a file: its name, shape and type known from the file's head, its numbers read block by block."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from koopview.errors import InputError
from koopview.network.datafiles.drawing import Rows, picked
from koopview.progress import Progress

BLOCK = 1 << 23
"""Bytes that are read at once."""

FIRST = 8
"""Samples that a head shows."""

_BOUND = 1 << 26
"""Bytes that a head reads at most."""


class Stream(Protocol):
    """A stream of bytes."""

    def read(self, count: int, /) -> bytes:
        """Return the next bytes, at most `count`."""

    def close(self) -> None:
        """End it."""


def opened_at(path: Path, place: int) -> Stream:
    """Return a file as a Stream that begins at a place."""
    file = path.open("rb")
    file.seek(place)
    return file


@dataclass(frozen=True, eq=False)
class HeldArray:
    """An array in a file.

    Attributes
    ----------
    name : str
    shape : tuple of int
        Samples first.
    dtype : dtype
        Of the numbers in the file.
    open : callable
        Returns a Stream of the numbers' bytes.
    columnwise : bool
        Whether the first index changes fastest in the file (Fortran order).
    wide : bool
        Whether the numbers are bfloat16, held as whole numbers of 16 bits.
    """

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype
    open: Callable[[], Stream]
    columnwise: bool = False
    wide: bool = False

    @property
    def size(self) -> int:
        """Bytes of the numbers."""
        return int(np.prod(self.shape, dtype=object)) * self.dtype.itemsize

    @property
    def samples(self) -> int:
        """Number of samples, 1 of a single number."""
        return self.shape[0] if self.shape else 1

    @property
    def numbers(self) -> int:
        """Numbers of a sample."""
        return int(np.prod(self.shape[1:], dtype=object))

    @property
    def kind(self) -> str:
        """Kind of the numbers, as a head shows it."""
        names = {"U": "text", "S": "text", "O": "Python objects", "V": "records"}
        return "bfloat16" if self.wide else names.get(self.dtype.kind, str(self.dtype))

    def read(self, rows: Rows, progress: Progress) -> np.ndarray:
        """Return rows of the array, float32 instead of float64 where some are left out; EOFError if the file ends."""
        if self.columnwise and len(self.shape) > 1:
            return self._read_columns(rows, progress)
        blocks = self._blocks(self.samples, self.numbers, progress)
        return self._filled(blocks, rows).reshape((-1, *self.shape[1:]) if self.shape else ())

    def next_samples(self, stream: Stream, skipped: int, count: int) -> np.ndarray:
        """Return the next `count` samples of an opened stream after `skipped` ones, in the file's precision.

        Those skipped are not read where the file can be sought in. Raises EOFError if the file ends, InputError for an
        array of which the file holds one column after another.
        """
        if self.columnwise and len(self.shape) > 1:
            raise InputError(
                f"array {self.name} is held one column after another, expected one sample after another: "
                "numpy.ascontiguousarray(x) before it is saved"
            )
        width = self.numbers * self.dtype.itemsize
        _skip(stream, skipped * width)
        block = np.frombuffer(_exactly(stream, count * width), self.dtype)
        return (_widened(block) if self.wide else block).reshape((count, *self.shape[1:]))

    def first(self) -> np.ndarray | None:
        """Return the first few samples, None if they are too far apart in the file, or too large."""
        count = min(FIRST, self.samples)
        if self.columnwise and len(self.shape) > 1:
            return self.read(np.arange(count), lambda share, text: None) if self.size <= _BOUND else None
        while count > 1 and count * self.numbers * self.dtype.itemsize > _BOUND:
            count //= 2
        if not self.shape or count * self.numbers * self.dtype.itemsize > _BOUND:
            return None
        blocks = self._blocks(count, self.numbers, lambda share, text: None)
        return self._filled(blocks, None, count).reshape((count, *self.shape[1:]))

    def _filled(self, blocks: Iterator[np.ndarray], rows: Rows, count: int | None = None) -> np.ndarray:
        """Return rows (rows, numbers) of consecutive blocks."""
        if rows is None:
            whole = np.empty((self.samples if count is None else count, self.numbers), self._kept_type(False))
            start = 0
            for block in blocks:
                whole[start : start + len(block)] = block
                start += len(block)
            return whole
        return picked(blocks, rows, np.empty((len(rows), self.numbers), self._kept_type(True)))

    def _read_columns(self, rows: Rows, progress: Progress) -> np.ndarray:
        """Return rows of an array whose first index changes fastest: the file holds one column after another."""
        count = self.samples if rows is None else len(rows)
        turned = np.empty((self.numbers, count), self._kept_type(rows is not None))
        start = 0
        for block in self._blocks(self.numbers, self.samples, progress):
            turned[start : start + len(block)] = block if rows is None else block[:, rows]
            start += len(block)
        return np.ascontiguousarray(turned.reshape((*self.shape[:0:-1], count)).T)

    def _kept_type(self, drawn: bool) -> np.dtype:
        large = self.wide or (drawn and self.dtype.kind == "f")
        return np.dtype(np.float32) if large else self.dtype.newbyteorder("=")

    def _blocks(self, rows: int, numbers: int, progress: Progress) -> Iterator[np.ndarray]:
        """Yield the array's numbers as consecutive blocks (some rows, numbers)."""
        width = numbers * self.dtype.itemsize
        step = max(1, BLOCK // max(width, 1))
        stream = self.open()
        try:
            for start in range(0, rows if width else 0, step):
                progress(start / rows, f"Reading {self.name}")
                count = min(step, rows - start)
                block = np.frombuffer(_exactly(stream, count * width), self.dtype).reshape(count, numbers)
                yield _widened(block) if self.wide else block
        finally:
            stream.close()


def _widened(block: np.ndarray) -> np.ndarray:
    """Return bfloat16 numbers, held as whole numbers of 16 bits, as float32."""
    return (block.astype(np.uint32) << 16).view(np.float32)


def _skip(stream: Stream, count: int) -> None:
    """Pass over the next `count` bytes of a stream."""
    seek = getattr(stream, "seek", None)
    if seek is not None:
        seek(count, os.SEEK_CUR)
        return
    for start in range(0, count, BLOCK):
        _exactly(stream, min(BLOCK, count - start))


def _exactly(stream: Stream, count: int) -> bytes | bytearray:
    """Return the next `count` bytes; raises EOFError if there are fewer."""
    found = stream.read(count)
    if len(found) == count:
        return found
    parts = bytearray(found)
    while len(parts) < count:
        more = stream.read(count - len(parts))
        if not more:
            raise EOFError(f"the file ends {count - len(parts):,} bytes too early")
        parts += more
    return parts
