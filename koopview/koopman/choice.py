"""Choose a rank on held-out samples, from one decomposition of all samples (METHOD section 4)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from koopview.koopman.arrays import Array, arrays_of, beside
from koopview.koopman.delays import delay_windows
from koopview.koopman.dmd import Dmd

JITTER = 1e-10
"""Added to the diagonal of `squares`, which the removal of samples can make singular."""


@dataclass(frozen=True, eq=False)
class Without:
    """Sums over the fitting samples without the held-out ones; q = c / s for the coordinates c of a delay vector.

    Attributes
    ----------
    squares : array (rank, rank)
        The sum of ``q q^T``: the identity minus the held-out samples' sum.
    cross : array (rank, rank)
        The sum of ``c' q^T``.
    newest : array (outputs, rank)
        The sum of ``x' q^T`` with x' the newest state a step later.
    """

    squares: Array
    cross: Array
    newest: Array


def outputs_apart(
    dmd: Dmd, trajectories: Array, outputs: int, ranks: Iterable[int], exact: bool = False
) -> dict[int, Any]:
    """Return the outputs of held-out fitting samples, predicted by operators of several ranks fitted without them.

    The held-out samples' products are subtracted from those of all samples: nothing is decomposed again. (The basis,
    which is computed without outputs, stays that of all samples.)

    Parameters
    ----------
    dmd : Dmd
        Fitted to all samples, of the largest rank.
    trajectories : array (some of the samples, steps + 1, states)
    outputs : int
        Entries of the newest state that are the layer's output.
    ranks : whole numbers
        A rank above the operator's is lowered to it.
    exact : bool
        Whether the last step is ``Z' V S^-1``, as for observables other than delays.

    Returns
    -------
    dict of rank to array (some of the samples, outputs)
    """
    states, steps = trajectories.shape[2], trajectories.shape[1] - dmd.delays
    windows = delay_windows(trajectories, dmd.delays)
    newest = slice((dmd.delays - 1) * states, (dmd.delays - 1) * states + outputs)
    left, first = without(dmd, windows, newest), windows[0] @ dmd.basis
    return {
        rank: first[:, :rank] @ readout_of(dmd, left, newest, rank, steps, exact).T
        for rank in sorted({min(int(one), dmd.rank) for one in ranks})
    }


def without(dmd: Dmd, windows: list[Array], newest: slice) -> Without:
    """Return the products of all fitting samples except those whose delay windows, one per step, are given."""
    scale = beside(dmd.singular_values[: dmd.rank], dmd.basis)
    squares = arrays_of(dmd.basis).eye(dmd.rank)
    cross, images = dmd.matrix * scale, dmd.propagated_basis[newest] * scale
    before = (windows[0] @ dmd.basis) / scale
    for window in windows[1:]:
        after = window @ dmd.basis
        squares = squares - before.T @ before
        cross = cross - after.T @ before
        images = images - window[:, newest].T @ before
        before = after / scale
    return Without(squares, cross, images)


def readout_of(dmd: Dmd, left: Without, newest: slice, rank: int, steps: int, exact: bool) -> Array:
    """Return the matrix (outputs, rank) that maps coordinates of z_0 to the output, from the products `left`."""
    xp = arrays_of(dmd.basis)
    squares = left.squares[:rank, :rank] + JITTER * xp.eye(rank)
    both = xp.concat([left.cross[:rank, :rank], left.newest[:, :rank]], axis=0)
    both = xp.solve(squares, both.T).T / beside(dmd.singular_values[:rank], dmd.basis)
    matrix, last = both[:rank], both[rank:]
    if exact:
        return last @ xp.power(matrix, steps - 1)
    return dmd.basis[newest, :rank] @ xp.power(matrix, steps)
