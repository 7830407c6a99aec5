"""Products of a chunk's snapshot matrix and its transpose with thin matrices, in three ways that do not form it.

With the delay vectors as columns the matrix is block Hankel: block j of column k holds the state x[k + j]. Thin
matrices are laid out as rows here: products of few rows with many columns are faster.
"""

import math
from typing import Any, Protocol

import numpy as np

from koopview.koopman.arrays import Array, Arrays, arrays_of
from koopview.koopman.trajectories import Snapshots


class Products(Protocol):
    """One way to multiply with the snapshot matrix of a chunk.

    Images are valid until the next call of `apply`, which writes to the same memory.
    """

    def prepare(self, trajectories: Array) -> Any:
        """Return a chunk (samples, steps + 1, states) as `apply` and `apply_adjoint` take it."""

    def factor(self, block: Array) -> Array:
        """Return a thin matrix (features, columns) as `apply` takes it."""

    def apply(self, chunk: Any, factor: Array) -> Array:
        """Return the delay vectors' products with the thin matrix, a stack of matrices with `columns` rows each."""

    def apply_adjoint(self, chunk: Any, images: Array) -> Array:
        """Return the chunk's term of the product of delay vectors and images, as `assemble` takes it."""

    def assemble(self, total: Array) -> Array:
        """Return the sum over all chunks as ((h + 1) * states, columns): one block more than a delay vector has."""


class Scratch:
    """Memory that is used again: fresh memory costs as much time as writing the numbers."""

    def __init__(self, xp: Arrays) -> None:
        self._xp, self._numbers = xp, xp.empty(0)

    def array(self, *shape: int) -> Array:
        """Return an uninitialised array of this shape, in the memory of the array returned before."""
        count = math.prod(shape)
        if len(self._numbers) < count:
            self._numbers = self._xp.empty(count)
        return self._numbers[:count].reshape(shape)


class WindowProducts:
    """Window by window, each a view of the trajectories laid out as rows: cheapest for few delays or windows."""

    def __init__(self, snapshots: Snapshots) -> None:
        self.delays, self.states, self.windows = snapshots.delays, snapshots.states, snapshots.windows
        self._images, self._term = Scratch(snapshots.arrays), Scratch(snapshots.arrays)

    def prepare(self, trajectories: Array) -> list[Array]:
        """Return the windows, each with its next state, views (samples, (h + 1) * states)."""
        rows = trajectories.reshape((trajectories.shape[0], -1))
        return [rows[:, k * self.states : (k + self.delays + 1) * self.states] for k in range(self.windows)]

    def factor(self, block: Array) -> Array:
        """Return the block's rows (columns, features)."""
        return block.T

    def apply(self, chunk: list[Array], factor: Array) -> Array:
        """Return the windows' products with the block (windows, columns, samples)."""
        xp, features = arrays_of(factor), self.delays * self.states
        images = self._images.array(self.windows, factor.shape[0], chunk[0].shape[0])
        for k, window in enumerate(chunk):
            xp.matmul(factor, window[:, :features].T, out=images[k])
        return images

    def apply_adjoint(self, chunk: list[Array], images: Array) -> Array:
        """Return the sum of ``image window`` (columns, (h + 1) * states)."""
        xp, shape = arrays_of(images), (images.shape[1], (self.delays + 1) * self.states)
        total, term = xp.zeros(*shape), self._term.array(*shape)
        for image, window in zip(images, chunk, strict=True):
            total += xp.matmul(image, window, out=term)
        return total

    def assemble(self, total: Array) -> Array:
        """Return the sum as columns."""
        return total.T


class DelayProducts:
    """Sample by sample and delay by delay: larger products for few long trajectories, with the same multiplications."""

    def __init__(self, snapshots: Snapshots) -> None:
        self.delays, self.states, self.windows = snapshots.delays, snapshots.states, snapshots.windows
        self._images, self._term = Scratch(snapshots.arrays), Scratch(snapshots.arrays)

    def prepare(self, trajectories: Array) -> Array:
        """Return the trajectories as they are."""
        return trajectories

    def factor(self, block: Array) -> Array:
        """Return the matrices (delays, columns, states) that multiply with the state of each delay."""
        return arrays_of(block).permute(block.reshape((self.delays, self.states, block.shape[1])), (0, 2, 1))

    def apply(self, chunk: Array, factor: Array) -> Array:
        """Return the samples' products with the block (samples, columns, windows)."""
        xp, shape = arrays_of(factor), (factor.shape[1], self.windows)
        images, term = self._images.array(chunk.shape[0], *shape), self._term.array(*shape)
        for states, image in zip(chunk, images, strict=True):
            xp.matmul(factor[0], states[: self.windows].T, out=image)
            for j in range(1, self.delays):
                image += xp.matmul(factor[j], states[j : j + self.windows].T, out=term)
        return images

    def apply_adjoint(self, chunk: Array, images: Array) -> Array:
        """Return the sum of ``image states`` for each delay (h + 1, columns, states)."""
        xp, shape = arrays_of(images), (images.shape[1], self.states)
        total, term = xp.zeros(self.delays + 1, *shape), self._term.array(*shape)
        for states, image in zip(chunk, images, strict=True):
            for j in range(self.delays + 1):
                total[j] += xp.matmul(image, states[j : j + self.windows], out=term)
        return total

    def assemble(self, total: Array) -> Array:
        """Return the blocks of the product ((h + 1) * states, columns)."""
        return arrays_of(total).permute(total, (0, 2, 1)).reshape((-1, total.shape[1]))


