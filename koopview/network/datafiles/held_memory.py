"""Arrays that a library has read, as the arrays of a file."""

import numpy as np

from koopview.network.datafiles.held_array import HeldArray, Stream


def in_memory(name: str, array: np.ndarray) -> HeldArray:
    """Return the HeldArray of an array in memory, which is not copied if its numbers are in one piece."""
    return HeldArray(name, array.shape, array.dtype, lambda: stream_of(array), _is_columnwise(array))


def stream_of(array: np.ndarray) -> Stream:
    """Return a Stream of an array's numbers, in the order in which they are held."""
    return _MemoryStream(array)


def _is_columnwise(array: np.ndarray) -> bool:
    return array.ndim > 1 and array.flags.f_contiguous and not array.flags.c_contiguous


class _MemoryStream:
    """A stream of an array's bytes, in the order in which they are held."""

    def __init__(self, array: np.ndarray) -> None:
        turned = array.T if array.ndim > 1 and array.flags.f_contiguous else array
        self._bytes = np.ascontiguousarray(turned).reshape(-1).view(np.uint8)
        self._place = 0

    def read(self, count: int) -> bytes:
        start, self._place = self._place, self._place + count
        return self._bytes[start : self._place].tobytes()

    def seek(self, count: int, whence: int) -> int:
        self._place += count
        return self._place

    def close(self) -> None:
        self._bytes = np.empty(0, np.uint8)
