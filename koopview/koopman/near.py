"""The operator of trajectories whose leading singular vectors are known nearly, as from sums in components."""

import numpy as np

from koopview.koopman.arrays import Array, arrays_of
from koopview.koopman.decomposition import GRAM_FLOOR, GRAM_GUARD
from koopview.koopman.dmd import Dmd, dmd_of
from koopview.koopman.hankel import Tick
from koopview.koopman.krylov import CONVERGED, Multiply, leading_eigenvectors
from koopview.koopman.moments import Moments
from koopview.koopman.moments_fit import single_rounding
from koopview.koopman.refinement import triplets_of_squares
from koopview.koopman.spectrum import Wanted

KRYLOV = "randomized"
"""Name of this decomposition in results: it is that of block Krylov on the data."""


def fit_near(start: Array, multiply: Multiply, wanted: Wanted, delays: int, tick: Tick) -> Dmd:
    """Return the Dmd found by block Krylov that begins with vectors near the leading ones.

    Parameters
    ----------
    start : array (features, columns)
        Orthonormal; more columns than the rank wanted make fewer passes.
    multiply : callback
        Returns ``Z Z^T block`` with the last block of ``Z' Z^T block`` below it: a pass over the data.
    wanted : Wanted
        With a rank.
    delays : int
    tick : callback
    """
    assert wanted.rank is not None
    features, xp = wanted.shape[0], arrays_of(start)
    found = leading_eigenvectors(multiply, features, wanted.rank, xp, tick, start)
    rough = np.sqrt(np.maximum(found.values, 0.0))
    kept = wanted.needed(rough, GRAM_FLOOR)
    vectors, products = found.vectors[:, :kept], found.products[:, :kept]
    triplets = triplets_of_squares(vectors, rough[:kept], products, features // delays)
    return dmd_of(wanted.spectrum(triplets, rough, GRAM_FLOOR, KRYLOV, triplets.residual), delays)


def single_is_enough(moments: Moments, singular_values: np.ndarray, rank: int) -> bool:
    """Return whether passes in float32, less means, have digits enough for a rank, by what moments and spectrum say.

    Their rounding must stay below the residual at which the iteration ends.
    """
    if len(singular_values) < rank:
        return False
    share = float(singular_values[rank - 1] / singular_values[0])
    return share >= GRAM_GUARD and single_rounding(moments) <= CONVERGED * share**2
