"""Few trajectories with the second moments of many: the principal paths of a sample, steps and states as one vector."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from koopview.koopman.arrays import Array, arrays_of, as_numpy, beside
from koopview.koopman.few import blocks_of, spaced
from koopview.koopman.trajectories import Chunks, Snapshots, snapshots
from koopview.progress import Progress, part, silent

NAME = "principal paths"
"""Name of these in results."""

BLOCK = 1000
"""Trajectories that are added to the principal paths at once."""

FEW = 5000
"""Trajectories from which principal paths are found; of more, they are those in the space of these, a little wider."""

NEIGHBOURS = 8
"""Of these, so many stand side by side: what a run of samples alone has is then not passed over."""

WIDER = 0.25
"""Share of the energy left out that paths of few leave out, where there are more."""

LOST = 3.0
"""Energy that the space of few may lack in all, as a multiple of that of the path whose number is the rank. Of 20,000
paths of MNIST's first layer it is 0.9 of that of number 100, spread over some thousand directions."""

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
    few = spaced(samples, FEW, FEW // NEIGHBOURS)
    if len(few) == samples:
        rows, energies = _of_blocks(data, few, rank, left_out, progress)
    else:
        wide, energies = _of_blocks(data, few, rank, WIDER * left_out, part(progress, 0.0, 0.3))
        rows, energies, lost = _of_all(data, wide, energies, rank, left_out, part(progress, 0.3, 0.7))
        if lost > LOST * float(energies[min(rank, len(energies)) - 1]):
            rows, energies = _of_blocks(data, np.arange(samples), rank, left_out, part(progress, 0.7, 1.0))
    paths = rows.reshape((-1, length, states))
    return PrincipalPaths(data.arrays.stack([paths[:, step] for step in range(length)], 0), energies)


def _of_blocks(
    data: Snapshots, indices: np.ndarray, rank: int, left_out: float, progress: Progress
) -> tuple[Array, np.ndarray]:
    """Return principal rows of some trajectories, and their energies, BLOCK after BLOCK."""
    kept: Any = None
    energies, least, waiting, done = np.zeros(0), 0.0, [], 0
    for start, stop in _parts(indices, data.rows):
        progress(done / len(indices), "principal paths")
        waiting.append(_rows(data, start, stop))
        done += stop - start
        if sum(map(len, waiting)) < BLOCK and done < len(indices):
            continue
        rows = data.arrays.concat(waiting if kept is None else [kept, *waiting], 0)
        of_block = least if kept is not None and done < len(indices) else None
        kept, energies, least = _leading(rows, rank, left_out, of_block)
        waiting = []
    return kept, energies


def _of_all(
    data: Snapshots, rows: Array, energies: np.ndarray, rank: int, left_out: float, progress: Progress
) -> tuple[Array, np.ndarray, float]:
    """Return principal rows of all trajectories, in the space of those of few, their energies, and what that lacks."""
    xp, samples = data.arrays, data.chunks.shape[0]
    basis = rows / xp.float32(beside(np.sqrt(energies), rows)).reshape((-1, 1))
    total: Any = 0.0
    square = 0.0
    for start, stop in _parts(np.arange(samples), data.rows):
        progress(start / samples, "principal paths")
        chunk = _rows(data, start, stop)
        coordinates = chunk @ basis.T
        total += xp.float64(coordinates.T @ coordinates)
        square += float(xp.sum(chunk**2))
    squares, vectors = xp.eigh(total)
    falling = as_numpy(squares)[::-1]
    count = max(int(np.count_nonzero(falling > _least(falling, rank, left_out))), 1)
    lengths = beside(np.sqrt(falling[:count]), rows).reshape((-1, 1))
    leading = xp.float32(xp.flip(vectors, 1)[:, :count].T * lengths)
    return leading @ basis, falling[:count].copy(), square - float(falling.sum())


def _parts(indices: np.ndarray, most: int) -> Iterator[tuple[int, int]]:
    """Yield the runs of rising indices, cut to at most so many."""
    for first, last in blocks_of(indices):
        for start in range(first, last, most):
            yield start, min(start + most, last)


def _rows(data: Snapshots, start: int, stop: int) -> Any:
    """Return trajectories as float32 rows, (samples, (steps + 1) states)."""
    chunk = data.arrays.float32(data.chunk(start, stop))
    return chunk.reshape((len(chunk), -1))


def _least(falling: np.ndarray, rank: int, left_out: float) -> float:
    """Return the energy up to which paths are left out, of all energies, falling."""
    return max(left_out * float(falling[min(rank, len(falling)) - 1]), FLOOR * float(falling[0]))


def _leading(rows: Array, rank: int, left_out: float, least: float | None) -> tuple[Array, np.ndarray, float]:
    """Return the leading principal rows, their energies, falling, and the energy above which they are.

    `least` is that energy, if it is known: blocks on the way to all samples leave out no more than the first one did,
    so that what all of them leave out is what one of all would.
    """
    xp = arrays_of(rows)
    squares, vectors = xp.eigh(xp.float64(rows @ rows.T))
    falling = as_numpy(squares)[::-1]
    if least is None:
        least = _least(falling, rank, left_out)
    count = max(int(np.count_nonzero(falling > least)), 1)
    leading = xp.float32(xp.flip(vectors, 1)[:, :count])
    return leading.T @ rows, falling[:count].copy(), least
