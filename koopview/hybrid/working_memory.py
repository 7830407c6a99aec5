"""What a fit will need of memory, so that one that cannot fit is refused before it is begun."""

from koopview.hybrid.accuracy import BATCH
from koopview.koopman.decomposition import SMALL
from koopview.koopman.krylov import krylov_columns
from koopview.memory import check_memory

NUMBER = 8
"""Bytes of a float64."""


def check_working_memory(samples: int, steps: int, delays: int, states: int, rank: int | None) -> None:
    """Raise InputError, with the settings that could be smaller, if a fit of this size needs more than is free."""
    what = f"a fit of {samples:,} samples, {steps:,} steps and {delays:,} delays of {states:,} states"
    fewer = "fewer samples, steps or delays" if rank is not None else "fewer delays, or a rank instead of auto"
    check_memory(working_memory(samples, steps, delays, states, rank), what, fewer)


def working_memory(samples: int, steps: int, delays: int, states: int, rank: int | None) -> int:
    """Return the bytes that a fit needs at its peak, measured to be right within a factor of two.

    Making the trajectories takes three arrays of their size, a Gram matrix five of its own, an exact decomposition of
    fewer snapshots than features five of the snapshots; block Krylov takes four of the snapshots' coordinates in its
    basis, and four of the basis. `rank` is the one to decompose for.
    """
    features, snapshots = delays * states, samples * (steps - delays + 1)
    trajectories = NUMBER * max(samples, BATCH // 2) * (steps + 1) * states
    columns = krylov_columns(rank) if rank is not None else features
    size = min(features, snapshots)
    krylov = size > max(SMALL, columns) and rank is not None
    decomposition = 4 * NUMBER * columns * (features + snapshots) if krylov else 5 * NUMBER * features * size
    return max(3 * trajectories, trajectories + decomposition)
