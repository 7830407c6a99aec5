"""The states of the lift that vary by themselves: the first states of a path differ little from each other."""

from dataclasses import dataclass

import torch

from koopview.hybrid.accuracy import PATHS_BATCH
from koopview.network.network import Function

FLOOR = 1e-14
"""Variance of a state beside those before it, as a share of its own and of the mean variance, below which it is left
out: a hundredth of the smallest ridge, and nearly the rounding of float64."""


@dataclass(frozen=True, eq=False)
class Penalty:
    """The squared length of weights of all features, in terms of weights of those that vary by themselves.

    All features are ``E f`` of the varying ones f. Of all weights that make a map with weights b of f, the shortest
    have the squared length ``b^T (E^T E)^-1 b``.

    Attributes
    ----------
    features : int
        Number of all features.
    rows, columns : int64 tensors (pairs,)
        Pairs of varying features, the first no later than the second; there is nothing between others.
    shortest, squares : float64 tensors (pairs,)
        Entries of ``(E^T E)^-1`` and, those of two different features counted twice, of ``E^T E``.
    """

    features: int
    rows: torch.Tensor
    columns: torch.Tensor
    shortest: torch.Tensor
    squares: torch.Tensor

    def mean_square(self, gram: torch.Tensor) -> float:
        """Return the mean diagonal of the Gram matrix of all features, from the upper half of the varying ones'."""
        return float(gram[self.rows, self.columns] @ self.squares) / self.features

    def add(self, gram: torch.Tensor, ridge: float) -> None:
        """Add a ridge for all features to the upper half of the Gram matrix of the varying ones."""
        gram.index_put_((self.rows, self.columns), ridge * self.shortest, accumulate=True)


def plain_penalty(count: int, like: torch.Tensor) -> Penalty:
    """Return the Penalty of so many features that all vary by themselves."""
    each, ones = torch.arange(count, device=like.device), like.new_ones(count, dtype=torch.float64)
    return Penalty(count, each, each, ones, ones)


@dataclass(frozen=True, eq=False)
class Entries:
    """The function from a layer's inputs to chosen entries of z[0], in the inputs' precision."""

    lifted: Function
    chosen: torch.Tensor

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Return the entries (samples, chosen) of inputs (samples, inputs)."""
        return self.lifted(x)[:, self.chosen]


class VaryingStates:
    """Those entries of z[0] that vary by themselves.

    An entry whose path is straight has two, whatever h: its other states are affine in them. The entries of h delays
    are the first ones of those of more delays. An affine map with a ridge, see `penalty`, is the same in z[0] and here,
    as far as other samples are like those looked at. The first state is never left out: a lift holds the input.

    Parameters
    ----------
    lifted : Function
        From inputs to z[0] (samples, delays * states), the oldest state first.
    delays : int
    x : tensor (samples, inputs)
        Some samples, whose paths show which entries vary.

    Attributes
    ----------
    entries : Entries
    """

    def __init__(self, lifted: Function, delays: int, x: torch.Tensor) -> None:
        covariance = _of_paths(lifted, delays, x)
        own = covariance.diagonal(dim1=1, dim2=2)
        least = FLOOR * torch.maximum(own, own.mean())
        factor, varies = _eliminated(covariance, least)  # (states, delays, delays), (states, delays)
        factor[:, 0, 0] = torch.where(varies[:, 0], factor[:, 0, 0], 1.0)
        varies[:, 0] = True
        missing = torch.diag_embed((~varies).double())
        self._all = torch.linalg.solve_triangular(factor + missing, factor, upper=False, left=False)
        self._varies = varies
        self.entries = Entries(lifted, varies.T.flatten().nonzero()[:, 0])

    @property
    def count(self) -> int:
        """Number of entries that vary by themselves."""
        return len(self.entries.chosen)

    def first(self, delays: int) -> int:
        """Return the number of entries of fewer delays, which are the first ones."""
        return int(self._varies[:, :delays].sum())

    def penalty(self, delays: int) -> Penalty:
        """Return the Penalty of the weights of z[0] of so many delays."""
        every, varies = self._all[:, :delays, :delays], self._varies[:, :delays]
        squares = every.mT @ every
        shortest = torch.linalg.inv(squares + torch.diag_embed((~varies).double()))
        places = (varies.T.flatten().cumsum(0) - 1).reshape(varies.T.shape).T  # (states, delays)
        pairs = (varies[:, :, None] & varies[:, None]).triu()
        rows, columns = (places[:, :, None].expand(pairs.shape)[pairs], places[:, None].expand(pairs.shape)[pairs])
        twice = torch.where(rows == columns, 1.0, 2.0)
        return Penalty(varies.numel(), rows, columns, shortest[pairs], twice * squares[pairs])


def _of_paths(lifted: Function, delays: int, x: torch.Tensor) -> torch.Tensor:
    """Return the covariance (states, delays, delays) of the path of each entry over inputs x."""
    first: torch.Tensor | None = None
    for batch in x.split(PATHS_BATCH):
        z = lifted(batch.double()).unflatten(1, (delays, -1)).permute(2, 1, 0)
        if first is None:
            first, total, products = z[:, :, :1], z.new_zeros(z.shape[:2]), z.new_zeros(*z.shape[:2], delays)
        total += (z - first).sum(2)
        products += (z - first) @ (z - first).mT
    mean = total / len(x)
    return products / len(x) - mean[:, :, None] * mean[:, None]


def _eliminated(covariance: torch.Tensor, least: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return lower Cholesky factors (n, k, k) of covariances of k variables, and which of these vary by themselves.

    They do (n, k) if their variance beside those before them is more than `least` (n, k); the factors' columns of the
    others are zero.
    """
    factor, varies = torch.zeros_like(covariance), torch.zeros_like(least, dtype=torch.bool)
    for k in range(covariance.shape[1]):
        rest = covariance[:, k:, k] - (factor[:, k:, :k] @ factor[:, k, :k, None])[:, :, 0]
        varies[:, k] = rest[:, 0] > least[:, k]
        length = torch.where(varies[:, k], rest[:, 0], 1.0).sqrt()
        factor[:, k:, k] = rest / length[:, None] * varies[:, k, None]
    return factor, varies
