"""Eigenvalues, eigenvectors and powers of an operator, each computed once, on first use."""

from functools import cached_property

import numpy as np

from koopview.koopman.arrays import Array, arrays_of, as_numpy
from koopview.koopman.blocks import Blocks, blocks_of
from koopview.koopman.eigenvalues import eigenvalue_order
from koopview.threads import SMALL, one_thread


class Eigenpairs:
    """Eigenpairs of a real square matrix (rank, rank), numpy or torch; the computation stays in its library.

    All come from one decomposition, so that they match even where eigenvalues agree up to rounding.
    """

    def __init__(self, matrix: Array) -> None:
        self.matrix = matrix
        self._powers: dict[int, Array] = {}

    def power(self, steps: int) -> Array:
        """Return the matrix to the power `steps` (rank, rank), without its eigenpairs."""
        if steps not in self._powers:
            with one_thread(len(self.matrix) <= SMALL):
                self._powers = {steps: arrays_of(self.matrix).power(self.matrix, steps)}
        return self._powers[steps]

    @cached_property
    def _ordered(self) -> tuple[np.ndarray, Array]:
        xp = arrays_of(self.matrix)
        with one_thread(len(self.matrix) <= SMALL):
            values, vectors = xp.eig(self.matrix)
        values = as_numpy(values).astype(complex)  # numpy returns real numbers if all eigenvalues are real
        order = eigenvalue_order(values)
        return values[order], xp.take(xp.complex128(vectors), order, 1)

    @property
    def values(self) -> np.ndarray:
        """Eigenvalues (rank,), by falling modulus, conjugates side by side."""
        return self._ordered[0]

    @property
    def right(self) -> Array:
        """Right eigenvectors W as columns, complex array (rank, rank), each of norm 1."""
        return self._ordered[1]

    @cached_property
    def blocks(self) -> Blocks:
        """The groups of eigenpairs that go together, with the invariant subspaces that they span."""
        return blocks_of(as_numpy(self.matrix), self.values)

    @property
    def condition_numbers(self) -> np.ndarray:
        """Condition number of each eigenvalue (rank,): ``1 / |w^H v|`` of its unit left and right eigenvectors."""
        xp = arrays_of(self.right)
        return as_numpy(xp.norm(self.left, 1) * xp.norm(self.right, 0))

    @cached_property
    def left(self) -> Array:
        """Left eigenvectors ``W^-1`` as rows, complex array (rank, rank), biorthogonal to the right ones.

        The pseudo-inverse if W is exactly singular.
        """
        with one_thread(len(self.matrix) <= SMALL):
            return arrays_of(self.right).inverse(self.right)
