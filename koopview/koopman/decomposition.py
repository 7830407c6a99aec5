"""The leading left singular vectors of the snapshot matrix, by the cheapest method that the spectrum allows."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from koopview.koopman.arrays import Array, arrays_of, as_numpy, beside
from koopview.koopman.exact import stacked, stacked_svd, tall_svd
from koopview.koopman.gram import block_gram
from koopview.koopman.hankel import Hankel, Tick, pass_cost, product_cost
from koopview.koopman.krylov import USUAL_BLOCKS, Multiply, block_width, krylov_columns, leading_eigenvectors
from koopview.koopman.refinement import Triplets, exact_triplets, refined_triplets, triplets_of_squares
from koopview.koopman.spectrum import Spectrum, Wanted
from koopview.koopman.trajectories import Snapshots
from koopview.progress import Progress, part, silent

SMALL = 700
"""Up to this many rows or columns the whole spectrum costs no more than a part of it."""

GRAM_LIMIT = 10_000
"""Rows of the largest Gram matrix that is formed (800 MB) if another method is available."""

EPS = float(np.finfo(np.float64).eps)

GRAM_FLOOR = 10 * EPS**0.5
"""Share of the largest singular value below which a Gram matrix holds only rounding errors."""

GRAM_GUARD = 1e-4
"""Share of the largest singular value below which results of a Gram matrix are refined by a pass over the data: above
it, squaring costs a singular vector an error of 2e-8 at worst."""


@dataclass(frozen=True, eq=False)
class Problem:
    """A snapshot matrix to decompose, and what its decomposition is for.

    Attributes
    ----------
    hankel : Hankel
    rank : int or None
        Largest rank that will be used; None asks for the optimal one.
    cutoff : float
        Share of the largest singular value below which none is needed.
    progress : callback
    """

    hankel: Hankel
    rank: int | None
    cutoff: float = 0.0
    progress: Progress = silent

    @property
    def snapshots(self) -> Snapshots:
        """The columns."""
        return self.hankel.snapshots

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the snapshot matrix."""
        return self.snapshots.features, self.snapshots.count

    def tick(self, start: float, stop: float, text: str) -> Tick:
        """Return the progress callback of one part of the work, between the shares `start` and `stop`."""
        progress = part(self.progress, start, stop)
        return lambda share: progress(share, text)

    @property
    def wanted(self) -> Wanted:
        """How much of the spectrum is needed."""
        return Wanted(self.shape, self.rank, self.cutoff)


def decompose(problem: Problem) -> Spectrum:
    """Return the Spectrum of the snapshot matrix, by a method chosen for its cost and the digits needed.

    "gram" : eigenvectors of the Gram matrix, which is summed from products of states. `eigh` of it is the cheapest way
        to the whole spectrum. For a part, block Krylov on it is used if the samples are too many, or too slow to make
        again, for several passes. If singular values below 1e-4 of the largest are used, a second pass restores the
        digits lost by squaring; values below 1e-7 are lost. For fewer snapshots than features it is the snapshots' Gram
        matrix (Sirovich 1987), if no singular value below 1e-4 is used.
    "exact" : QR, then the SVD of the triangular factor. All digits, at many times the cost: for small problems that
        use singular values below 1e-7, and for fewer snapshots than features where their Gram matrix does not do.
    "randomized" : block Krylov (Musco and Musco 2015) on the data; no large matrix is formed. For a rank well below a
        large size. It iterates until eigenvalues are accurate to 1e-7 even without a gap in the spectrum, and reports
        its residual in `convergence`; singular values below 1e-4 are refined, those below 1e-7 lost, as above.
    """
    found = WAYS[chosen_way(problem.snapshots, problem.rank)](problem)
    return found or _exact(problem)


def chosen_way(snapshots: Snapshots, rank: int | None) -> str:
    """Return the name in `WAYS` of the method that `decompose` tries first."""
    size = min(snapshots.features, snapshots.count)
    if size > SMALL and rank is not None and krylov_columns(rank) < size:
        return "gram, leading" if _gram_is_cheaper(snapshots, rank) else "randomized"
    if snapshots.count >= snapshots.features:
        return "gram"
    return "gram of snapshots" if size > SMALL else "exact"


def _gram_is_cheaper(snapshots: Snapshots, rank: int) -> bool:
    """Return whether forming the Gram matrix saves more multiplications than it costs, for a usual block Krylov run."""
    within = snapshots.features + snapshots.states <= GRAM_LIMIT
    return within and _gram_cost(snapshots, rank) < _krylov_cost(snapshots, rank)


def _gram_cost(snapshots: Snapshots, rank: int) -> float:
    """Return the multiplications of forming the Gram matrix, and of a usual block Krylov run on it."""
    h, steps = snapshots.delays, snapshots.steps
    lags = (h + 1) * (steps + 1) - h * (h + 1) // 2
    return lags * snapshots.chunks.shape[0] * snapshots.states**2 + _krylov_width(rank) * snapshots.features**2


def _krylov_cost(snapshots: Snapshots, rank: int) -> float:
    """Return the multiplications of a usual block Krylov run on the data."""
    return _krylov_width(rank) * product_cost(snapshots) + USUAL_BLOCKS * pass_cost(snapshots)


def _krylov_width(rank: int) -> int:
    """Return the columns that a usual block Krylov run multiplies with."""
    return USUAL_BLOCKS * block_width(rank)


