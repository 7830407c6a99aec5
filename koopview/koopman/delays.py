"""Delay coordinates, per trajectory and never across trajectories (METHOD section 3)."""

from typing import Any

import numpy as np

from koopview.errors import InputError
from koopview.koopman.arrays import Array, arrays_of


def delay_windows(trajectories: Array, delays: int) -> list[Any]:
    """Return the delay vectors z[k] of all trajectories, one view (samples, delays * states) for each k.

    The oldest state comes first. With the trajectories laid out as rows, window k is a slice: nothing is copied.

    Parameters
    ----------
    trajectories : array (samples, steps + 1, states), numpy or torch
    delays : int
        h, from 1 to `steps`.

    Raises
    ------
    InputError
        If the array has another number of axes, is empty, or `delays` does not fit.
    """
    check_delays(trajectories, delays)
    samples, snapshots, states = trajectories.shape
    rows = trajectories.reshape((samples, snapshots * states))
    return [rows[:, k * states : (k + delays) * states] for k in range(snapshots - delays + 1)]


def check_delays(trajectories: Any, delays: int) -> None:
    """Raise InputError unless the array has axes (samples, steps + 1, states) and `delays` fits it."""
    if getattr(trajectories, "ndim", 0) != 3 or 0 in trajectories.shape:
        raise InputError(
            f"trajectories have shape {tuple(getattr(trajectories, 'shape', ()))}, expected (samples, steps, states) "
            "with at least one of each"
        )
    snapshots = trajectories.shape[1]
    if not isinstance(delays, (int, np.integer)) or not 1 <= delays < snapshots:
        raise InputError(f"delays is {delays!r}, expected a whole number of 1 to {snapshots - 1} (the number of steps)")


def delay_embed(trajectories: Array, delays: int) -> Array:
    """Return the delay vectors as one array (samples, steps - delays + 2, delays * states); parameters as above."""
    windows = delay_windows(trajectories, delays)
    return arrays_of(trajectories).stack(windows, 1)
