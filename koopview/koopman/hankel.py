"""Products of the snapshot matrix of all trajectories with thin matrices; the matrix itself is never formed."""

from collections.abc import Callable, Iterator
from typing import Any

from koopview.koopman.arrays import Array, arrays_of
from koopview.koopman.products import Scratch, fourier_cost, fourier_pays, products_of, window_cost
from koopview.koopman.trajectories import Snapshots
from koopview.memory import NUMBER, free_memory

Tick = Callable[[float], None]
"""Called with the share of a pass that is done; may raise :class:`koopview.errors.Cancelled`."""

KEPT, MOST_KEPT = 2**24, 2**27
"""Numbers of transformed trajectories kept between passes (128 MiB); and most of them (1 GiB), where a share of the
free memory has room for them. More are made again and transformed at every pass, which takes two thirds of the time of
MNIST's first layer with N = 100 and h = 10."""

MEMORY_SHARE = 4
"""That share, as 1 / 4."""

MAKING = 400
"""Cost, in multiplications, of computing one number of a trajectory again: 20 ns, mostly memory traffic."""


class Hankel:
    """The snapshot matrix Z of all trajectories, with the later matrix Z', which starts one block row further down."""

    def __init__(self, snapshots: Snapshots) -> None:
        self.snapshots, self.products, self._keeps = snapshots, products_of(snapshots), is_kept(snapshots)
        self._kept: list[tuple[Any, int]] = []

    def normal(self, block: Array, tick: Tick) -> Array:
        """Return ``Z Z^T block`` with the last block of ``Z' Z^T block`` below it, ((h + 1) * states, columns)."""
        total: Any = sum(self.products.apply_adjoint(*pair) for pair in self.images(block, tick))
        return self.products.assemble(total)

    def normal_and_squares(self, block: Array, tick: Tick) -> tuple[Array, Array]:
        """Return the product that `normal` returns, and the Gram matrix of ``Z^T block`` (columns, columns)."""
        xp, columns = arrays_of(block), block.shape[1]
        total: Any = 0.0
        squares, scratch = xp.zeros(columns, columns), Scratch(xp)
        for chunk, images in self.images(block, tick):
            for image in images:
                squares += xp.matmul(image, image.T, out=scratch.array(columns, columns))
            total = total + self.products.apply_adjoint(chunk, images)
        return self.products.assemble(total), squares

    def images(self, block: Array, tick: Tick) -> Iterator[tuple[Any, Array]]:
        """Yield each chunk with its part of ``Z^T block``, which the next iteration overwrites."""
        factor, done, samples = self.products.factor(block), 0, self.snapshots.chunks.shape[0]
        for chunk, rows in self._prepared():
            tick(done / samples)
            images = self.products.apply(chunk, factor)
            tick((done + rows / 2) / samples)
            yield chunk, images
            done += rows

    def _prepared(self) -> Iterator[tuple[Any, int]]:
        """Yield each chunk, prepared for the products, and its number of samples; small data is kept between passes."""
        if self._kept:
            yield from self._kept
            return
        kept = []
        for trajectories in self.snapshots:
            pair = self.products.prepare(trajectories), trajectories.shape[0]
            if self._keeps:
                kept.append(pair)
            yield pair
        self._kept = kept


def product_cost(snapshots: Snapshots) -> float:
    """Return the multiplications per column of a pass, there and back, times 1.5: thin matrices are slower."""
    each = fourier_cost(snapshots) if fourier_pays(snapshots) else window_cost(snapshots)
    return 1.5 * each * snapshots.chunks.shape[0] * snapshots.states


def pass_cost(snapshots: Snapshots) -> float:
    """Return a pass's cost besides its products, in multiplications: making and transforming trajectories again."""
    if is_kept(snapshots):
        return 0.0
    each = (3 * (snapshots.steps + 2) if fourier_pays(snapshots) else 0) + (MAKING if snapshots.made else 0)
    return each * snapshots.numbers


def is_kept(snapshots: Snapshots) -> bool:
    """Return whether the prepared chunks are kept from pass to pass."""
    numbers = snapshots.numbers
    return numbers <= KEPT or (numbers <= MOST_KEPT and MEMORY_SHARE * NUMBER * numbers <= (free_memory() or 0))
