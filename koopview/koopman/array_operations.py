"""The array operations by numpy's names: what each is of, and how numpy does it."""

from collections.abc import Sequence
from copy import copy
from typing import Any, Protocol

import numpy as np


class Array(Protocol):
    """A numpy array or a torch tensor: the attributes and operators that both have."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis."""

    @property
    def ndim(self) -> int:
        """Number of axes."""

    @property
    def dtype(self) -> Any:
        """Number type, the library's own object."""

    @property
    def T(self) -> Any:  # noqa: N802 - the libraries' name
        """The transpose of a matrix, a view."""

    @property
    def mT(self) -> Any:  # noqa: N802
        """The transposes of a stack of matrices, a view."""

    def reshape(self, shape: Any, /) -> Any:
        """Return the numbers in another shape."""

    def __iter__(self) -> Any: ...
    def __len__(self) -> int: ...
    def __float__(self) -> float: ...
    def __getitem__(self, index: Any, /) -> Any: ...
    def __setitem__(self, index: Any, value: Any, /) -> None: ...
    def __add__(self, other: Any, /) -> Any: ...
    def __radd__(self, other: Any, /) -> Any: ...
    def __sub__(self, other: Any, /) -> Any: ...
    def __mul__(self, other: Any, /) -> Any: ...
    def __rmul__(self, other: Any, /) -> Any: ...
    def __truediv__(self, other: Any, /) -> Any: ...
    def __matmul__(self, other: Any, /) -> Any: ...
    def __pow__(self, other: Any, /) -> Any: ...
    def __gt__(self, other: Any, /) -> Any: ...


