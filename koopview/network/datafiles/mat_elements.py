"""The elements of a MATLAB file of version 5 to 7, as "MAT-File Format" (The MathWorks) describes them.

scipy's reader ends the whole program (a segmentation fault) on some broken files, and reads no part of an array.
"""

import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from koopview.network.datafiles.held_array import Stream

NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
"""numpy's types by MATLAB's types of elements."""

LETTERS = {2: "latin-1", 4: "utf-16", 16: "utf-8", 17: "utf-16", 18: "utf-32"}
"""Encodings by types of elements that hold letters."""

CLASSES = {
    1: "cell",
    2: "struct",
    3: "object",
    4: "char",
    5: "sparse matrix",
    6: "double",
    7: "single",
    8: "int8",
    9: "uint8",
    10: "int16",
    11: "uint16",
    12: "int32",
    13: "uint32",
    14: "int64",
    15: "uint64",
}
"""Names of the classes of variables."""

MATRIX, COMPRESSED = 14, 15
_LOGICAL, _COMPLEX = 0x200, 0x800
_MOST_AXES = 32
_LONGEST_NAME = 1000


@dataclass(frozen=True)
class Matrix:
    """The head of a variable.

    `kind` is the name of its class; `element` the type of its numbers, `size` their bytes, which the stream it was read
    from gives next.
    """

    name: str
    shape: tuple[int, ...]
    kind: str
    logical: bool
    complex: bool
    element: int
    size: int
    small: bytes


def tag_of(stream: Stream, order: str) -> tuple[int, int, bytes]:
    """Return type and bytes of the next element; of a small one its content too, which is in the tag."""
    first = exactly(stream, 8)
    kind = _whole(first[:4], order)
    if kind >> 16:
        length = kind >> 16
        if length > 4:
            raise ValueError("a small element of more than 4 bytes")
        return kind & 0xFFFF, length, first[4 : 4 + length]
    return kind, _whole(first[4:], order), b""


def content_of(stream: Stream, order: str, most: int) -> tuple[int, bytes]:
    """Return type and content of the next element; raises ValueError if it has more than `most` bytes."""
    kind, length, small = tag_of(stream, order)
    if small or not length:
        return kind, small
    if length > most:
        raise ValueError(f"an element of {length:,} bytes")
    found = exactly(stream, length)
    exactly(stream, -length % 8)
    return kind, found


def matrix_of(stream: Stream, order: str) -> Matrix:
    """Return the Matrix behind the tag of a variable; the stream then stands at its numbers, or at its first part."""
    _, flags = content_of(stream, order, 8)
    told = _whole(flags[:4], order)
    kind = CLASSES.get(told & 0xFF, "variable of an unknown class")
    _, lengths = content_of(stream, order, 4 * _MOST_AXES)
    shape = tuple(int(one) for one in np.frombuffer(lengths, f"{'<' if order == 'little' else '>'}i4"))
    _, name = content_of(stream, order, _LONGEST_NAME)
    if min(shape, default=-1) < 0:
        raise ValueError(f"the shape is {shape}")
    plain = kind not in ("cell", "struct", "object", "sparse matrix") and kind in CLASSES.values()
    element, size, small = tag_of(stream, order) if plain else (0, 0, b"")
    return Matrix(
        name.decode("latin-1"), shape, kind, bool(told & _LOGICAL), bool(told & _COMPLEX), element, size, small
    )


def letters_of(matrix: Matrix, stream: Stream, order: str, most: int) -> list[str]:
    """Return the rows of a variable of letters; raises ValueError if it holds none or too many."""
    if matrix.size > most or len(matrix.shape) != 2 or matrix.element not in LETTERS:
        raise ValueError("no letters")
    content = matrix.small or exactly(stream, matrix.size)
    encoding = LETTERS[matrix.element]
    told = encoding if encoding in ("latin-1", "utf-8") else f"{encoding}-{'le' if order == 'little' else 'be'}"
    text, (rows, columns) = content.decode(told), matrix.shape
    if len(text) != rows * columns:
        raise ValueError("another number of letters")
    return ["".join(text[row::rows]).rstrip() for row in range(rows)] if columns else [""] * rows


def cells_of(matrix: Matrix, stream: Stream, order: str, most: int) -> list[str] | None:
    """Return the texts of a variable of cells in their order, None if a cell holds something else."""
    count = int(np.prod(matrix.shape, dtype=object))
    if count > most // 48:
        return None
    found: list[str] = []
    for _ in range(count):
        kind, content = content_of(stream, order, most)
        if kind != MATRIX or not content:
            return None
        part = Bytes(content)
        inner = matrix_of(part, order)
        if inner.kind != "char":
            return None
        found += ["".join(letters_of(inner, part, order, most))]
    return found


def exactly(stream: Stream, count: int) -> bytes:
    """Return the next bytes; raises EOFError if there are fewer."""
    found = stream.read(count) if count else b""
    if len(found) != count:
        raise EOFError("the file ends too early")
    return found


class Bytes:
    """A stream of bytes in memory."""

    def __init__(self, content: bytes) -> None:
        self._content, self._place = content, 0

    def read(self, count: int) -> bytes:
        """Return the next bytes, at most `count`."""
        start, self._place = self._place, self._place + count
        return self._content[start : self._place]

    def close(self) -> None:
        """Forget them."""
        self._content = b""


class Unpacked:
    """A stream of the content of a compressed element, which starts at a place of a file."""

    def __init__(self, path: Path, place: int, length: int) -> None:
        self._file = path.open("rb")
        self._file.seek(place)
        self._left, self._packed, self._stream = length, b"", zlib.decompressobj()

    def read(self, count: int) -> bytes:
        """Return the next bytes, `count` unless the element ends."""
        found = bytearray()
        while len(found) < count:
            if not self._packed:
                self._packed = self._file.read(min(self._left, 1 << 16))
                self._left -= len(self._packed)
            more = self._stream.decompress(self._packed, count - len(found))
            if not more and (self._stream.eof or not self._packed):
                break
            found += more
            self._packed = self._stream.unconsumed_tail
        return bytes(found)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _whole(content: bytes, order: str) -> int:
    return int.from_bytes(content, "little" if order == "little" else "big")
