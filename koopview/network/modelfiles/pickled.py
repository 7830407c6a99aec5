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


@dataclass(frozen=True)
class Name:
    """A name that a pickle refers to: "argparse.Namespace". It is never imported."""

    name: str


@dataclass(eq=False)
class Foreign:
    """An object that only code could make: the name of its class, its arguments, state and items."""

    name: str
    arguments: tuple[Any, ...] = ()
    state: Any = None
    items: list[Any] = field(default_factory=list)


@dataclass(frozen=True)
class StorageHead:
    """The numbers of one or more tensors: where they stand in the file, of what type, and how many."""

    key: str
    dtype: str
    count: int


@dataclass(frozen=True)
class TensorHead:
    """A tensor without its numbers; strides and offset in numbers."""

    storage: StorageHead
    dtype: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


@dataclass(eq=False)
class Dtype:
    """A type of numpy's numbers: its code ("f8") and the order of its bytes."""

    code: str
    order: str = ""

    @property
    def numpy(self) -> np.dtype[Any]:
        """The same type, as numpy has it."""
        return np.dtype(self.order + self.code)


@dataclass(eq=False)
class ArrayData:
    """An array of numpy as a pickle holds it; see :meth:`array`."""

    dtype: Dtype | None = None
    shape: tuple[int, ...] = ()
    content: bytes = b""
    fortran: bool = False

    def fill(self, state: Any) -> None:
        """Take shape, type and bytes from a pickled state."""
        *_, self.shape, self.dtype, self.fortran, content = state
        self.content = content.encode("latin-1") if isinstance(content, str) else bytes(content)

    def array(self) -> np.ndarray:
        """Return the array; raises Unreadable if its bytes are not those that it claims."""
        dtype = self.dtype.numpy if isinstance(self.dtype, Dtype) else None
        if (
            dtype is None
            or math.prod(self.shape) * dtype.itemsize != len(self.content)
            or min(self.shape, default=0) < 0
        ):
            raise Unreadable("an array whose numbers are not those that it claims")
        return np.frombuffer(self.content, dtype).reshape(self.shape, order="F" if self.fortran else "C")
