"""What a decomposition is asked for, and its result."""

from dataclasses import dataclass

import numpy as np

from koopview.errors import InputError
from koopview.koopman.rank import numerical_rank, optimal_rank
from koopview.koopman.refinement import Triplets


@dataclass(frozen=True, eq=False)
class Spectrum:
    """The result of a decomposition.

    Attributes
    ----------
    triplets : Triplets
        Cut to the rank that may be used.
    singular_values : array
        All that are known, falling.
    usable, optimal : int, int or None
        The numerical rank; the optimal hard threshold's rank, None if the spectrum is incomplete.
    method : str
        "exact", "gram" or "randomized".
    convergence : float
        Largest relative residual of the triplets, 0 if they are exact up to rounding.
    """

    triplets: Triplets
    singular_values: np.ndarray
    usable: int
    optimal: int | None
    method: str
    convergence: float


@dataclass(frozen=True)
class Wanted:
    """How much of a snapshot matrix's spectrum is needed.

    Attributes
    ----------
    shape : (int, int)
        Rows and columns of the snapshot matrix.
    rank : int or None
        Largest rank that will be used; None asks for the optimal one.
    cutoff : float
        Share of the largest singular value below which none is needed.
    """

    shape: tuple[int, int]
    rank: int | None
    cutoff: float = 0.0

    def needed(self, s: np.ndarray, floor: float) -> int:
        """Return the number of singular values that will be used, an int; `s` is accurate above `floor`.

        Raises InputError if all are zero.
        """
        usable = numerical_rank(s, max(self.cutoff, floor))
        if usable == 0:
            raise InputError("the trajectories are zero everywhere, expected states that are not")
        optimal = optimal_rank(s, self.shape) if len(s) == min(self.shape) else usable
        return min(usable, optimal if self.rank is None else self.rank)

    def spectrum(self, found: Triplets, s: np.ndarray, floor: float, method: str, convergence: float = 0.0) -> Spectrum:
        """Return the Spectrum of the triplets; the further values in `s` are less accurate."""
        kept = len(found.singular_values)
        s = np.concatenate([found.singular_values, np.minimum(s[kept:], found.singular_values[-1])])
        whole = len(s) == min(self.shape)
        usable = numerical_rank(s, max(self.cutoff, floor))
        optimal = min(optimal_rank(s, self.shape), usable) if whole else None
        return Spectrum(found.truncate(self.needed(s, floor)), s, usable, optimal, method, convergence)
