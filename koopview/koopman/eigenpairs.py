"""Eigenvalues, eigenvectors and powers of an operator, each computed when it is first asked for, and once."""

from functools import cached_property
from typing import Any

import numpy as np
from array_api_compat import array_namespace, device

from koopview.koopman.blocks import Blocks, blocks_of
from koopview.koopman.delays import as_numpy
from koopview.koopman.eigenvalues import eigenvalue_order


class Eigenpairs:
    """Eigenpairs of a real square matrix (rank, rank), numpy or torch; the work stays with its library.

    All come from one decomposition, so that they belong together where eigenvalues agree but for rounding.
    """

    def __init__(self, matrix: Any) -> None:
        self.matrix = matrix
        self._powers: dict[int, Any] = {}

    def power(self, steps: int) -> Any:
        """Return the matrix to the power `steps` (rank, rank), without its eigenpairs."""
        if steps not in self._powers:
            self._powers = {steps: array_namespace(self.matrix).linalg.matrix_power(self.matrix, steps)}
        return self._powers[steps]

    @cached_property
    def _ordered(self) -> tuple[np.ndarray, Any]:
        xp = array_namespace(self.matrix)
        values, vectors = xp.linalg.eig(self.matrix)
        values = as_numpy(values).astype(complex)  # numpy gives real ones where all are
        order = eigenvalue_order(values)
        return values[order], xp.astype(vectors, xp.complex128)[:, xp.asarray(order, device=device(vectors))]

    @property
    def values(self) -> np.ndarray:
        """Eigenvalues (rank,), by falling modulus, conjugates side by side."""
        return self._ordered[0]

    @property
    def right(self) -> Any:
        """Right eigenvectors W as columns, complex array (rank, rank), each of norm 1."""
        return self._ordered[1]

    @cached_property
    def blocks(self) -> Blocks:
        """Which eigenpairs go together, and the invariant subspaces that they span."""
        return blocks_of(as_numpy(self.matrix), self.values)

    @property
    def condition_numbers(self) -> np.ndarray:
        """How ill-conditioned each eigenvalue is (rank,): ``1 / |w^H v|`` of its unit left and right eigenvectors."""
        xp = array_namespace(self.right)
        return as_numpy(xp.linalg.vector_norm(self.left, axis=1) * xp.linalg.vector_norm(self.right, axis=0))

    @cached_property
    def left(self) -> Any:
        """Left eigenvectors ``W^-1`` as rows, complex array (rank, rank), biorthogonal to the right ones.

        Of a matrix that has no basis of eigenvectors, not even one that rounding gives it: the pseudo-inverse.
        """
        linalg = array_namespace(self.right).linalg
        try:
            return linalg.inv(self.right)
        except (np.linalg.LinAlgError, RuntimeError):  # numpy's word and torch's for a singular matrix
            return linalg.pinv(self.right)
