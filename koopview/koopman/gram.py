"""The Gram matrix of all delay vectors with their next state, as sums of products of states some steps apart."""

from koopview.koopman.arrays import Array, arrays_of
from koopview.koopman.hankel import Tick
from koopview.koopman.trajectories import Snapshots


def block_gram(snapshots: Snapshots, tick: Tick) -> Array:
    """Return the Gram matrix ((h + 1) d, (h + 1) d) of the windows of h + 1 states.

    Without its last block row and column it is ``Z Z^T``, without its first row and last column ``Z' Z^T``. Block
    (i, i + l) is the sum over the windows k of the products of x[k + i] and x[k + i + l] over all samples. Every such
    product is taken once: (h + 1) (N + 1) - h (h + 1) / 2 of them, where the matrix of the formed windows takes
    (N - h + 1) (h + 1)^2, half of them by symmetry. Further memory than the result: a block row.
    """
    d, h = snapshots.states, snapshots.delays
    size = (h + 1) * d
    panels = snapshots.arrays.zeros(size, size)
    done, whole = 0, snapshots.chunks.shape[0] * (snapshots.steps + 1)
    for trajectories in snapshots:
        rows = trajectories.reshape((trajectories.shape[0], -1))
        for k in range(snapshots.steps + 1):
            tick(done / whole)
            _add_products(panels, rows, k, snapshots)
            done += trajectories.shape[0]
    for i in range(h):
        panels[(i + 1) * d : (i + 2) * d] += panels[i * d : (i + 1) * d]
    return _unrolled(panels, d)


def _add_products(panels: Array, rows: Array, k: int, snapshots: Snapshots) -> None:
    """Add the products of x[k] with itself and the h states after it to the block rows that begin or end with them.

    Block row i holds them by their lag, less block row i - 1: where k leaves the sum they are taken away.
    """
    d, h, windows = snapshots.states, snapshots.delays, snapshots.windows
    later = rows[:, k * d : (k + h + 1) * d]
    products = rows[:, k * d : (k + 1) * d].T @ later
    if k < windows:
        panels[:d] += products
    elif (i := k - windows + 1) <= h:
        panels[i * d : (i + 1) * d, : products.shape[1]] += products
    if k < h:
        panels[(k + 1) * d : (k + 2) * d, : products.shape[1]] -= products


def _unrolled(panels: Array, d: int) -> Array:
    """Move each block row from its lags to its columns, in place, and fill the lower half by symmetry."""
    size = panels.shape[0]
    for i in range(0, size, d):
        panels[i : i + d, i:] = arrays_of(panels).copy(panels[i : i + d, : size - i])
    for i in range(0, size, d):
        panels[i + d :, i : i + d] = panels[i : i + d, i + d :].T
    return panels
