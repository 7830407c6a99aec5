"""The array operations that this package uses, in numpy or in torch, whichever made the input array.

Operators, slices, `shape`, `T` and `reshape` are the same in both libraries and are used directly. Everything else is a
method of :class:`Arrays`, which :func:`arrays_of` binds to the library and the device of the input array. The
computation stays there, and torch is never imported for numpy arrays.
"""

import sys
from typing import Any

import numpy as np

from koopview.errors import InputError
from koopview.koopman.array_operations import NUMPY, Array, Arrays, as_numpy

__all__ = ["NUMPY", "Array", "Arrays", "TorchArrays", "arrays_of", "as_numpy", "beside"]


class TorchArrays(Arrays):
    """The operations on tensors of one device."""

    def __init__(self, library: Any, device: Any) -> None:
        self.library, self._device, self.number = library, device, library.float64

    def empty(self, *shape: int) -> Array:
        """Return an uninitialised tensor."""
        return self.library.empty(shape, dtype=self.number, device=self._device)

    def empty_like(self, array: Array, count: int) -> Array:
        """Return `count` uninitialised numbers in the precision of another tensor."""
        return self.library.empty(count, dtype=array.dtype, device=self._device)

    def zeros(self, *shape: int) -> Array:
        """Return a tensor of zeros."""
        return self.library.zeros(shape, dtype=self.number, device=self._device)

    def eye(self, size: int) -> Array:
        """Return an identity matrix (size, size)."""
        return self.library.eye(size, dtype=self.number, device=self._device)

    def asarray(self, numbers: Any, dtype: Any = None) -> Array:
        """Return numbers of any library as a tensor of the device, in float64 or as `dtype`."""
        return self.library.asarray(numbers, dtype=dtype or self.number, device=self._device)

    def float64(self, array: Any) -> Array:
        """Return the tensor in float64, detached from gradients, without a copy if it is float64 already."""
        return array.detach().to(self.library.float64)

    def float32(self, array: Any) -> Array:
        """Return the tensor in float32, without a copy if it is already."""
        return array.to(self.library.float32)

    def complex128(self, array: Any) -> Array:
        """Return the tensor in complex128, without a copy if it is already."""
        return array.to(self.library.complex128)

    def copy(self, array: Any) -> Array:
        """Return a copy of a tensor."""
        return array.clone()

    def permute(self, array: Array, axes: tuple[int, ...]) -> Array:
        """Return a tensor with its axes in another order, a view."""
        return self.library.permute(array, axes)

    def take(self, array: Any, indices: np.ndarray, axis: int) -> Array:
        """Return the entries at some indices along an axis."""
        return self.library.index_select(array, axis, self.asarray(indices, self.library.int64))

    def sort(self, array: Array) -> Array:
        """Return numbers (count,), rising."""
        return self.library.sort(array).values

    def extremes(self, array: Any) -> tuple[float, float]:
        """Return the least and the largest number, floats; NaN if any number is NaN."""
        low, high = self.library.aminmax(array.detach())
        return float(low), float(high)

    def triangular_factor(self, matrix: Array) -> Array:
        """Return the upper triangular R with ``Q R = matrix`` for some Q with orthonormal columns."""
        return self.library.linalg.qr(matrix, mode="r").R


def arrays_of(array: Any) -> Arrays:
    """Return the operations of an array's library, on its device.

    Raises
    ------
    InputError
        If it is neither a numpy array nor a torch tensor.
    """
    if isinstance(array, np.ndarray):
        return NUMPY
    torch = sys.modules.get("torch")  # a tensor exists only after its import
    if torch is not None and isinstance(array, torch.Tensor):
        return TorchArrays(torch, array.device)
    raise InputError(f"the trajectories are a {type(array).__name__}, expected a numpy array or a torch tensor")


def beside(numbers: Any, like: Array) -> Array:
    """Return numbers as an array of the library, precision and device of another."""
    return arrays_of(like).asarray(numbers, like.dtype)
