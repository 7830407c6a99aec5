"""Dynamic mode decomposition over many short trajectories (METHOD section 4)."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from koopview.errors import InputError
from koopview.koopman.arrays import Array, arrays_of, as_numpy
from koopview.koopman.decomposition import Problem, decompose
from koopview.koopman.edits import Edits, checked_index, edited_power
from koopview.koopman.eigenpairs import Eigenpairs
from koopview.koopman.hankel import Hankel
from koopview.koopman.spectrum import Spectrum
from koopview.koopman.trajectories import Chunks, snapshots
from koopview.progress import Progress, silent

FLOAT32_ROUNDING = 10 * float(np.finfo(np.float32).eps)
"""Share of the largest singular value below which directions hold only the rounding of float32 inputs.

A fit that uses such directions follows noise, even if it is computed in float64: on a Yin-Yang network (whose
features include both x and 1 - x) a hybrid went from 67 to 36 %."""


@dataclass(frozen=True, eq=False)
class Dmd:
    """The linear operator that moves delay vectors one step, in the coordinates of its basis.

    Attributes
    ----------
    matrix : array (rank, rank)
        ``A_r = U_r^H Z' V_r S_r^-1``.
    basis : array (features, rank)
        Left singular vectors ``U_r``, orthonormal; features = delays * states.
    propagated_basis : array (features, rank)
        ``Z' V_r S_r^-1``, which turns eigenvectors into exact modes.
    singular_values : array
        All that were computed, falling.
    numerical_rank : int
        Singular values above the cut-off of the working precision; for "randomized", among those computed.
    optimal_rank : int or None
        The optimal hard threshold's rank, None if the spectrum is incomplete.
    decomposition : str
        "exact", "randomized" or "gram".
    delays : int
    edits : tuple of (index, eigenvalue)
        Replaced eigenvalues, by index in `eigenvalues`, which keeps the fitted ones.
    shared_pairs : Eigenpairs or None
        Eigenpairs of `matrix`, if an operator with other edits has them already.
    """

    matrix: Array
    basis: Array
    propagated_basis: Array
    singular_values: np.ndarray
    numerical_rank: int
    optimal_rank: int | None
    decomposition: str
    delays: int
    convergence: float = 0.0
    edits: Edits = ()
    shared_pairs: Eigenpairs | None = None

    @property
    def rank(self) -> int:
        """Rank in use, r."""
        return int(self.matrix.shape[0])

    @cached_property
    def pairs(self) -> Eigenpairs:
        """Eigenpairs of `matrix`."""
        return self.shared_pairs or Eigenpairs(self.matrix)

    @property
    def eigenvalues(self) -> np.ndarray:
        """Eigenvalues per step (rank,), by falling modulus, conjugates side by side."""
        return self.pairs.values

    @property
    def eigenvectors(self) -> np.ndarray:
        """Right eigenvectors of `matrix` as columns (rank, rank), in the order of `eigenvalues`."""
        return as_numpy(self.pairs.right)

    @property
    def modes(self) -> np.ndarray:
        """Exact modes ``Z' V_r S_r^-1 w`` as columns (features, rank) (Tu et al. 2014)."""
        return as_numpy(self.propagated_basis) @ self.eigenvectors

    def truncate(self, rank: int) -> "Dmd":
        """Return the operator of a smaller rank: the leading block, nothing is decomposed again.

        A rank above the present one is lowered to it; a rank below 1 raises InputError.
        """
        r = checked_rank(rank)
        if r >= self.rank:
            return self
        blocks = {
            "matrix": self.matrix[:r, :r],
            "basis": self.basis[:, :r],
            "propagated_basis": self.propagated_basis[:, :r],
        }
        return replace(self, **blocks, edits=(), shared_pairs=None)

    def edited(self, edits: Edits) -> "Dmd":
        """Return the operator with some of its eigenvalues replaced; the eigenpairs stay those that were fitted.

        Raises
        ------
        InputError
            For an index that does not exist.
        """
        for index, _ in edits:  # errors are raised before anything is computed
            checked_index(index, self.rank)
        return replace(self, edits=edits, shared_pairs=self.pairs)

    def power(self, steps: int, left: int = 0) -> Array:
        """Return ``A_r`` to the power `steps` (rank, rank), with its edits.

        The last `left` steps, 0 or 1, are not taken but left to `propagated_basis`, see :func:`edited_power`.
        """
        return edited_power(self.pairs, self.edits, steps, left) if self.edits else self.pairs.power(steps - left)

    def predict(self, lifted: Array, steps: int) -> Array:
        """Return delay vectors (samples, features) `steps` steps later, projected onto the basis."""
        return ((arrays_of(self.basis).float64(lifted) @ self.basis) @ self.power(steps).T) @ self.basis.T


def fit_dmd(
    trajectories: Array | Chunks,
    delays: int,
    rank: int | None = None,
    *,
    cutoff: float = 0.0,
    progress: Progress = silent,
) -> Dmd:
    """Fit the operator to all pairs (z[k], z[k+1]) of all trajectories; no pair crosses trajectories.

    Source: Schmid (2010), Tu et al. (2014); delays as in Arbabi and Mezic (2017).

    Parameters
    ----------
    trajectories : float32 or float64 array (samples, steps + 1, states), numpy or torch
        The computation stays on their device and in their library: alternating between numpy and torch, whose
        threads compete for the cores, made a change of rank take three times as long. It is in float64: in float32
        the leading eigenvalues of an 8-state layer at rank 30 were off by 1e-3.
    delays : int
        h, from 1 to `steps`.
    rank : int or None
        Lowered to the numerical rank if that is smaller; None takes the optimal hard threshold's rank.
    cutoff : float
        Singular values below this share of the largest are not used, for snapshots that carry fewer digits than
        their precision. The rounding of float32 states, and of the decomposition itself, is always cut off.
    progress : callback

    Raises
    ------
    InputError
        If shapes or settings do not fit, or the states are complex or whole numbers, not finite, or all zero.
    """
    rank = None if rank is None else checked_rank(rank)
    data = snapshots(trajectories, delays, rank)
    cutoff = max(cutoff, FLOAT32_ROUNDING if data.single else 0.0)
    return dmd_of(decompose(Problem(Hankel(data), rank, cutoff, progress)), data.delays)


def dmd_of(found: Spectrum, delays: int) -> Dmd:
    """Return the Dmd of a decomposition's result."""
    basis, propagated_basis = found.triplets.basis, found.triplets.propagated_basis
    return Dmd(
        matrix=basis.T @ propagated_basis,
        basis=basis,
        propagated_basis=propagated_basis,
        singular_values=found.singular_values,
        numerical_rank=found.usable,
        optimal_rank=found.optimal,
        decomposition=found.method,
        delays=delays,
        convergence=found.convergence,
    )


def checked_rank(rank: int) -> int:
    """Return `rank` as int, or raise InputError if it is no whole number above 0."""
    if isinstance(rank, bool) or not isinstance(rank, (int, np.integer)) or rank < 1:
        raise InputError(f"rank is {rank!r}, expected a whole number of at least 1")
    return int(rank)