def leading_cost(snapshots: Snapshots, rank: int) -> float:
    """Return the multiplications that `decompose` takes, about, where it takes the leading part of a large spectrum."""
    costs = [_krylov_cost(snapshots, rank)]
    if snapshots.features + snapshots.states <= GRAM_LIMIT:
        costs.append(_gram_cost(snapshots, rank))
    return min(costs)


def _exact(problem: Problem) -> Spectrum:
    """Decompose by QR and SVD, or by the SVD alone where the snapshots are fewer than the features."""
    svd = tall_svd if problem.shape[1] >= problem.shape[0] else stacked_svd
    vectors, s = svd(problem.snapshots, problem.tick(0.0, 0.7, "singular vectors"))
    floor = max(problem.shape) * EPS
    kept = problem.wanted.needed(s, floor)
    triplets = exact_triplets(problem.hankel, vectors[:, :kept], s[:kept], problem.tick(0.7, 1.0, "operator"))
    return problem.wanted.spectrum(triplets, s, floor, "exact")


def _gram(problem: Problem) -> Spectrum | None:
    """Decompose by all eigenvectors of the Gram matrix; None for a small problem that needs more digits than it has."""
    gram, features = block_gram(problem.snapshots, problem.tick(0.0, 0.4, "Gram matrix")), problem.shape[0]
    xp = arrays_of(gram)
    problem.progress(0.4, "eigenvectors")
    squares, vectors = xp.eigh(gram[:features, :features])
    rough = np.sqrt(np.maximum(as_numpy(squares)[::-1], 0.0))
    wanted = min(problem.rank or features, features)
    if features <= SMALL and problem.cutoff < GRAM_FLOOR and rough[wanted - 1] < GRAM_FLOOR * rough[0]:
        return None
    kept = problem.wanted.needed(rough, GRAM_FLOOR)
    vectors = xp.flip(vectors[:, features - kept :], 1)
    triplets = _of_squares(problem, vectors, rough[:kept], gram[:, :features] @ vectors)
    return problem.wanted.spectrum(triplets, rough, GRAM_FLOOR, "gram")


def _snapshot_gram(problem: Problem) -> Spectrum | None:
    """Decompose by all eigenvectors of the snapshots' Gram matrix; None if that loses digits that are needed."""
    rows = stacked(problem.snapshots, problem.tick(0.0, 0.2, "Gram matrix"))
    xp = arrays_of(rows)
    squares, vectors = xp.eigh(rows @ rows.T)
    rough = np.sqrt(np.maximum(as_numpy(squares)[::-1], 0.0))
    kept = problem.wanted.needed(rough, GRAM_FLOOR)
    if rough[kept - 1] < GRAM_GUARD * rough[0]:
        return None
    left = rows.T @ (xp.flip(vectors, 1)[:, :kept] / beside(rough[:kept], vectors))
    del rows  # before the products take memory
    triplets = exact_triplets(problem.hankel, left, rough[:kept], problem.tick(0.6, 1.0, "operator"))
    return problem.wanted.spectrum(triplets, rough, GRAM_FLOOR, "gram")


def _gram_krylov(problem: Problem) -> Spectrum:
    """Decompose by the leading eigenvectors of the Gram matrix."""
    gram = block_gram(problem.snapshots, problem.tick(0.0, 0.4, "Gram matrix"))[: problem.shape[0]]

    def multiply(block: Array, tick: Tick) -> Array:
        tick(0.0)
        return (block.T @ gram).T  # by rows: torch takes twice as long for few columns

    return _leading(problem, multiply, problem.tick(0.4, 0.8, "block Krylov"), "gram")


def _krylov(problem: Problem) -> Spectrum:
    """Decompose by block Krylov on the data."""
    return _leading(problem, problem.hankel.normal, problem.tick(0.0, 0.8, "block Krylov"), "randomized")


def _leading(problem: Problem, multiply: Multiply, tick: Tick, method: str) -> Spectrum:
    """Decompose by the leading eigenvectors of ``Z Z^T``, which `multiply` applies to a block."""
    found = leading_eigenvectors(multiply, problem.shape[0], problem.rank or 1, problem.snapshots.arrays, tick)
    rough = np.sqrt(np.maximum(found.values, 0.0))
    kept = problem.wanted.needed(rough, GRAM_FLOOR)
    triplets = _of_squares(problem, found.vectors[:, :kept], rough[:kept], found.products[:, :kept])
    return problem.wanted.spectrum(triplets, rough, GRAM_FLOOR, method, triplets.residual)


def _of_squares(problem: Problem, vectors: Array, rough: np.ndarray, normal: Array) -> Triplets:
    """Return the Triplets from products with ``Z Z^T``, or from another pass if squaring left too few digits."""
    if rough[-1] >= GRAM_GUARD * rough[0]:
        return triplets_of_squares(vectors, rough, normal, problem.snapshots.states)
    return refined_triplets(problem.hankel, vectors, rough, problem.tick(0.8, 1.0, "operator"))


WAYS: dict[str, Callable[[Problem], Spectrum | None]] = {
    "exact": _exact,
    "gram": _gram,
    "gram of snapshots": _snapshot_gram,
    "gram, leading": _gram_krylov,
    "randomized": _krylov,
}
