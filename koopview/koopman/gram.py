"""The Gram matrix of all delay vectors with their next state, as sums of products of states some steps apart."""

from koopview.koopman.arrays import Array, arrays_of
from koopview.koopman.hankel import Tick
from koopview.koopman.trajectories import Snapshots


def block_gram(snapshots: Snapshots, tick: Tick) -> Array:
    """Return the Gram matrix ((h + 1) d, (h + 1) d) of the windows of h + 1 states.

    Without its last block row and column it is ``Z Z^T``, without its first row and last column ``Z' Z^T``. Block
    (i, i + l) is the sum over the windows k of the products of x[k + i] and x[k + i + l] over all samples. Every such
    product is computed once: (h + 1) (N + 1) - h (h + 1) / 2 products. Formed windows would take (N - h + 1) (h + 1)^2,
    or half of that by symmetry. Memory besides the result: one block row.

    Many samples are summed at each step; few long ones are each summed over their steps.
    """
    d, h, xp = snapshots.states, snapshots.delays, snapshots.arrays
    size = (h + 1) * d
    panels, scratch = xp.zeros(size, size), xp.empty(d, size)
    steps = _steps_at_the_ends(snapshots) if snapshots.are_long else range(snapshots.steps + 1)
    done = 0
    for trajectories in snapshots:
        rows = trajectories.reshape((trajectories.shape[0], -1))
        for number, k in enumerate(steps):
            tick((done + trajectories.shape[0] * number / len(steps)) / snapshots.chunks.shape[0])
            _add_products(panels, rows, k, snapshots, scratch)
        if snapshots.are_long:
            _add_lags(panels, trajectories, snapshots, scratch)
        done += trajectories.shape[0]
    for i in range(h):
        panels[(i + 1) * d : (i + 2) * d] += panels[i * d : (i + 1) * d]
    return _unrolled(panels, d)


def _steps_at_the_ends(snapshots: Snapshots) -> list[int]:
    """Return the steps k, a list of int, that belong to some block rows but not to all."""
    h, windows = snapshots.delays, snapshots.windows
    return [*range(h), *range(max(h, windows), snapshots.steps + 1)]


def _add_products(panels: Array, rows: Array, k: int, snapshots: Snapshots, scratch: Array) -> None:
    """Add the products of x[k] with itself and the h states after it to the block rows that begin or end with them.

    Block row i stores, by lag, its difference from block row i - 1: products are subtracted where k leaves the sum.
    (For long trajectories :func:`_add_lags` fills the first block row.)
    """
    d, h, windows = snapshots.states, snapshots.delays, snapshots.windows
    later = rows[:, k * d : (k + h + 1) * d]
    width = later.shape[1]
    products = arrays_of(rows).matmul(rows[:, k * d : (k + 1) * d].T, later, out=scratch[:, :width])
    if k < windows:
        if not snapshots.are_long:
            panels[:d] += products
    elif (i := k - windows + 1) <= h:
        panels[i * d : (i + 1) * d, :width] += products
    if k < h:
        panels[(k + 1) * d : (k + 2) * d, :width] -= products


def _add_lags(panels: Array, trajectories: Array, snapshots: Snapshots, scratch: Array) -> None:
    """Add the products of x[k] and x[k + l], summed over windows k, to the first block row, one product per lag."""
    d, windows, xp = snapshots.states, snapshots.windows, arrays_of(trajectories)
    for states in trajectories:
        for lag in range(snapshots.delays + 1):
            products = xp.matmul(states[:windows].T, states[lag : lag + windows], out=scratch[:, :d])
            panels[:d, lag * d : (lag + 1) * d] += products


def _unrolled(panels: Array, d: int) -> Array:
    """Return the Gram matrix of block rows stored by lag, in place: rows are shifted and the lower half is filled."""
    size = panels.shape[0]
    for i in range(0, size, d):
        panels[i : i + d, i:] = arrays_of(panels).copy(panels[i : i + d, : size - i])
    return mirrored(panels, d)


def mirrored(matrix: Array, d: int) -> Array:
    """Return a symmetric matrix with its lower half filled, block column by block column of width d, in place."""
    for i in range(0, matrix.shape[0], d):
        matrix[i + d :, i : i + d] = matrix[i : i + d, i + d :].T
    return matrix
