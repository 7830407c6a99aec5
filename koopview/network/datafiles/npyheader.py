"""The head of an array in numpy's format: shape and type, before any number is read."""

import numpy as np

from koopview.network.datafiles.held_array import Stream

_LONGEST = 10_000
"""Characters of the longest head, as numpy's own reader allows."""


def npy_head(file: Stream) -> tuple[tuple[int, ...], bool, np.dtype, int]:
    """Return shape, whether the first index changes fastest, type and the place of the first number.

    Raises
    ------
    ValueError
        If the stream does not start with such a head; also SyntaxError, TypeError and others of numpy's reader.
    """
    counted = _Counted(file)
    version = np.lib.format.read_magic(counted)  # type: ignore[arg-type]
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    if version not in ((1, 0), (2, 0), (3, 0)):
        raise ValueError(f"format {version} is not known")
    shape, columnwise, dtype = read(counted, max_header_size=_LONGEST)  # type: ignore[arg-type]
    if any(length < 0 for length in shape):
        raise ValueError(f"the shape is {shape}")
    return tuple(map(int, shape)), bool(columnwise), dtype, counted.count


class _Counted:
    """A stream that counts the bytes read and gives no more of them than a head has."""

    def __init__(self, file: Stream) -> None:
        self._file, self.count = file, 0

    def read(self, count: int) -> bytes:
        if count > _LONGEST + 64:
            raise ValueError(f"a head of {count:,} bytes")
        found = self._file.read(count)
        self.count += len(found)
        return found
