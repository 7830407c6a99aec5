"""The choice between one pass of sums for many numbers of delays, and a decomposition of the samples for each."""

from collections.abc import Callable, Sequence

import numpy as np

from koopview.koopman.arrays import NUMPY
from koopview.koopman.decomposition import SMALL, leading_cost
from koopview.koopman.krylov import USUAL_BLOCKS, block_width
from koopview.koopman.moments import moments_bytes
from koopview.koopman.trajectories import Chunks, Snapshots

SMALLEST = 0.1
"""Largest energy of a direction of states that components leave out, as a share of that of the direction whose number
is the largest rank. 356 of the 784 states of MNIST's first layer are kept for rank 100: hybrids (h = 1 to 20, r = 5 to
100) then answer as the exact ones on all but four of 2,000 images, in the middle on all but one."""

FEW = 256
"""States of so few entries are summed whole: one pass costs less than a decomposition for one number of delays. Of
MNIST's first layer, in 128 components, it takes a tenth of one: 3 combinations of steps hold the paths."""

USUAL_SHARE = 2
"""Steps of a path for each combination that is summed in their place; as many of those for each that a fit uses."""

SUMS_BYTES = 1 << 30
"""Most bytes of sums that a sweep takes."""


def components_of_sums(
    shape: tuple[int, int, int], delays: Sequence[int], rank: int, energies: Callable[[], np.ndarray]
) -> int | None:
    """Return in how many components states are summed for all these numbers of delays, an int; None if they are not.

    Sums pay where they and the fits from them take fewer multiplications than decomposing the samples for each number
    of delays, in as many components as are precise enough (SMALLEST). None, too, for one number of
    delays, for a small problem, whose samples are decomposed whole in no time, and for a rank near the number of
    states. States of FEW entries are summed whole, for one number of delays too.

    Parameters
    ----------
    shape : (int, int, int)
        Samples, steps + 1, states of the trajectories.
    delays : sequence of int
        Those that are to be fitted.
    rank : int
        The largest.
    energies : callable
        Returns the eigenvalues (states,), falling, of the sum of ``x x^T``; called only if fewer components could pay.
    """
    samples, length, states = shape
    large = [h for h in delays if min(h * states, samples * (length - h)) > SMALL]
    least = max(2 * rank, 1)
    if len(large) < len(delays):
        return None
    if states <= FEW:
        return states
    if len(delays) < 2 or least > states:
        return None
    known = sum(leading_cost(_snapshots(shape, h, rank), rank) for h in delays)
    if _sums_cost(shape, delays, rank, least) >= known:
        return None
    found = energies()
    kept = max(least, int(np.count_nonzero(found > SMALLEST * found[rank - 1])))
    pays = _sums_cost(shape, delays, rank, kept) < known and moments_bytes(length - 1, kept) <= SUMS_BYTES
    return min(kept, states) if pays else None


def _snapshots(shape: tuple[int, int, int], delays: int, rank: int) -> Snapshots:
    """Return Snapshots of trajectories of a shape, of which only the sizes are used."""
    return Snapshots(Chunks(shape, lambda start, stop: None), delays, NUMPY, False, False, rank)


def _sums_cost(shape: tuple[int, int, int], delays: Sequence[int], rank: int, kept: int) -> float:
    """Return the multiplications of sums in `kept` components, and of the fits from them."""
    samples, length, states = shape
    combinations = length / USUAL_SHARE
    components = samples * length * states * (states + kept)
    products = samples * kept**2 * combinations * (combinations + 1) / 2
    columns = 1.5 * USUAL_BLOCKS * block_width(rank)
    used = [min(h, combinations / USUAL_SHARE + 1) for h in delays]
    fits = sum((combinations**2 / 2 + columns) * (one * kept) ** 2 for one in used)
    return components + products + fits
