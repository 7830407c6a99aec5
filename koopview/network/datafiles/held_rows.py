"""Arrays that a library reads by rows (as Zarr's chunks), as the arrays of a file: only some rows are in memory."""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from koopview.network.datafiles.held_array import HeldArray, Stream


class ByRows(Protocol):
    """An array outside memory of which a slice along the first axis can be read."""

    shape: tuple[int, ...]
    dtype: Any

    def __getitem__(self, rows: slice, /) -> Any: ...


def held_by_rows(name: str, array: ByRows, rows: int, opened: Callable[[], ByRows]) -> HeldArray:
    """Return the HeldArray of an array of which the library reads `rows` rows at once; `opened` opens it again."""
    return HeldArray(name, tuple(array.shape), np.dtype(array.dtype), _Opener(opened, max(1, rows)))


class _Opener:
    """Opens an array again as a stream; one of a process that is sent elsewhere opens it there."""

    def __init__(self, opened: Callable[[], ByRows], rows: int) -> None:
        self._opened, self._rows = opened, rows

    def __call__(self) -> Stream:
        return _RowStream(self._opened(), self._rows)


class _RowStream:
    """The bytes of an array, one row after another; the rows that the library reads at once are kept until the next."""

    def __init__(self, array: ByRows, rows: int) -> None:
        self._array, self._rows, self._place, self._first = array, rows, 0, 0
        self._width = int(np.prod(array.shape[1:], dtype=object)) * np.dtype(array.dtype).itemsize
        self._kept = b""

    def read(self, count: int) -> bytes:
        parts, left = [], count
        while left:
            found = self._some(left)
            if not found:
                break
            parts.append(found)
            left -= len(found)
        return b"".join(parts)

    def seek(self, count: int, whence: int) -> int:
        self._place += count
        return self._place

    def close(self) -> None:
        self._kept = b""

    def _some(self, count: int) -> bytes:
        """Return some of the next bytes, at most `count`, none at the end."""
        start = self._place - self._first
        if not 0 <= start < len(self._kept):
            row = self._place // self._width // self._rows * self._rows
            self._kept = np.ascontiguousarray(self._array[row : row + self._rows]).tobytes()
            self._first, start = row * self._width, self._place - row * self._width
        found = self._kept[start : start + count]
        self._place += len(found)
        return found
