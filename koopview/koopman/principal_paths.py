"""Few trajectories with the second moments of many: the principal paths of a sample, steps and states as one vector."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from koopview.koopman.arrays import Array, arrays_of, as_numpy
from koopview.koopman.trajectories import Chunks, snapshots
from koopview.progress import Progress, silent

NAME = "principal paths"
"""Name of these in results."""

BLOCK = 1000
"""Trajectories that are added to the principal paths at once."""

FLOOR = 1e-6
"""Least energy of a path that is kept, as a share of the largest: Gram matrices in float32 have digits above it."""


@dataclass(frozen=True, eq=False)
class PrincipalPaths:
    """Principal paths of trajectories, seen as vectors of (steps + 1) states numbers.

    Whatever is a sum over samples of products of two states, as every Gram matrix of delay vectors is, is nearly the
    same of these paths as of all: exactly, if none is left out.

    Attributes
    ----------
    paths : float32 array (steps + 1, kept, states)
        Orthogonal as vectors, the longest first; step by step.
    energies : array (kept,)
        Their squared lengths.
    """

    paths: Array
    energies: np.ndarray

    @property
    def count(self) -> int:
        """Paths that are kept."""
        return int(self.paths.shape[1])

    @cached_property
    def of_steps(self) -> np.ndarray:
        """Scalar products of each two steps, summed over the paths, float64 (steps + 1, steps + 1)."""
        rows = self.paths.reshape((len(self.paths), -1))
        return as_numpy(rows @ rows.T).astype(float)


def principal_paths(
    trajectories: Array | Chunks, rank: int, left_out: float, progress: Progress = silent
) -> PrincipalPaths:
    """Return the PrincipalPaths of trajectories (samples, steps + 1, states), computed in float32.

    Parameters
    ----------
    rank : int
        The largest that operators of the paths are wanted for.
    left_out : float
        Directions with no more energy than this share of that of direction number `rank` are left out.

    Raises
    ------
    InputError
        If shapes do not fit, or the states are not finite, or complex or whole numbers.
    """
    data = snapshots(trajectories, 1, 1)
    samples, length, states = data.chunks.shape
    kept: Any = None
    energies, least, waiting = np.zeros(0), 0.0, []
    done = 0
    for chunk in data:
        progress(done / samples, "principal paths")
        waiting.append(data.arrays.float32(chunk).reshape((-1, length * states)))
        done += len(chunk)
        if sum(map(len, waiting)) < BLOCK and done < samples:
            continue
        rows = data.arrays.concat(waiting if kept is None else [kept, *waiting], 0)
        of_block = least if kept is not None and done < samples else None
        kept, energies, least = _leading(rows, rank, left_out, of_block)
        waiting = []
    paths = kept.reshape((-1, length, states))
    return PrincipalPaths(data.arrays.stack([paths[:, step] for step in range(length)], 0), energies)


def _leading(rows: Array, rank: int, left_out: float, least: float | None) -> tuple[Array, np.ndarray, float]:
    """Return the leading principal rows, their energies, falling, and the energy above which they are.

    `least` is that energy, if it is known: blocks on the way to all samples leave out no more than the first one did,
    so that what all of them leave out is what one of all would.
    """
    xp = arrays_of(rows)
    squares, vectors = xp.eigh(xp.float64(rows @ rows.T))
    falling = as_numpy(squares)[::-1]
    if least is None:
        least = max(left_out * float(falling[min(rank, len(falling)) - 1]), FLOOR * float(falling[0]))
    count = max(int(np.count_nonzero(falling > least)), 1)
    leading = xp.float32(xp.flip(vectors, 1)[:, :count])
    return leading.T @ rows, falling[:count].copy(), least
