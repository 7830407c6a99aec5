"""The distance between two spectra: what it costs to carry the eigenvalues of one onto those of the other."""

from dataclasses import dataclass

import numpy as np

from koopview.errors import InputError

_NOTHING = 1e-12
"""Shares of a plan below it are rounding."""


@dataclass(frozen=True, eq=False)
class Transport:
    """The cheapest plan that carries one spectrum onto another, and its cost.

    Attributes
    ----------
    distance : float
        The Wasserstein distance.
    order : float
        The order p.
    pairs : int array (pairs, 2)
        An eigenvalue of the one and the eigenvalue of the other that it is carried to, by index.
    shares : array (pairs,)
        The weight carried between them; they add up to 1.
    """

    distance: float
    order: float
    pairs: np.ndarray
    shares: np.ndarray


def spectral_transport(one: np.ndarray, other: np.ndarray, order: float = 1.0) -> Transport:
    """Return the cheapest Transport between two spectra, and with it their Wasserstein distance.

    Every eigenvalue of a spectrum of r has the weight 1 / r, and the ground distance is ``|a - b|`` in the complex
    plane: ``W_p = (min over plans of sum_ij share_ij |a_i - b_j|^p)^(1/p)``. Between equal numbers of eigenvalues the
    plan is a matching (the Hungarian method); otherwise it is the solution of the transport problem, a linear
    programme. Both are exact. Spectra are compared like this in arXiv 2302.09160.

    Parameters
    ----------
    one, other : complex arrays (rank,)
        The ranks may differ.
    order : float
        The order p, 1 or more.

    Raises
    ------
    InputError
        For a spectrum without eigenvalues or with one that is not finite, or an order below 1.
    """
    if not (np.isfinite(order) and order >= 1):
        raise InputError(f"order is {order!r}, expected a number of 1 or more")
    for values in (one, other):
        if not len(values) or not np.isfinite(values).all():
            raise InputError(
                f"a spectrum has {len(values)} eigenvalues or infinite ones, expected 1 or more finite ones"
            )
    costs = np.abs(np.asarray(one)[:, None] - np.asarray(other)[None]) ** order
    pairs, shares = _matching(costs) if len(one) == len(other) else _plan(costs)
    return Transport(float((shares * costs[tuple(pairs.T)]).sum() ** (1 / order)), order, pairs, shares)


def distance_from_one(values: np.ndarray, order: float = 1.0) -> float:
    """Return the distance of a spectrum (rank,) from that of an operator that does nothing, all of it at 1: a scale."""
    return float((np.abs(values - 1) ** order).mean() ** (1 / order))


def _matching(costs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs of indices (rank, 2) and their equal shares of the cheapest matching of `costs` (rank, rank)."""
    from scipy.optimize import linear_sum_assignment  # takes a while to import

    pairs = np.column_stack(linear_sum_assignment(costs))
    return pairs, np.full(len(pairs), 1 / len(pairs))


def _plan(costs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs of indices (pairs, 2) and their shares of the cheapest plan of `costs` (rank, other rank)."""
    from scipy.optimize import linprog
    from scipy.sparse import eye_array, kron, vstack

    rank, others = costs.shape
    leaving, arriving = kron(eye_array(rank), np.ones((1, others))), kron(np.ones((1, rank)), eye_array(others))
    weights = np.concatenate([np.full(rank, 1 / rank), np.full(others, 1 / others)])
    found = linprog(costs.ravel(), A_eq=vstack([leaving, arriving]).tocsr(), b_eq=weights, method="highs")
    shares = found.x.reshape(costs.shape)
    pairs = np.argwhere(shares > _NOTHING)
    return pairs, shares[tuple(pairs.T)]
