"""Residuals of an operator and its eigenpairs on trajectories that took no part in the fit (METHOD section 4).

A step moves a state by O(1/N), so over one step any functional at all has a small residual (random ones 0.07 at
N = 20). What is shown is the residual over the whole layer, from z_0 to z_end, p = N - h + 1 steps later.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from koopview.koopman.arrays import Array, arrays_of, as_numpy
from koopview.koopman.delays import delay_windows
from koopview.koopman.dmd import Dmd


@dataclass(frozen=True, eq=False)
class PairProducts:
    """Second moments of pairs of delay vectors in the coordinates c of a basis, each (rank, rank).

    `now` is the sum of ``c c^T``, `cross` of ``c' c^T``, `later` of ``c' c'^T``. Every residual of every smaller rank
    follows from their leading blocks.
    """

    now: Array
    cross: Array
    later: Array

    def truncate(self, rank: int) -> "PairProducts":
        """Return the leading blocks."""
        return PairProducts(self.now[:rank, :rank], self.cross[:rank, :rank], self.later[:rank, :rank])


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Products of held-out trajectories, from which all residuals follow.

    Attributes
    ----------
    steps : PairProducts
        Of all pairs (z_k, z_k+1).
    ends : PairProducts
        Of the pairs (z_0, z_end).
    square : float
        Sum of ``|z_end|^2``.
    image_square, image_cross : array (rank, rank)
        ``X^T X`` and the sum of ``X^T z_end c_0^T``. X maps coordinates to delay vectors: it is the basis, or
        ``Z' V S^-1`` if the last step is exact.
    """

    steps: PairProducts
    ends: PairProducts
    square: float
    image_square: Array
    image_cross: Array


def held_out_products(dmd: Dmd, trajectories: Array, exact: bool = False) -> HeldOut:
    """Return the HeldOut products of trajectories (samples, steps + 1, states) that took no part in the fit.

    `exact` says that the operator's last step is the exact one, ``Z' V S^-1``, and not projected onto the basis.
    """
    windows = delay_windows(trajectories, dmd.delays)
    basis, image = (_as(trajectories, one) for one in (dmd.basis, dmd.propagated_basis if exact else dmd.basis))
    xp = arrays_of(image)
    first, end = (xp.float64(one @ basis) for one in (windows[0], windows[-1]))
    ends = PairProducts(first.T @ first, end.T @ first, end.T @ end)
    return HeldOut(
        steps=pair_products(basis, windows),
        ends=ends,
        square=float(xp.sum(windows[-1] ** 2)),
        image_square=xp.float64(image.T @ image),
        image_cross=xp.float64(windows[-1] @ image).T @ first,
    )


def pair_products(basis: Array, windows: list[Any]) -> PairProducts:
    """Return the products of neighbouring delay windows (samples, features), one per step, in a basis."""
    xp = arrays_of(basis)
    before = xp.float64(windows[0] @ basis)
    square = before.T @ before
    now = cross = later = 0 * square
    for window in windows[1:]:  # one by one: all coordinates may be many times the trajectories
        after = xp.float64(window @ basis)
        now, cross, square = now + square, cross + after.T @ before, after.T @ after
        later, before = later + square, after
    return PairProducts(now, cross, later)


def _as(data: Array, basis: Array) -> Array:
    """Return a basis in the precision of the data that it is multiplied with."""
    xp = arrays_of(basis)
    return xp.float32(basis) if xp.is_single(data) else basis


def residuals(dmd: Dmd, products: PairProducts, steps: int = 1) -> np.ndarray:
    """Return the relative residual (rank,) of each eigenpair over `steps` steps, in the order of ``dmd.eigenvalues``.

    For the left eigenvector v, the eigenfunction of z is ``v^T c`` with c its coordinates; its residual is
    ``|v^T c' - lambda^steps v^T c| / |v^T c|`` over the pairs (c, c') of `products`, which lie as many steps apart.
    Source: Colbrook and Townsend (2024), equation 3.2. An eigenfunction that vanishes on all pairs has residual
    infinity.
    """
    xp = arrays_of(dmd.matrix)
    values, left = dmd.eigenvalues**steps, dmd.pairs.left
    left = left / xp.row_maxima(xp.abs(left))  # those of a defective matrix are huge
    g = products.truncate(dmd.rank)

    def form(matrix: Array) -> np.ndarray:
        return as_numpy(xp.sum((left @ xp.complex128(matrix)) * xp.conj(left), 1))

    now, cross, later = form(g.now).real, form(g.cross), form(g.later).real
    square = later - 2 * (values.conj() * cross).real + np.abs(values) ** 2 * now
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(now > 0, np.sqrt(np.maximum(square, 0.0) / now), np.inf)


def operator_residual(dmd: Dmd, held_out: HeldOut, steps: int, exact: bool = False) -> float:
    """Return the whole operator's relative residual over the layer, ``|z_end - X A^p c_0| / |z_end|``.

    Edited modes count. X is the basis and p the steps; if the last step is `exact`, X is ``Z' V S^-1`` and the power
    is p - 1. Infinite if all ends are zero.
    """
    xp, r = arrays_of(dmd.matrix), dmd.rank
    power = dmd.power(steps, int(exact))
    cross = xp.sum(held_out.image_cross[:r, :r] * power)
    moved = power @ held_out.ends.now[:r, :r] @ power.T
    square = held_out.square - 2 * float(cross) + float(xp.sum(held_out.image_square[:r, :r] * moved))
    return (max(square, 0.0) / held_out.square) ** 0.5 if held_out.square > 0 else float("inf")
