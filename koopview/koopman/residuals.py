"""How true each eigenpair is: residuals on snapshots that took no part in the fit (ResDMD)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from array_api_compat import array_namespace

from koopview.koopman.delays import as_numpy, delay_windows
from koopview.koopman.dmd import Dmd


@dataclass(frozen=True, eq=False)
class PairProducts:
    """Second moments of snapshot pairs in the coordinates of a basis, each (rank, rank).

    Every residual of every smaller rank follows from their leading blocks.
    """

    now: Any
    cross: Any
    later: Any

    def truncate(self, rank: int) -> "PairProducts":
        """Return the leading blocks."""
        return PairProducts(self.now[:rank, :rank], self.cross[:rank, :rank], self.later[:rank, :rank])


def pair_products(dmd: Dmd, trajectories: Any) -> PairProducts:
    """Project the pairs of held-out trajectories (samples, steps + 1, states) and sum their products."""
    windows = delay_windows(trajectories, dmd.delays)
    before = windows[0] @ dmd.basis
    square, now, cross, later = before.T @ before, 0.0, 0.0, 0.0
    for window in windows[1:]:  # in turn: the coordinates of all windows may be many times the trajectories
        after = window @ dmd.basis
        now, cross, square = now + square, cross + after.T @ before, after.T @ after
        later, before = later + square, after
    return PairProducts(now, cross, later)


def residuals(dmd: Dmd, products: PairProducts) -> np.ndarray:
    """Return the relative residual (rank,) of each eigenpair, in the order of ``dmd.eigenvalues``.

    For the left eigenvector v, the eigenfunction of z is ``v^T c`` with c its coordinates; its residual is
    ``|v^T c' - lambda v^T c| / |v^T c|`` over the pairs (c, c'). Source: Colbrook and Townsend (2024),
    equation 3.2. An eigenfunction that vanishes on all pairs has residual infinity.
    """
    xp = array_namespace(dmd.matrix)
    values, left = dmd.eigenvalues, dmd.pairs.left
    left = left / xp.max(xp.abs(left), axis=1, keepdims=True)  # those of a defective matrix are huge
    g = products.truncate(dmd.rank)

    def form(matrix: Any) -> np.ndarray:
        return as_numpy(xp.sum((left @ xp.astype(matrix, left.dtype)) * xp.conj(left), axis=1))

    now, cross, later = form(g.now).real, form(g.cross), form(g.later).real
    square = later - 2 * (values.conj() * cross).real + np.abs(values) ** 2 * now
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(now > 0, np.sqrt(np.maximum(square, 0.0) / now), np.inf)
