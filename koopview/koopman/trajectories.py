"""Trajectories as the decomposition takes them: an array, or chunks that are made again at every pass."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from koopview.errors import InputError
from koopview.koopman.arrays import Array, Arrays, arrays_of
from koopview.koopman.delays import check_delays

CHUNK = 2**23
"""Numbers of a trajectory chunk that are worked on at once (64 MiB in float64): above it nothing gets faster."""

LARGEST = 1e150
"""Largest magnitude whose square float64 holds; below its inverse squares vanish."""


@dataclass(frozen=True, eq=False)
class Chunks:
    """Trajectories that are made again at every pass, some samples at a time, so that memory does not grow with them.

    Attributes
    ----------
    shape : (int, int, int)
        Samples, steps + 1, states.
    make : callable
        ``make(start, stop)`` returns the trajectories (stop - start, steps + 1, states) of those samples, a float32
        or float64 array of numpy or torch, the same ones at every call.
    """

    shape: tuple[int, int, int]
    make: Callable[[int, int], Any]

    @property
    def ndim(self) -> int:
        """Axes, as an array's."""
        return len(self.shape)


@dataclass(frozen=True, eq=False)
class Snapshots:
    """Checked trajectories with the delay windows that cover them.

    Attributes
    ----------
    chunks : Chunks
    delays : int
        h.
    arrays : Arrays
        Operations of the library and device of the data.
    single : bool
        Whether the states are float32.
    made : bool
        Whether the trajectories are made at every pass.
    columns : int
        Of the widest matrix that they will be multiplied with.
    """

    chunks: Chunks
    delays: int
    arrays: Arrays
    single: bool
    made: bool
    columns: int

    def in_single(self) -> "Snapshots":
        """Return the Snapshots whose products are computed in float32."""
        return replace(self, arrays=self.arrays.single())

    @property
    def numbers(self) -> int:
        """Numbers of all trajectories."""
        samples, length, states = self.chunks.shape
        return samples * length * states

    @property
    def states(self) -> int:
        """States of a step, d."""
        return self.chunks.shape[2]

    @property
    def steps(self) -> int:
        """Steps of a trajectory, N."""
        return self.chunks.shape[1] - 1

    @property
    def windows(self) -> int:
        """Delay vectors of a trajectory that have a successor, N - h + 1."""
        return self.steps - self.delays + 1

    @property
    def features(self) -> int:
        """Rows of the snapshot matrix, h d."""
        return self.delays * self.states

    @property
    def count(self) -> int:
        """Columns of the snapshot matrix."""
        return self.chunks.shape[0] * self.windows

    @property
    def rows(self) -> int:
        """Samples of a chunk at most."""
        _, length, states = self.chunks.shape
        return max(1, CHUNK // max(length * states, self.windows * self.columns))

    @property
    def are_long(self) -> bool:
        """Whether the samples are few and long, so that working by samples takes fewer, larger products.

        It takes 2 h + 1 products for each sample of a chunk; working by windows takes 2 for each window.
        """
        return min(self.rows, self.chunks.shape[0]) * (2 * self.delays + 1) < 2 * self.windows

    def __iter__(self) -> Iterator[Array]:
        """Yield the trajectories (some samples, steps + 1, states), float64, chunk by chunk.

        Neither a chunk nor its product holds more than `CHUNK` numbers, unless a single sample does.
        """
        samples = self.chunks.shape[0]
        for start in range(0, samples, self.rows):
            yield self.chunk(start, min(start + self.rows, samples))

    def chunk(self, start: int, stop: int) -> Array:
        """Return the trajectories of some samples, float64; raises InputError for what is not finite."""
        return checked(self.chunks.make(start, stop), (stop - start, *self.chunks.shape[1:]))


def snapshots(trajectories: Array | Chunks, delays: int, rank: int | None = None) -> Snapshots:
    """Check trajectories, an array or `Chunks`, and return them with their delay windows.

    They may be multiplied with as many columns as `rank` (None: all) asks for.

    Raises
    ------
    InputError
        If shapes or `delays` do not fit, or the states are complex or whole numbers.
    """
    check_delays(trajectories, delays)
    chunks = trajectories if isinstance(trajectories, Chunks) else _of_array(trajectories)
    first = chunks.make(0, 1)
    xp = arrays_of(first)
    if not xp.is_real_float(first):
        raise InputError(f"the trajectories hold {first.dtype}, expected float32 or float64")
    features = int(delays) * chunks.shape[2]
    columns = min(rank or features, features)
    return Snapshots(chunks, int(delays), xp, xp.is_single(first), chunks is trajectories, columns)


def _of_array(array: Array) -> Chunks:
    """Return an array (samples, steps + 1, states) as chunks that are views of it."""
    samples, length, states = array.shape
    return Chunks((samples, length, states), lambda start, stop: array[start:stop])


def checked(chunk: Array, shape: tuple[int, int, int]) -> Array:
    """Return a chunk in float64; raise InputError for another shape, or numbers whose squares float64 cannot hold."""
    xp = arrays_of(chunk)
    if tuple(chunk.shape) != shape:
        raise InputError(f"a chunk of the trajectories has shape {tuple(chunk.shape)}, expected {shape}")
    low, high = xp.extremes(chunk)
    if not np.isfinite(low) or not np.isfinite(high):
        raise InputError(
            "the trajectories hold NaN or infinite numbers, expected finite states: check the layer's inputs"
        )
    if max(-low, high) > LARGEST:
        raise InputError(f"the trajectories reach {max(-low, high):.0e}, expected states below {LARGEST:.0e}")
    return xp.float64(chunk)
