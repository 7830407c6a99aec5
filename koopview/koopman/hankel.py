"""Products of the snapshot matrix with thin matrices; the matrix itself is never formed.

With the delay vectors as columns it is block Hankel: block j of column k holds the state x[k + j].
"""

from collections.abc import Callable, Iterator
from typing import Any, Protocol

import numpy as np

from koopview.koopman.arrays import Array, arrays_of
from koopview.koopman.trajectories import Snapshots

Tick = Callable[[float], None]
"""Called with the share of a pass that is done; may raise :class:`koopview.errors.Cancelled`."""

KEPT = 2**24
"""Numbers of transformed trajectories that are kept between passes (128 MiB); more is transformed again."""

MAKING = 400
"""Multiplications that take as long as making one number of a trajectory again: 20 ns, most of them for memory."""


class Products(Protocol):
    """One way to multiply with the snapshot matrix of a chunk.

    Thin matrices are laid out as rows here: products of few rows with many columns are the faster ones.
    """

    def prepared(self, trajectories: Array) -> Any:
        """Return a chunk (samples, steps + 1, states) as `images` and `back` take it."""

    def factor(self, block: Array) -> Array:
        """Return a thin matrix (features, columns) as `images` takes it."""

    def images(self, chunk: Any, factor: Array) -> Array:
        """Return the windows' products with the thin matrix (windows, columns, samples)."""

    def back(self, chunk: Any, images: Array) -> Array:
        """Return what the chunk adds to the product of windows and images, as `joined` takes it."""

    def joined(self, total: Array) -> Array:
        """Return the sum over all chunks as ((h + 1) * states, columns): one block more than a window has."""


class WindowProducts:
    """Window by window, each a view of the trajectories laid out as rows: cheapest for few delays or windows."""

    def __init__(self, snapshots: Snapshots) -> None:
        self.delays, self.states, self.windows = snapshots.delays, snapshots.states, snapshots.windows

    def prepared(self, trajectories: Array) -> Any:
        """Return the windows, each with its next state, views (samples, (h + 1) * states)."""
        rows = trajectories.reshape((trajectories.shape[0], -1))
        return [rows[:, k * self.states : (k + self.delays + 1) * self.states] for k in range(self.windows)]

    def factor(self, block: Array) -> Array:
        """Return the block's rows."""
        return block.T

    def images(self, chunk: Any, factor: Array) -> Array:
        """Return the windows' products with the block (windows, columns, samples)."""
        features = self.delays * self.states
        return arrays_of(factor).stack([factor @ window[:, :features].T for window in chunk], 0)

    def back(self, chunk: Any, images: Array) -> Array:
        """Return the sum of ``image window`` (columns, (h + 1) * states)."""
        total: Any = sum(images[k] @ window for k, window in enumerate(chunk))
        return total

    def joined(self, total: Array) -> Array:
        """Return the sum as columns."""
        return total.T


class FourierProducts:
    """By a discrete Fourier transform along the steps, which turns the sum over delays into one product a frequency.

    On a circle of N + 1 steps x[k + j] never goes around, and neither does the way back up to j = h, so nothing is
    padded. A pass takes 4 (N + 2) multiplications for each number where windows take (2 h + 1) (N - h + 1): a twelfth
    at N = 100, h = 50. The transforms are products with small matrices too: a prime length costs no more.
    """

    def __init__(self, snapshots: Snapshots) -> None:
        length, xp = snapshots.steps + 1, snapshots.arrays
        self.frequencies = length // 2 + 1
        self.delays, self.states, self.windows = snapshots.delays, snapshots.states, snapshots.windows
        angle = 2 * np.pi / length * (np.outer(np.arange(self.frequencies), np.arange(length)) % length)
        weight = np.where((np.arange(self.frequencies) * 2) % length == 0, 1.0, 2.0) / length
        pairs = np.stack([np.cos(angle), -np.sin(angle)], axis=1).reshape(-1, length)
        self._there = xp.asarray(pairs)
        self._back = xp.asarray((pairs * np.repeat(weight, 2)[:, None]).T.copy())

    def prepared(self, trajectories: Array) -> Any:
        """Return real and imaginary parts side by side (frequencies, samples, 2 * states)."""
        xp = arrays_of(trajectories)
        both = xp.matmul(self._there, trajectories)
        return xp.permute(both.reshape((both.shape[0], self.frequencies, 2 * self.states)), (1, 0, 2))

    def factor(self, block: Array) -> Array:
        """Return the matrices (frequencies, 2 * columns, 2 * states) that multiply with the conjugate."""
        xp, columns = arrays_of(block), block.shape[1]
        blocks = xp.permute(block.reshape((self.delays, self.states, columns)), (0, 2, 1))
        both = self._there[:, : self.delays] @ blocks.reshape((self.delays, -1))
        both = both.reshape((self.frequencies, 2, columns, self.states))
        real, imaginary = both[:, 0], both[:, 1]
        return xp.concat([xp.concat([real, imaginary], 2), xp.concat([-imaginary, real], 2)], 1)

    def images(self, chunk: Any, factor: Array) -> Array:
        """Return the windows' products with the block (windows, columns, samples)."""
        xp, columns = arrays_of(factor), factor.shape[1] // 2
        both = xp.matmul(factor, chunk.mT).reshape((2 * self.frequencies, -1))
        return (self._back[: self.windows] @ both).reshape((self.windows, columns, -1))

    def back(self, chunk: Any, images: Array) -> Array:
        """Return the products (frequencies, 2 * columns, 2 * states) of real and imaginary parts."""
        xp, columns = arrays_of(images), images.shape[1]
        both = self._there[:, : self.windows] @ images.reshape((self.windows, -1))
        return xp.matmul(both.reshape((self.frequencies, 2 * columns, -1)), chunk)

    def joined(self, total: Array) -> Array:
        """Return the blocks of the product ((h + 1) * states, columns)."""
        xp, d, columns = arrays_of(total), self.states, total.shape[1] // 2
        real = total[:, :columns, :d] + total[:, columns:, d:]
        imaginary = total[:, :columns, d:] - total[:, columns:, :d]
        both = xp.stack([real, imaginary], 1).reshape((2 * self.frequencies, -1))
        blocks = (self._back[: self.delays + 1] @ both).reshape((self.delays + 1, columns, d))
        return xp.permute(blocks, (0, 2, 1)).reshape(((self.delays + 1) * d, columns))