class FourierProducts:
    """By a discrete Fourier transform along the steps, which turns the sum over delays into one product per frequency.

    With a period of N + 1 steps x[k + j] never wraps around, nor does the adjoint up to j = h, so no padding is needed.
    A pass takes 4 (N + 2) multiplications per number, windows take (2 h + 1) (N - h + 1): twelve times as many at
    N = 100, h = 50. The transforms are products with small matrices too, so a prime length costs no more.
    """

    def __init__(self, snapshots: Snapshots) -> None:
        length, xp = snapshots.steps + 1, snapshots.arrays
        self.frequencies = length // 2 + 1
        self.delays, self.states, self.windows = snapshots.delays, snapshots.states, snapshots.windows
        angle = 2 * np.pi / length * (np.outer(np.arange(self.frequencies), np.arange(length)) % length)
        weight = np.where((np.arange(self.frequencies) * 2) % length == 0, 1.0, 2.0) / length
        pairs = np.stack([np.cos(angle), -np.sin(angle)], axis=1).reshape(-1, length)
        self._forward = xp.asarray(pairs)
        self._inverse = xp.asarray((pairs * np.repeat(weight, 2)[:, None]).T.copy())
        self._images, self._spectra = Scratch(xp), Scratch(xp)

    def prepare(self, trajectories: Array) -> Array:
        """Return real and imaginary parts side by side (frequencies, samples, 2 * states)."""
        xp = arrays_of(trajectories)
        both = xp.matmul(self._forward, trajectories)
        return xp.permute(both.reshape((both.shape[0], self.frequencies, 2 * self.states)), (1, 0, 2))

    def factor(self, block: Array) -> Array:
        """Return the matrices (frequencies, 2 * columns, 2 * states) that multiply with the conjugate."""
        xp, columns = arrays_of(block), block.shape[1]
        blocks = xp.permute(block.reshape((self.delays, self.states, columns)), (0, 2, 1))
        both = self._forward[:, : self.delays] @ blocks.reshape((self.delays, -1))
        both = both.reshape((self.frequencies, 2, columns, self.states))
        real, imaginary = both[:, 0], both[:, 1]
        return xp.concat([xp.concat([real, imaginary], 2), xp.concat([-imaginary, real], 2)], 1)

    def apply(self, chunk: Array, factor: Array) -> Array:
        """Return the windows' products with the block (windows, columns, samples)."""
        xp, columns, samples = arrays_of(factor), factor.shape[1] // 2, chunk.shape[1]
        spectra = self._spectra.array(self.frequencies, 2 * columns, samples)
        both = xp.matmul(factor, chunk.mT, out=spectra).reshape((2 * self.frequencies, -1))
        images = self._images.array(self.windows, columns * samples)
        return xp.matmul(self._inverse[: self.windows], both, out=images).reshape((self.windows, columns, samples))

    def apply_adjoint(self, chunk: Array, images: Array) -> Array:
        """Return the products (frequencies, 2 * columns, 2 * states) of real and imaginary parts."""
        xp, columns, samples = arrays_of(images), images.shape[1], images.shape[2]
        spectra = self._spectra.array(2 * self.frequencies, columns * samples)
        both = xp.matmul(self._forward[:, : self.windows], images.reshape((self.windows, -1)), out=spectra)
        return xp.matmul(both.reshape((self.frequencies, 2 * columns, samples)), chunk)

    def assemble(self, total: Array) -> Array:
        """Return the blocks of the product ((h + 1) * states, columns)."""
        xp, d, columns = arrays_of(total), self.states, total.shape[1] // 2
        real = total[:, :columns, :d] + total[:, columns:, d:]
        imaginary = total[:, :columns, d:] - total[:, columns:, :d]
        both = xp.stack([real, imaginary], 1).reshape((2 * self.frequencies, -1))
        blocks = (self._inverse[: self.delays + 1] @ both).reshape((self.delays + 1, columns, d))
        return xp.permute(blocks, (0, 2, 1)).reshape(((self.delays + 1) * d, columns))


def products_of(snapshots: Snapshots) -> Products:
    """Return the cheapest products for trajectories of this size."""
    if fourier_pays(snapshots):
        return FourierProducts(snapshots)
    return DelayProducts(snapshots) if snapshots.are_long else WindowProducts(snapshots)


def fourier_pays(snapshots: Snapshots) -> bool:
    """Return whether the transform saves at least a third of the multiplications, to pay for its smaller products."""
    return 1.5 * fourier_cost(snapshots) < window_cost(snapshots)


def window_cost(snapshots: Snapshots) -> float:
    """Return the multiplications per sample, state and column, by windows or by delays."""
    return snapshots.windows * (2 * snapshots.delays + 1)


def fourier_cost(snapshots: Snapshots) -> float:
    """Return the multiplications per sample, state and column, with the transforms of the images."""
    return 4 * (snapshots.steps + 2) * (1 + snapshots.windows / (2 * snapshots.states))
