"""Left singular vectors and singular values with all their digits."""

from collections.abc import Iterator

import numpy as np

from koopview.koopman.arrays import Array, arrays_of, as_numpy
from koopview.koopman.hankel import Tick
from koopview.koopman.trajectories import Snapshots

ROWS = 2**20
"""Numbers that one QR call takes: numpy holds the interpreter's lock while it copies them."""


def tall_svd(snapshots: Snapshots, tick: Tick) -> tuple[Array, np.ndarray]:
    """Return left singular vectors (features, features) and singular values; for no fewer snapshots than features.

    They come from the triangular factor of the snapshots as rows, which is updated by some rows at a time.
    """
    xp, triangle = snapshots.arrays, snapshots.arrays.zeros(0, snapshots.features)
    for rows in _snapshot_rows(snapshots, tick):
        triangle = xp.triangular_factor(xp.concat([triangle, rows], 0))
    return _right_vectors(triangle)


def stacked_svd(snapshots: Snapshots, tick: Tick) -> tuple[Array, np.ndarray]:
    """Return left singular vectors (features, snapshots) and singular values; for fewer snapshots than features."""
    return _right_vectors(stacked(snapshots, tick))


def stacked(snapshots: Snapshots, tick: Tick) -> Array:
    """Return the delay vectors that have a successor as rows (snapshots, features), formed."""
    return snapshots.arrays.concat(list(_snapshot_rows(snapshots, tick)), 0)


def _right_vectors(rows: Array) -> tuple[Array, np.ndarray]:
    """Return right singular vectors as columns, and singular values."""
    _, s, vh = arrays_of(rows).svd(rows)
    return vh.T, as_numpy(s)


def _snapshot_rows(snapshots: Snapshots, tick: Tick) -> Iterator[Array]:
    """Yield the delay vectors that have a successor, some (any number, features) at a time.

    If samples are few, many windows are joined: a QR update by few rows costs as much as one by many.
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
