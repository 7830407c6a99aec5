"""The sums over samples that hold all that dynamic mode decomposition needs, for every number of delays and every rank.

Delay vectors pair states of the same trajectory, so that every Gram matrix of delay vectors is a sum of the second
moments of pairs of steps, the products of x_i and x_j summed over samples. These do not grow with the samples, and add
up over chunks, files and machines:

    moments = no_moments(first_chunk)                   # or: no_moments(first_chunk, components=basis, single=True)
    for chunk in chunks:                                # arrays (samples, steps + 1, states), numpy or torch
        moments.add(chunk)
    moments = merged(moments, others)                   # those of other chunks, in any order
    save_moments(moments, "sums.npz")
    moments = read_moments("sums.npz")
    dmd = fit_moments(moments, delays=10, rank=50)      # and again for every other number of delays
    smaller = dmd.truncate(20)                          # every smaller rank: nothing is computed again

All are names of `koopview.koopman`. `moments_of` does the loop for an array or `Chunks`. With `components`, an
orthonormal basis of states such as `principal_components` finds, sums are those of the states' coordinates:
(N + 1) (N + 2) / 2 blocks of K x K numbers instead of d x d (N = 20: 1.1 GiB at d = 784, 115 MiB at K = 256). With
`single`, products are computed in float32, at 2 to 3 times the rate: of trajectories less their chunk's mean, whose
part is added in float64.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from koopview.errors import InputError
from koopview.koopman.arrays import Array, arrays_of, as_numpy
from koopview.koopman.trajectories import Chunks, checked, snapshots
from koopview.memory import NUMBER, check_memory
from koopview.progress import Progress, silent


@dataclass(eq=False)
class Moments:
    """First and second moments of trajectories over samples, for each step and each pair of steps.

    Attributes
    ----------
    count : int
        Samples added so far.
    sums : array (steps + 1, kept)
        The sum of x_i, in components if there are any; kept is their number, or that of the states.
    products : array, flat
        The sums of ``x_i x_j^T`` for j >= i: for each i a matrix (kept, (steps + 1 - i) kept), see :meth:`panel`.
    energies : array (steps + 1,)
        The sum of ``|x_i|^2`` of whole states, whatever components leave out.
    components : array (states, kept) or None
        Orthonormal basis of states whose coordinates are summed; None for the states themselves.
    single : bool
        Whether products are computed in float32.
    of_float32 : bool
        Whether states came in float32, whose rounding no singular value can tell from a signal.
    modes : array (steps + 1, combinations) or None
        Orthonormal combinations of steps, such as :func:`principal_steps` finds, in whose coordinates paths are summed:
        `sums` and `products` are then those of the combinations, in the place of the steps. None for the steps.
    """

    count: int
    sums: Array
    products: Array
    energies: Array
    components: Array | None
    single: bool
    of_float32: bool = False
    modes: Array | None = None

    @property
    def steps(self) -> int:
        """Steps of a trajectory, N."""
        return self.combinations - 1 if self.modes is None else int(self.modes.shape[0]) - 1

    @property
    def combinations(self) -> int:
        """States of a path that are summed: combinations of its steps, or all N + 1."""
        return int(self.sums.shape[0])

    @property
    def kept(self) -> int:
        """Numbers of a state that are summed: its components, or all."""
        return int(self.sums.shape[1])

    @property
    def states(self) -> int:
        """States of a step, d."""
        return self.kept if self.components is None else int(self.components.shape[0])

    def panel(self, step: int) -> Any:
        """Return the products of x_step with itself and all later states, a view (kept, (steps + 1 - step) kept).

        With `modes` those of the combination number `step` with itself and all later ones.
        """
        length, size = self.combinations, self.kept**2
        start = size * (step * length - step * (step - 1) // 2)
        return self.products[start : start + size * (length - step)].reshape((self.kept, -1))

    def add(self, chunk: Array) -> None:
        """Add the samples of a chunk (samples, steps + 1, states), an array of the same library and device.

        Raises
        ------
        InputError
            If its shape does not fit, or its states are not finite, or complex or whole numbers.
        """
        states, mean = self._checked(chunk), None
        samples, xp = int(chunk.shape[0]), arrays_of(self.sums)
        if self.single:
            mean = xp.sum(states, 0) / samples
            states = xp.float32(states - mean)
            self.energies += samples * xp.sum(mean**2, 1)
        self.energies += xp.sum(xp.float64(xp.sum(states**2, 2)), 0)
        rows, mean = self._coordinates(states), None if mean is None else self._coordinates(mean)
        self.sums += xp.sum(rows, 0) if mean is None else samples * mean
        self._add_products(rows.reshape((samples, -1)), mean)
        self.count += samples
        self.of_float32 = self.of_float32 or xp.is_single(chunk)

    def _checked(self, chunk: Array) -> Array:
        """Return a chunk in float64; raises InputError if it does not fit."""
        if not arrays_of(chunk).is_real_float(chunk):
            raise InputError(f"the trajectories hold {chunk.dtype}, expected float32 or float64")
        return checked(chunk, (int(chunk.shape[0]), self.steps + 1, self.states))

    def _coordinates(self, states: Array) -> Array:
        """Return states (..., steps + 1, states) in combinations of steps, and in components, in their precision."""
        xp = arrays_of(states)
        if self.modes is not None:
            states = xp.matmul((xp.float32(self.modes) if xp.is_single(states) else self.modes).T, states)
        if self.components is None:
            return states
        basis = xp.float32(self.components) if xp.is_single(states) else self.components
        return (states.reshape((-1, self.states)) @ basis).reshape((*states.shape[:-1], self.kept))

    def _add_products(self, rows: Array, mean: Array | None) -> None:
        """Add the products of a chunk as rows (samples, (steps + 1) kept), from which `mean` has been taken."""
        xp, size = arrays_of(rows), self.kept
        scratch = xp.empty_like(rows, size * rows.shape[1])
        for i in range(self.combinations):
            later, panel = rows[:, i * size :], self.panel(i)
            term = scratch[: size * later.shape[1]].reshape((size, -1))
            panel += xp.matmul(later[:, :size].T, later, out=term)
            if mean is not None:
                panel += rows.shape[0] * mean[i].reshape((-1, 1)) @ mean[i:].reshape((1, -1))


ARRAYS = ("sums", "products", "energies")
"""Attributes of Moments that are added up."""

BASES = ("components", "modes")
"""Attributes of Moments in whose coordinates they are."""


def no_moments(
    like: Array, *, components: Array | None = None, single: bool = False, modes: Array | None = None
) -> Moments:
    """Return the Moments of no samples yet, for trajectories of the shape, library and device of the array `like`.

    Parameters
    ----------
    like : array (any number of samples, steps + 1, states)
    components : array (states, kept), optional
        Orthonormal basis, in whose coordinates states are summed.
    single : bool
        Whether products are computed in float32.
    modes : array (steps + 1, combinations), optional
        Orthonormal combinations of steps, in whose coordinates paths are summed.

    Raises
    ------
    MemoryShort
        If they take more memory than is free.
    """
    states, length = like.shape[2], like.shape[1] if modes is None else modes.shape[1]
    kept = states if components is None else components.shape[1]
    check_memory(moments_bytes(length - 1, kept), f"the moments of {length:,} steps of {kept:,} numbers", FEWER)
    xp = arrays_of(like)
    blocks = length * (length + 1) // 2
    bases = [None if basis is None else xp.float64(basis) for basis in (components, modes)]
    empty = xp.zeros(length, kept), xp.zeros(blocks * kept**2), xp.zeros(like.shape[1])
    return Moments(0, *empty, bases[0], single, modes=bases[1])


FEWER = "fewer steps, or principal components of the states"


def moments_bytes(steps: int, kept: int) -> int:
    """Return the bytes that the Moments of `steps` steps of `kept` numbers take, an int, whatever the samples."""
    return NUMBER * kept**2 * (steps + 1) * (steps + 2) // 2


def moments_of(
    trajectories: Array | Chunks,
    *,
    components: Array | None = None,
    single: bool = False,
    modes: Array | None = None,
    progress: Progress = silent,
) -> Moments:
    """Return the Moments of trajectories (samples, steps + 1, states), an array or `Chunks`; see :func:`no_moments`."""
    data = snapshots(trajectories, 1, 1)
    found = no_moments(data.chunks.make(0, 1), components=components, single=single, modes=modes)
    for start in range(0, data.chunks.shape[0], data.rows):
        progress(start / data.chunks.shape[0], "sums")
        found.add(data.chunks.make(start, min(start + data.rows, data.chunks.shape[0])))
    return found


def merged(one: Moments, other: Moments) -> Moments:
    """Return the Moments of the samples of both; raises InputError unless they are of the same steps and components."""
    same = all(_same(getattr(one, name), getattr(other, name)) for name in BASES)
    if one.sums.shape != other.sums.shape or not same:
        sizes = [f"{each.steps} steps of {each.kept} numbers" for each in (one, other)]
        raise InputError(f"the moments of {sizes[0]} and of {sizes[1]} do not add up, expected the same components")
    summed = {name: getattr(one, name) + getattr(other, name) for name in ARRAYS}
    flags = {name: getattr(one, name) or getattr(other, name) for name in ("single", "of_float32")}
    return Moments(one.count + other.count, **summed, components=one.components, modes=one.modes, **flags)


def _same(one: Array | None, other: Array | None) -> bool:
    """Return whether two bases are the same."""
    if one is None or other is None:
        return one is other
    return one is other or (one.shape == other.shape and np.array_equal(as_numpy(one), as_numpy(other)))
