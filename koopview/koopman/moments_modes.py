"""Gram matrices of delay vectors from moments of combinations of steps: few, since steps of a path differ little."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from koopview.koopman.arrays import Array, arrays_of, as_numpy
from koopview.koopman.moments import Moments
from koopview.koopman.moments_bases import leading_part


@dataclass(frozen=True, eq=False)
class Windows:
    """Second moments of the windows of h + 1 states, in combinations y of their states.

    A window's delay vectors z and z' are combinations of y: in an orthonormal basis R of combinations of h states,
    which holds all z, they are ``now y`` and ``later y``.

    Attributes
    ----------
    gram : array (m kept, m kept)
        The sum of ``y y^T``, combination by combination.
    basis : array (h, p)
        R.
    now, later : arrays (p, m)
    """

    gram: Array
    basis: Array
    now: Array
    later: Array


def windows_of(moments: Moments, delays: int, left_out: float) -> Windows:
    """Return the Windows of moments with `modes`, for h = `delays`.

    Their combinations leave out at most the share `left_out` of the sum of ``|x|^2`` over windows.
    """
    xp, modes = arrays_of(moments.sums), as_numpy(moments.modes)
    slices = np.stack([modes[k : k + delays + 1] for k in range(moments.steps - delays + 1)])
    covariance = np.einsum("kiq,qr,kjr->ij", slices, _traces(moments), slices, optimize=True)
    chosen = as_numpy(leading_part(covariance, left_out))
    basis = np.linalg.qr(chosen[:-1])[0]
    gram = _gram(moments, np.einsum("ip,kiq->kpq", chosen, slices))
    now, later = basis.T @ chosen[:-1], basis.T @ chosen[1:]
    return Windows(gram, xp.asarray(basis), xp.asarray(now), xp.asarray(later))


def _traces(moments: Moments) -> np.ndarray:
    """Return the sum of the scalar products of each pair of combinations (combinations, combinations)."""
    size = moments.kept
    found = np.zeros((moments.combinations,) * 2)
    for i in range(moments.combinations):
        blocks = moments.panel(i).reshape((size, -1, size))
        found[i, i:] = [np.trace(as_numpy(blocks[:, j])) for j in range(blocks.shape[1])]
    return found + np.triu(found, 1).T


def _gram(moments: Moments, weights: np.ndarray) -> Array:
    """Return the sum over windows k of ``y y^T`` with ``y_p = sum over q of weights[k, p, q] x_q``."""
    xp, size, count = arrays_of(moments.sums), moments.kept, weights.shape[1]
    half = xp.zeros(size, count**2, size)
    for q in range(moments.combinations):
        pairs = np.einsum("kp,kor->por", weights[:, :, q], weights[:, :, q:]).reshape((count**2, -1))
        pairs[:, 0] /= 2  # the half of a symmetric block
        half += xp.matmul(xp.asarray(pairs), moments.panel(q).reshape((size, -1, size)))
    matrix = xp.permute(half.reshape((size, count, count, size)), (1, 0, 2, 3)).reshape((count * size, count * size))
    return matrix + matrix.T


def mixed(weights: Array, rows: Any) -> Array:
    """Return combinations (p size, columns) of the m blocks of rows (m size, columns), with weights (p, m)."""
    blocks = rows.reshape((weights.shape[1], -1))
    return (weights @ blocks).reshape((-1, rows.shape[1]))
