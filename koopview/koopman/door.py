"""The choice between fits of several numbers of delays found one from another, and a decomposition for each."""

from collections.abc import Sequence

from koopview.koopman.arrays import NUMPY
from koopview.koopman.decomposition import SMALL, leading_cost
from koopview.koopman.principal_paths import BLOCK, FEW
from koopview.koopman.successive import MORE
from koopview.koopman.trajectories import Chunks, Snapshots

USUAL_STATES, USUAL_WINDOWS, USUAL_PRODUCTS = 3, 5, 5
"""Delays for each combination of states that is used, combinations of delay vectors, and products with a block."""

MOST_BYTES = 1 << 30
"""Most bytes of principal paths and their combinations."""


def sharing_pays(shape: tuple[int, ...], delays: Sequence[int], rank: int) -> bool:
    """Return whether fits with all these numbers of delays are cheaper found one from another from principal paths.

    They are not for one number of delays, nor for a small problem, whose samples are decomposed whole in no time, nor
    for a rank near the number of states.

    Parameters
    ----------
    shape : (int, int, int)
        Samples, steps + 1, states of the trajectories.
    delays : sequence of int
        Those that are to be fitted.
    rank : int
        The largest.
    """
    samples, length, states = shape
    large = [h for h in delays if min(h * states, samples * (length - h)) > SMALL]
    if len(delays) < 2 or len(large) < len(delays) or 2 * rank > states:
        return False
    alone = sum(leading_cost(_snapshots((samples, length, states), h, rank), rank) for h in delays)
    kept = min(samples, BLOCK)
    snapshots = kept * USUAL_WINDOWS * states * max(delays)
    if 4 * (2 * kept * length * states + 2 * snapshots // USUAL_STATES) > MOST_BYTES:
        return False
    principal = (4 * min(samples, FEW) + samples * (samples > FEW)) * kept * length * states
    found = sum(
        kept * USUAL_WINDOWS * states * (h / USUAL_STATES + 1) * (USUAL_PRODUCTS * (rank + MORE) + 2 * length)
        for h in delays
    )
    return (principal + found) / 2 < alone  # in float32


def _snapshots(shape: tuple[int, int, int], delays: int, rank: int) -> Snapshots:
    """Return Snapshots of trajectories of a shape, of which only the sizes are used."""
    return Snapshots(Chunks(shape, lambda start, stop: None), delays, NUMPY, False, False, rank)
