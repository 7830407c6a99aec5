"""Left singular vectors and singular values with all their digits."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from array_api_compat import array_namespace

from koopview.koopman.delays import as_numpy
from koopview.koopman.hankel import Tick
from koopview.koopman.trajectories import Snapshots

ROWS = 2**20
"""Numbers that a QR takes in at once: numpy's holds the interpreter's lock while it copies them."""


def tall_svd(snapshots: Snapshots, tick: Tick) -> tuple[Any, np.ndarray]:
    """Return left singular vectors (features, features) and values of at least as many snapshots as features.

    By the triangular factor of the snapshots as rows, which takes in some of them after the others.
    """
    xp, triangle = array_namespace(snapshots.like), None
    for rows in _snapshot_rows(snapshots, tick):
        stacked = rows if triangle is None else xp.concat([triangle, rows], axis=0)
        triangle = xp.linalg.qr(stacked, mode="reduced")[1]
    return _right_vectors(triangle)


def stacked_svd(snapshots: Snapshots, tick: Tick) -> tuple[Any, np.ndarray]:
    """Return left singular vectors (features, snapshots) and values of fewer snapshots than features."""
    return _right_vectors(array_namespace(snapshots.like).concat(list(_snapshot_rows(snapshots, tick)), axis=0))


def _right_vectors(rows: Any) -> tuple[Any, np.ndarray]:
    """Return right singular vectors as columns, and singular values."""
    _, s, vh = array_namespace(rows).linalg.svd(rows, full_matrices=False)
    return vh.T, as_numpy(s)


def _snapshot_rows(snapshots: Snapshots, tick: Tick) -> Iterator[Any]:
    """Give the delay vectors that have a successor, some (any number, features) at a time."""
    d, features, done = snapshots.states, snapshots.features, 0
    step = max(1, ROWS // features)
    for trajectories in snapshots:
        rows = array_namespace(trajectories).reshape(trajectories, (trajectories.shape[0], -1))
        for k in range(snapshots.windows):
            for start in range(0, rows.shape[0], step):
                tick(done / snapshots.count)
                part = rows[start : start + step, k * d : k * d + features]
                yield part
                done += part.shape[0]
