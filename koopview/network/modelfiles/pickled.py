"""What a pickle holds, as plain data: tensors without their numbers, and objects that are only described."""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

NUMBERS = {
    "float32": 4,
    "float64": 8,
    "float16": 2,
    "bfloat16": 2,
    "int64": 8,
    "int32": 4,
    "int16": 2,
    "int8": 1,
    "uint8": 1,
    "bool": 1,
    "complex64": 8,
    "complex128": 16,
    "float8_e4m3fn": 1,
    "float8_e5m2": 1,
}
"""Types of torch's numbers, and their bytes."""

STORAGES = {
    "FloatStorage": "float32",
    "DoubleStorage": "float64",
    "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16",
    "LongStorage": "int64",
    "IntStorage": "int32",
    "ShortStorage": "int16",
    "CharStorage": "int8",
    "ByteStorage": "uint8",
    "BoolStorage": "bool",
    "ComplexFloatStorage": "complex64",
    "ComplexDoubleStorage": "complex128",
    "UntypedStorage": "uint8",
}


class Unreadable(ValueError):  # noqa: N818 - said of a pickle
    """A pickle that is broken, or does what no file of weights does; the text says what."""


class NoPickle(Unreadable):
    """Bytes that are no whole pickle."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name that a pickle refers to: "argparse.Namespace". It is never imported."""

    name: str


@dataclass(eq=False, slots=True)
class Foreign:
    """An object that only code could make: the name of its class, its arguments, state and items."""

    name: str
    arguments: tuple[Any, ...] = ()
    state: Any = None
    items: list[Any] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class StorageHead:
    """The numbers of one or more tensors: where they stand in the file, of what type, and how many."""

    key: str
    dtype: str
    count: int


@dataclass(frozen=True, slots=True)
class TensorHead:
    """A tensor without its numbers; strides and offset in numbers."""

    storage: StorageHead
    dtype: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


@dataclass(eq=False, slots=True)
class Dtype:
    """A type of numpy's numbers: its code ("f8") and the order of its bytes."""

    code: str
    order: str = ""

    @property
    def numpy(self) -> np.dtype[Any]:
        """The same type, as numpy has it."""
        return np.dtype(self.order + self.code)


@dataclass(eq=False, slots=True)
class ArrayData:
    """An array of numpy as a pickle holds it; see :meth:`array`."""

    dtype: Dtype | None = None
    shape: tuple[int, ...] = ()
    content: bytes = b""
    fortran: bool = False

    def fill(self, state: Any) -> None:
        """Take shape, type and bytes from a pickled state; an array of objects stays empty."""
        _, shape, dtype, fortran, content = state
        self.shape, self.dtype, self.fortran = whole_lengths(shape), dtype, fortran is True
        if isinstance(content, str):
            content = content.encode("latin-1")
        if not isinstance(content, (bytes, bytearray)) or not isinstance(dtype, Dtype):
            self.dtype = None
            return
        if math.prod(self.shape) * dtype.numpy.itemsize != len(content):
            raise Unreadable("an array whose numbers are not those that it claims")
        self.content = bytes(content)

    @property
    def is_numeric(self) -> bool:
        """Whether it holds numbers."""
        return self.dtype is not None

    def array(self) -> np.ndarray:
        """Return the array; raises Unreadable if it has no numbers."""
        if self.dtype is None:
            raise Unreadable("an array without numbers")
        numbers = np.frombuffer(self.content, self.dtype.numpy)
        return numbers.reshape(self.shape, order="F" if self.fortran else "C")


@dataclass(frozen=True, slots=True)
class StrangeTensor:
    """A tensor of numbers that no layer can use: "sparse numbers", "quantized numbers"."""

    what: str
    shape: tuple[int, ...]


LARGEST = 1 << 62
"""No length, step or count is larger: products of a few stay quick."""


def whole_lengths(value: Any) -> tuple[int, ...]:
    """Return a shape, a tuple of at most 64 whole numbers; raises Unreadable for anything else."""
    listed = isinstance(value, (tuple, list)) and len(value) <= 64
    if not listed or not all(type(one) is int and 0 <= one < LARGEST for one in value):
        raise Unreadable("a tensor of an impossible shape")
    return tuple(value)
