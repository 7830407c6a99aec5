"""From approximate singular vectors to the operator; digits that squares lost come back by a pass over the data."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from array_api_compat import array_namespace

from koopview.koopman.delays import as_numpy
from koopview.koopman.hankel import Hankel, Tick
from koopview.koopman.trajectories import beside


@dataclass(frozen=True, eq=False)
class Triplets:
    """Leading singular triplets of the snapshot matrix, and the later matrix seen in them.

    Attributes
    ----------
    basis : array (features, kept)
        Left singular vectors U, orthonormal.
    singular_values : array (kept,)
        S, falling.
    shifted : array (features, kept)
        ``Z' V S^-1``.
    residual : float
        Largest ``|Z v - s u| / s`` of them.
    """

    basis: Any
    singular_values: np.ndarray
    shifted: Any
    residual: float

    def truncate(self, rank: int) -> "Triplets":
        """Return the leading ones."""
        return Triplets(self.basis[:, :rank], self.singular_values[:rank], self.shifted[:, :rank], self.residual)


def triplets_of_squares(vectors: Any, s: np.ndarray, normal: Any, states: int) -> Triplets:
    """Return the triplets by squares alone, ``Z' V S^-1 = Z' Z^T U S^-2``: with half the digits.

    `normal` is ``Z Z^T U`` with the last block of ``Z' Z^T U`` below it.
    """
    return _triplets(vectors, s, normal / beside(s**2, vectors), states)


def refined_triplets(hankel: Hankel, vectors: Any, rough: np.ndarray, tick: Tick) -> Triplets:
    """Return the triplets in the span of approximate ones, by a pass over the data in their coordinates.

    In the coordinates ``Z^T u / s`` the Gram matrix is near the identity, so its Cholesky factor has all digits (as
    in CholeskyQR2: Yamamoto et al. 2015).
    """
    xp = array_namespace(vectors)
    scale = beside(rough, vectors)
    normal, squares = hankel.normal_and_squares(vectors / scale, tick)
    _, s, vh = xp.linalg.svd(xp.linalg.cholesky(squares).T * scale, full_matrices=False)
    return _triplets(vectors @ vh.T, as_numpy(s), ((normal * scale) @ vh.T) / s**2, hankel.snapshots.states)


def exact_triplets(hankel: Hankel, vectors: Any, s: np.ndarray, tick: Tick) -> Triplets:
    """Return the triplets of singular vectors that have all digits."""
    scale = beside(s, vectors)
    return _triplets(vectors, s, hankel.normal(vectors / scale, tick) / scale, hankel.snapshots.states)


def _triplets(vectors: Any, s: np.ndarray, normal: Any, states: int) -> Triplets:
    """Put together what is known; `normal` is ``Z V S^-1`` with the last block of ``Z' V S^-1`` below it."""
    xp = array_namespace(vectors)
    left = xp.linalg.vector_norm(normal[: vectors.shape[0]] - vectors, axis=0)
    return Triplets(vectors, s, normal[states:], float(xp.max(left)))
