"""Left singular vectors and singular values with all their digits."""

from collections.abc import Iterator

import numpy as np

from koopview.koopman.arrays import Array, arrays_of, as_numpy
from koopview.koopman.hankel import Tick
from koopview.koopman.trajectories import Snapshots

ROWS = 2**20
"""Numbers that a QR takes in at once: numpy's holds the interpreter's lock while it copies them."""


def tall_svd(snapshots: Snapshots, tick: Tick) -> tuple[Array, np.ndarray]:
    """Return left singular vectors (features, features) and values of at least as many snapshots as features.

    By the triangular factor of the snapshots as rows, which takes in some of them after the others.
    """
    xp, triangle = snapshots.arrays, snapshots.arrays.zeros(0, snapshots.features)
    for rows in _snapshot_rows(snapshots, tick):
        triangle = xp.triangular_factor(xp.concat([triangle, rows], 0))
    return _right_vectors(triangle)


def stacked_svd(snapshots: Snapshots, tick: Tick) -> tuple[Array, np.ndarray]:
    """Return left singular vectors (features, snapshots) and values of fewer snapshots than features."""
    return _right_vectors(snapshots.arrays.concat(list(_snapshot_rows(snapshots, tick)), 0))


def _right_vectors(rows: Array) -> tuple[Array, np.ndarray]:
    """Return right singular vectors as columns, and singular values."""
    _, s, vh = arrays_of(rows).svd(rows)
    return vh.T, as_numpy(s)


def _snapshot_rows(snapshots: Snapshots, tick: Tick) -> Iterator[Array]:
    """Give the delay vectors that have a successor, some (any number, features) at a time.

    Of few samples those of many windows together: a QR of few rows more costs as much as one of many.
    """
    h, features, done, xp = snapshots.delays, snapshots.features, 0, snapshots.arrays
    wanted = max(1, ROWS // features)
    for trajectories in snapshots:
        windows = max(1, wanted // trajectories.shape[0])
        for start in range(0, trajectories.shape[0], wanted):
            states = trajectories[start : start + wanted]
            for first in range(0, snapshots.windows, windows):
                tick(done / snapshots.count)
                last = min(first + windows, snapshots.windows)
                part = xp.concat([states[:, first + j : last + j] for j in range(h)], 2).reshape((-1, features))
                yield part
                done += part.shape[0]
