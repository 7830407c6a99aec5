"""How true each eigenpair is: residuals on snapshots that took no part in the fit (ResDMD)."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from koopview.koopman.delays import as_numpy, delay_windows
from koopview.koopman.dmd import Dmd, matching_order


@dataclass(frozen=True, eq=False)
class PairProducts:
    """Second moments of snapshot pairs in the coordinates of a basis, each (rank, rank).

    Every residual of every smaller rank follows from their leading blocks.
    """

    now: np.ndarray
    cross: np.ndarray
    later: np.ndarray

    def truncate(self, rank: int) -> "PairProducts":
        """Return the leading blocks."""
        return PairProducts(self.now[:rank, :rank], self.cross[:rank, :rank], self.later[:rank, :rank])


def pair_products(dmd: Dmd, trajectories: Any) -> PairProducts:
    """Project the pairs of held-out trajectories (samples, steps + 1, states) and sum their products."""
    coordinates = [as_numpy(window @ dmd.basis) for window in delay_windows(trajectories, dmd.delays)]
    c = np.concatenate(coordinates[:-1])
    c_next = np.concatenate(coordinates[1:])
    return PairProducts(c.T @ c, c_next.T @ c, c_next.T @ c_next)


def residuals(dmd: Dmd, products: PairProducts) -> np.ndarray:
    """Return the relative residual (rank,) of each eigenpair, in the order of ``dmd.eigenvalues``.

    For the left eigenvector v, the eigenfunction of z is ``v^H c`` with c its coordinates; its residual is
    ``|v^H c' - lambda v^H c| / |v^H c|`` over the pairs (c, c'). Source: Colbrook and Townsend (2024),
    equation 3.2. An eigenfunction that vanishes on all pairs has residual infinity.
    """
    values, vectors = np.linalg.eig(as_numpy(dmd.matrix).T)
    order = matching_order(values, dmd.eigenvalues)
    values, v = values[order], vectors[:, order]
    g = products.truncate(dmd.rank)

    def form(matrix: np.ndarray) -> np.ndarray:
        return np.einsum("ij,ij->j", v, matrix @ v.conj())

    now, cross, later = form(g.now).real, form(g.cross), form(g.later).real
    square = later - 2 * (values.conj() * cross).real + np.abs(values) ** 2 * now
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(now > 0, np.sqrt(np.maximum(square, 0.0) / now), np.inf)
