"""Leading eigenvectors of a large symmetric matrix that is known by its products (block Krylov)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from koopview.koopman.arrays import Array, Arrays, arrays_of, as_numpy
from koopview.koopman.hankel import Tick

BLOCKS = 24
"""Krylov blocks at most."""

NEAR_BLOCKS = 8
"""Blocks at most of a first block that is near the eigenvectors: MNIST's first layer takes four."""

USUAL_BLOCKS = 18
"""Krylov blocks that the hardest spectrum takes, one without a gap at the rank."""

CONVERGED = 1e-5
"""Iteration stops at this relative residual of all wanted eigenpairs: the eigenvalues of an operator in their basis
are then accurate to 1e-7. (Each block gains a digit by then, so half this limit would change little.)"""

GROWTH = 1.15
"""Growth of the basis between two checks of the residuals, each of which decomposes the projected matrix."""

EPS, TINY = float(np.finfo(np.float64).eps), float(np.finfo(np.float64).tiny)

Multiply = Callable[[Array, Tick], Array]
"""Returns a matrix's product with a block (size, columns); the product may have further rows, which are kept."""


@dataclass(frozen=True, eq=False)
class Leading:
    """Eigenvectors (size, rank) as columns, eigenvalues (rank,), falling, and the products with the eigenvectors."""

    vectors: Array
    values: np.ndarray
    products: Array


class KrylovSpace:
    """Orthonormal blocks side by side, and the matrix projected onto them.

    Memory for the largest number of columns is reserved at once, and used as they are added.
    """

    def __init__(self, size: int, columns: int, xp: Arrays) -> None:
        self.limit, self.columns, self._last = min(size, columns), 0, 0
        self._products: list[Array] = []
        self._pairs: tuple[Array, Array] | None = None
        self._basis = xp.empty(size, self.limit)
        self._projected = xp.zeros(self.limit, self.limit)

    @property
    def basis(self) -> Array:
        """All blocks (size, columns)."""
        return self._basis[:, : self.columns]

    def append(self, block: Array) -> Array:
        """Add the columns of a block that there is room for, and return them."""
        self._last = min(block.shape[1], self.limit - self.columns)
        self.columns += self._last
        added = self._basis[:, self.columns - self._last : self.columns]
        added[...] = block[:, : self._last]
        return added

    def project(self, product: Array) -> Array:
        """Record the matrix's product with the last block and return its part orthogonal to the basis."""
        self._products.append(product)
        self._pairs = None
        product = product[: self._basis.shape[0]]
        coefficients = self.basis.T @ product
        self._projected[self.columns - self._last : self.columns, : self.columns] = coefficients.T
        return product - self.basis @ coefficients

    def leading(self, rank: int) -> "Leading":
        """Return the leading approximate eigenpairs (Rayleigh-Ritz)."""
        values, vectors = self._ritz_pairs()
        starts = np.cumsum([0] + [product.shape[1] for product in self._products])
        products = sum(p @ vectors[i : i + p.shape[1], :rank] for p, i in zip(self._products, starts, strict=False))
        return Leading(self.basis @ vectors[:, :rank], as_numpy(values)[:rank], products)

    def _ritz_pairs(self) -> tuple[Array, Array]:
        """Return approximate eigenvalues, falling, and their eigenvectors in the basis (columns, columns)."""
        if self._pairs is None:
            xp = arrays_of(self._projected)
            values, vectors = xp.eigh(self._projected[: self.columns, : self.columns])  # the lower half is read
            self._pairs = xp.flip(values, 0), xp.flip(vectors, 1)
        return self._pairs

    def residual(self, rest: Array, rank: int) -> float:
        """Return the largest relative residual of the leading pairs; `rest` is what `project` returned last.

        Eigenvalues below 1e-9 of the largest are taken as 1e-9 of it: rounding alone leaves 1e-14 of the largest.
        """
        xp = arrays_of(rest)
        values, vectors = self._ritz_pairs()
        lengths = xp.norm(rest @ vectors[self.columns - self._last :, :rank], 0)
        least = max(1e-9 * float(values[0]), TINY)
        return xp.max(lengths / xp.at_least(values[:rank], least))