class Hankel:
    """The snapshot matrix Z of all trajectories, and with it the later one, Z', which lies one block further down."""

    def __init__(self, snapshots: Snapshots) -> None:
        self.snapshots = snapshots
        self.products: Products = FourierProducts(snapshots) if _fourier_pays(snapshots) else WindowProducts(snapshots)
        self._kept: list[tuple[Any, int]] = []

    def normal(self, block: Array, tick: Tick) -> Array:
        """Return ``Z Z^T block`` with the last block of ``Z' Z^T block`` below it, ((h + 1) * states, columns)."""
        total: Any = sum(self.products.back(*pair) for pair in self.images(block, tick))
        return self.products.joined(total)

    def normal_and_squares(self, block: Array, tick: Tick) -> tuple[Array, Array]:
        """Return what `normal` does, and the Gram matrix of ``Z^T block`` (columns, columns)."""
        xp = arrays_of(block)
        total: Any = 0.0
        squares: Any = 0.0
        for chunk, images in self.images(block, tick):
            squares = squares + xp.sum(xp.matmul(images, images.mT), 0)
            total = total + self.products.back(chunk, images)
        return self.products.joined(total), squares

    def images(self, block: Array, tick: Tick) -> Iterator[tuple[Any, Array]]:
        """Give each chunk with its part of ``Z^T block``, (windows, columns, samples)."""
        factor, done, samples = self.products.factor(block), 0, self.snapshots.chunks.shape[0]
        for chunk, rows in self._prepared():
            tick(done / samples)
            images = self.products.images(chunk, factor)
            tick((done + rows / 2) / samples)
            yield chunk, images
            done += rows

    def _prepared(self) -> Iterator[tuple[Any, int]]:
        """Give the chunks as the products take them, each with its samples; few are kept from pass to pass."""
        if self._kept:
            yield from self._kept
            return
        kept = []
        for trajectories in self.snapshots:
            pair = self.products.prepared(trajectories), trajectories.shape[0]
            if _is_kept(self.snapshots):
                kept.append(pair)
            yield pair
        self._kept = kept


def product_cost(snapshots: Snapshots) -> float:
    """Return the multiplications of a pass there and back for one column, half as many more as thin ones are slow."""
    each = _fourier_cost(snapshots) if _fourier_pays(snapshots) else _window_cost(snapshots)
    return 1.5 * each * snapshots.chunks.shape[0] * snapshots.states


def pass_cost(snapshots: Snapshots) -> float:
    """Return what a pass takes beside its products, in multiplications: trajectories made and transformed again."""
    if _is_kept(snapshots):
        return 0.0
    each = (3 * (snapshots.steps + 2) if _fourier_pays(snapshots) else 0) + (MAKING if snapshots.made else 0)
    return each * snapshots.numbers


def _is_kept(snapshots: Snapshots) -> bool:
    """Whether the prepared chunks are kept from pass to pass."""
    return snapshots.numbers <= KEPT


def _fourier_pays(snapshots: Snapshots) -> bool:
    """Whether the transform saves a third of the multiplications at least: its products are smaller ones."""
    return 1.5 * _fourier_cost(snapshots) < _window_cost(snapshots)


def _window_cost(snapshots: Snapshots) -> float:
    """Return the multiplications for each sample, state and column."""
    return snapshots.windows * (2 * snapshots.delays + 1)


def _fourier_cost(snapshots: Snapshots) -> float:
    """Return the multiplications for each sample, state and column, the transforms of the images included."""
    return 4 * (snapshots.steps + 2) * (1 + snapshots.windows / (2 * snapshots.states))
