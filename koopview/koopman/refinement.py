"""From approximate singular vectors to the operator; a pass over the data restores digits lost by squaring."""

from dataclasses import dataclass

import numpy as np

from koopview.koopman.arrays import Array, arrays_of, as_numpy, beside
from koopview.koopman.hankel import Hankel, Tick


@dataclass(frozen=True, eq=False)
class Triplets:
    """Leading singular triplets of the snapshot matrix, and the later matrix Z' in their coordinates.

    Attributes
    ----------
    basis : array (features, kept)
        Left singular vectors U, orthonormal.
    singular_values : array (kept,)
        S, falling.
    propagated_basis : array (features, kept)
        ``Z' V S^-1``.
    residual : float
        Largest ``|Z v - s u| / s`` of them.
    """

    basis: Array
    singular_values: np.ndarray
    propagated_basis: Array
    residual: float

    def truncate(self, rank: int) -> "Triplets":
        """Return the leading triplets."""
        return Triplets(
            self.basis[:, :rank], self.singular_values[:rank], self.propagated_basis[:, :rank], self.residual
        )


def triplets_of_squares(vectors: Array, s: np.ndarray, normal: Array, states: int) -> Triplets:
    """Return the Triplets from products with ``Z^T`` alone, ``Z' V S^-1 = Z' Z^T U S^-2``: with half the digits.

    `normal` is ``Z Z^T U`` with the last block of ``Z' Z^T U`` below it.
    """
    return _triplets(vectors, s, normal / beside(s**2, vectors), states)


def refined_triplets(hankel: Hankel, vectors: Array, rough: np.ndarray, tick: Tick) -> Triplets:
    """Return the Triplets in the span of approximate vectors, by a pass over the data in their coordinates.

    In the coordinates ``Z^T u / s`` the Gram matrix is near the identity, so its Cholesky factor has all digits (as
    in CholeskyQR2: Yamamoto et al. 2015).
    """
    xp = arrays_of(vectors)
    scale = beside(rough, vectors)
    normal, squares = hankel.normal_and_squares(vectors / scale, tick)
    _, s, vh = xp.svd(xp.cholesky(squares).T * scale)
    return _triplets(vectors @ vh.T, as_numpy(s), ((normal * scale) @ vh.T) / s**2, hankel.snapshots.states)


def exact_triplets(hankel: Hankel, vectors: Array, s: np.ndarray, tick: Tick) -> Triplets:
    """Return the Triplets of singular vectors that have full precision."""
    scale = beside(s, vectors)
    return _triplets(vectors, s, hankel.normal(vectors / scale, tick) / scale, hankel.snapshots.states)


def _triplets(vectors: Array, s: np.ndarray, normal: Array, states: int) -> Triplets:
    """Return the triplets; `normal` is ``Z V S^-1`` with the last block of ``Z' V S^-1`` below it."""
    xp = arrays_of(vectors)
    left = xp.norm(normal[: vectors.shape[0]] - vectors, 0)
    return Triplets(vectors, s, normal[states:], xp.max(left))