def krylov_columns(rank: int) -> int:
    """Return the largest number of columns of the whole basis, an int."""
    return BLOCKS * block_width(rank)


def block_width(rank: int) -> int:
    """Return the number of columns of each block, an int."""
    return rank // 5 + 10


def leading_eigenvectors(
    multiply: Multiply, size: int, rank: int, xp: Arrays, tick: Tick, start: Array | None = None
) -> Leading:
    """Return the leading eigenvectors of a positive semidefinite matrix.

    Rayleigh-Ritz on the Krylov space of a random block (Musco and Musco 2015), each block orthogonalised against all
    before. It ends when the wanted pairs have converged, or a product adds no direction.

    Parameters
    ----------
    multiply : callback
    size : int
    rank : int
        Number of eigenvectors wanted; fewer are returned if the matrix has a smaller rank.
    xp : Arrays
        Operations of the library and device to work with.
    tick : callback
    start : array (size, columns), optional
        Orthonormal columns near the eigenvectors, as the first block in the place of a random one.
    """
    block = _random_block(size, rank, xp) if start is None else start
    space = KrylovSpace(size, max(krylov_columns(rank), NEAR_BLOCKS * int(block.shape[1])), xp)
    longest, next_look = 0.0, 1.5 * rank
    for i in range(BLOCKS):
        added = space.append(block)
        product = multiply(added, _share(tick, i))
        longest = max(longest, _longest(product))
        rest = space.project(product)
        if space.columns == space.limit:
            break
        if space.columns >= next_look:
            if space.residual(rest, rank) < CONVERGED:
                break
            next_look = GROWTH * space.columns
        block = orthonormal(rest, space.basis, longest)
        if block.shape[1] == 0:
            break
    return space.leading(rank)


def _random_block(size: int, rank: int, xp: Arrays) -> Array:
    """Return a random orthonormal block (size, columns), the same at every call."""
    drawn = np.random.default_rng(0).standard_normal((size, min(size, block_width(rank))))
    block = xp.asarray(drawn)
    return orthonormal(block, block[:, :0])


def _longest(block: Array) -> float:
    """Return the length of the longest column."""
    xp = arrays_of(block)
    return xp.max(xp.norm(block, 0))


def _share(tick: Tick, block: int) -> Tick:
    """Return the progress callback of one block, as a share of all blocks."""
    return lambda share: tick((block + share) / BLOCKS)


def orthonormal(block: Array, basis: Array, largest: float = 0.0) -> Array:
    """Return an orthonormal basis of `block` without its part in `basis` and without directions that are rounding.

    It takes the eigenvectors of the block's Gram matrix, twice. Projecting the basis out twice leaves nothing of it
    (Giraud et al. 2005). A QR would copy the tall block while it holds the interpreter's lock.

    Parameters
    ----------
    block : array (size, columns), orthogonal to `basis` but for rounding
    basis : array (size, any number), orthonormal
    largest : float
        Directions of the block shorter than 1e-14 of this length are taken as rounding.
    """
    xp = arrays_of(block)
    squares, vectors = xp.eigh(block.T @ block)
    longest = float(squares[-1]) ** 0.5
    if not longest > 50 * EPS * largest:
        return block[:, :0]
    block = block @ (vectors / xp.sqrt(xp.at_least(squares, EPS * longest**2)))
    block = block - basis @ (basis.T @ block)
    squares, vectors = xp.eigh(block.T @ block)
    kept = vectors[:, squares > 1e-4] / xp.sqrt(squares[squares > 1e-4])
    block = block @ kept
    squares, vectors = xp.eigh(block.T @ block)
    return block @ (vectors / xp.sqrt(squares))