class Arrays:
    """The operations, by numpy's names; what torch writes differently its own class redefines.

    New arrays are float64 unless said otherwise, or of :meth:`single`.
    """

    library: Any = np
    number: Any = np.float64

    def single(self) -> "Arrays":
        """Return the same operations, whose new arrays are float32."""
        other = copy(self)
        other.number = self.library.float32
        return other

    def is_real_float(self, array: Array) -> bool:
        """Return whether the numbers are float32 or float64."""
        return array.dtype in (self.library.float32, self.library.float64)

    def is_single(self, array: Array) -> bool:
        """Return whether the numbers are float32."""
        return bool(array.dtype == self.library.float32)

    def empty(self, *shape: int) -> Array:
        """Return an uninitialised array."""
        return self.library.empty(shape, dtype=self.number)

    def empty_like(self, array: Array, count: int) -> Array:
        """Return `count` uninitialised numbers in the precision of another array."""
        return self.library.empty(count, dtype=array.dtype)

    def zeros(self, *shape: int) -> Array:
        """Return an array of zeros."""
        return self.library.zeros(shape, dtype=self.number)

    def eye(self, size: int) -> Array:
        """Return an identity matrix (size, size)."""
        return self.library.eye(size, dtype=self.number)

    def ones_like(self, array: Array) -> Array:
        """Return an array of ones, in the shape and precision of another."""
        return self.library.ones_like(array)

    def asarray(self, numbers: Any, dtype: Any = None) -> Array:
        """Return numbers of any library as an array of this library, in float64 or as `dtype`."""
        return self.library.asarray(as_numpy(numbers), dtype=dtype or self.number)

    def float64(self, array: Array) -> Array:
        """Return the array in float64, without a copy if it is already."""
        return self.library.asarray(array, dtype=self.library.float64)

    def float32(self, array: Array) -> Array:
        """Return the array in float32, without a copy if it is already."""
        return self.library.asarray(array, dtype=self.library.float32)

    def complex128(self, array: Array) -> Array:
        """Return the array in complex128, without a copy if it is already."""
        return self.library.asarray(array, dtype=self.library.complex128)

    def copy(self, array: Array) -> Array:
        """Return a copy of an array."""
        return self.library.array(array)

    def concat(self, arrays: Sequence[Array], axis: int) -> Array:
        """Return arrays joined along an axis."""
        return self.library.concatenate(arrays, axis)

    def stack(self, arrays: Sequence[Array], axis: int) -> Array:
        """Return arrays of one shape side by side along a new axis."""
        return self.library.stack(arrays, axis)

    def permute(self, array: Array, axes: tuple[int, ...]) -> Array:
        """Return an array with its axes in another order, a view."""
        return self.library.transpose(array, axes)

    def flip(self, array: Array, axis: int) -> Array:
        """Return an array reversed along an axis."""
        return self.library.flip(array, (axis,))

    def take(self, array: Array, indices: np.ndarray, axis: int) -> Array:
        """Return the entries at some indices along an axis."""
        return self.library.take(array, indices, axis)

    def sort(self, array: Array) -> Array:
        """Return numbers (count,), rising."""
        return self.library.sort(array)

    def exp(self, array: Array) -> Array:
        """Return the exponential of each number."""
        return self.library.exp(array)

    def sqrt(self, array: Array) -> Array:
        """Return the square root of each number."""
        return self.library.sqrt(array)

    def abs(self, array: Array) -> Array:
        """Return the modulus of each number."""
        return self.library.abs(array)

    def conj(self, array: Array) -> Array:
        """Return the conjugate of each number."""
        return self.library.conj(array)

    def at_least(self, array: Array, least: float) -> Array:
        """Return the array with numbers below `least` replaced by `least`."""
        return self.library.clip(array, least, None)

    def extremes(self, array: Array) -> tuple[float, float]:
        """Return the least and the largest number, floats; NaN if any number is NaN."""
        return float(self.library.min(array)), float(self.library.max(array))

    def max(self, array: Array) -> float:
        """Return the largest number."""
        return float(self.library.max(array))

    def row_maxima(self, array: Array) -> Array:
        """Return the largest number of each row, (rows, 1)."""
        return self.library.amax(array, 1, keepdims=True)

    def sum(self, array: Array, axis: int | None = None) -> Array:
        """Return the sum along an axis, or of all numbers."""
        return self.library.sum(array, axis)

    def norm(self, array: Array, axis: int) -> Array:
        """Return the lengths of the vectors along an axis."""
        return self.library.linalg.vector_norm(array, axis=axis)

    def matmul(self, left: Array, right: Array, out: Array | None = None) -> Array:
        """Return the product of two matrices, or of stacks of them, written to `out` if given."""
        return self.library.matmul(left, right, out=out)

    def power(self, matrix: Array, exponent: int) -> Array:
        """Return a square matrix to a power."""
        return self.library.linalg.matrix_power(matrix, exponent)

    def solve(self, matrix: Array, right: Array) -> Array:
        """Return X with ``matrix X = right``."""
        return self.library.linalg.solve(matrix, right)

    def inverse(self, matrix: Array) -> Array:
        """Return the inverse of a square matrix; of a singular one the pseudo-inverse."""
        try:
            return self.library.linalg.inv(matrix)
        except (np.linalg.LinAlgError, RuntimeError):  # what numpy and torch raise for a singular matrix
            return self.library.linalg.pinv(matrix)

    def cholesky(self, matrix: Array) -> Array:
        """Return the lower triangular L with ``L L^T = matrix``."""
        return self.library.linalg.cholesky(matrix)

    def triangular_factor(self, matrix: Array) -> Array:
        """Return the upper triangular R with ``Q R = matrix`` for some Q with orthonormal columns."""
        return self.library.linalg.qr(matrix, mode="r")

    def svd(self, matrix: Array) -> tuple[Array, Array, Array]:
        """Return the thin U, the singular values, falling, and V^H."""
        return self.library.linalg.svd(matrix, full_matrices=False)

    def eigh(self, matrix: Array) -> tuple[Array, Array]:
        """Return eigenvalues, rising, and eigenvectors, as columns, of a symmetric matrix, by its lower half."""
        return self.library.linalg.eigh(matrix)

    def eig(self, matrix: Array) -> tuple[Array, Array]:
        """Return eigenvalues and eigenvectors, as columns, of a square matrix."""
        return self.library.linalg.eig(matrix)


NUMPY = Arrays()
"""The operations on numpy arrays."""


def as_numpy(array: Any) -> np.ndarray:
    """Return the numbers of a numpy array, or of a torch tensor on any device, as a numpy array."""
    return np.asarray(array.detach().cpu().resolve_conj() if hasattr(array, "cpu") else array)
