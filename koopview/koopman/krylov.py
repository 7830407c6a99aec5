"""Leading eigenvectors of a large symmetric matrix that is known by its products (block Krylov)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from array_api_compat import array_namespace, device

from koopview.koopman.delays import as_numpy
from koopview.koopman.hankel import Tick

BLOCKS = 8
"""Krylov blocks at most, each about a third of the rank wide: without a gap at the rank (the hardest spectrum)
eigenvalues are then right to 1e-6, where four blocks of half the rank leave 4e-5."""

CONVERGED = 1e-6
"""Relative residual of all wanted eigenpairs at which no further block is taken."""


Multiply = Callable[[Any, Tick], Any]
"""Gives a matrix's product with a block (size, columns)."""


@dataclass(frozen=True, eq=False)
class KrylovSpace:
    """Orthonormal blocks (features, columns), and the lower half of the matrix seen in them (columns, columns)."""

    basis: Any
    projected: Any

    def ritz_pairs(self) -> tuple[Any, Any]:
        """Return eigenvalues, falling, and eigenvectors (columns, columns) of the projected matrix."""
        xp = array_namespace(self.projected)
        values, vectors = xp.linalg.eigh(self.projected)
        return xp.flip(values), xp.flip(vectors, axis=1)


def krylov_columns(rank: int) -> int:
    """Return the columns of the whole basis at most."""
    return BLOCKS * block_width(rank)


def block_width(rank: int) -> int:
    """Return the columns of each block."""
    return rank * 3 // 10 + 10


def leading_eigenvectors(multiply: Multiply, size: int, rank: int, like: Any, tick: Tick) -> tuple[Any, np.ndarray]:
    """Return the leading eigenvectors (size, rank) and eigenvalues of a positive semidefinite matrix.

    Rayleigh-Ritz on the Krylov space of a random block (Musco and Musco 2015), each block orthogonalised against all
    before. It ends early where the pairs wanted have converged, or nothing new comes.

    Parameters
    ----------
    multiply : callable
        Gives the matrix's product with a block.
    size : int
    rank : int
        As many are wanted; fewer come back where the matrix has a smaller rank.
    like : array
        Of the precision, library and device to work in.
    tick : callback
    """
    xp, width = array_namespace(like), block_width(rank)
    space = xp.empty((size, min(size, krylov_columns(rank))), dtype=like.dtype, device=device(like))
    projected = xp.zeros((space.shape[1], space.shape[1]), dtype=like.dtype, device=device(like))
    start = np.random.default_rng(0).standard_normal((size, width))
    block, end, longest = orthonormal(xp.asarray(start, dtype=like.dtype, device=device(like)), space[:, :0]), 0, 0.0
    for i in range(BLOCKS):
        begin, end = end, min(end + block.shape[1], space.shape[1])
        space[:, begin:end] = block[:, : end - begin]
        basis, product = space[:, :end], multiply(space[:, begin:end], _share(tick, i))
        longest = max(longest, float(xp.max(xp.linalg.vector_norm(product, axis=0))))
        coefficients = basis.T @ product
        projected[begin:end, :end] = coefficients.T
        found = KrylovSpace(basis, projected[:end, :end])
        product = product - basis @ coefficients
        if end == space.shape[1] or (end >= rank and _residual(found, product, rank) < CONVERGED):
            break
        block = orthonormal(product, basis, longest)
        if block.shape[1] == 0:
            break
    values, vectors = found.ritz_pairs()
    return found.basis @ vectors[:, :rank], as_numpy(values)[:rank]


def _share(tick: Tick, block: int) -> Tick:
    """Return the ticks of one block as a share of all."""
    return lambda share: tick((block + share) / BLOCKS)


def _residual(found: KrylovSpace, rest: Any, rank: int) -> float:
    """Return the largest relative residual of the leading Ritz pairs; `rest` is what left the space last."""
    xp = array_namespace(rest)
    values, vectors = found.ritz_pairs()
    last = vectors[-rest.shape[1] :, :rank]
    lengths = xp.linalg.vector_norm(rest @ last, axis=0)
    return float(xp.max(lengths / xp.clip(values[:rank], min=float(xp.finfo(rest.dtype).tiny))))


def orthonormal(block: Any, basis: Any, largest: float = 0.0) -> Any:
    """Return an orthonormal basis of `block` less its part in `basis`, without the directions that are rounding.

    By the eigenvectors of the block's Gram matrix, twice; once the block has left the basis twice (Giraud et al.
    2005) nothing of it is in there. A QR would copy what is tall while it holds the interpreter's lock.

    Parameters
    ----------
    block : array (size, columns), orthogonal to `basis` but for rounding
    basis : array (size, any number), orthonormal
    largest : float
        What rounding is relative to: directions of a block shorter than 1e-14 of it are none.
    """
    xp = array_namespace(block)
    eps = float(xp.finfo(block.dtype).eps)
    squares, vectors = xp.linalg.eigh(block.T @ block)
    longest = float(squares[-1]) ** 0.5
    if not longest > 50 * eps * largest:
        return block[:, :0]
    block = block @ (vectors / xp.sqrt(xp.clip(squares, min=eps * longest**2)))
    block = block - basis @ (basis.T @ block)
    squares, vectors = xp.linalg.eigh(block.T @ block)
    kept = vectors[:, squares > 1e-4] / xp.sqrt(squares[squares > 1e-4])
    block = block @ kept
    squares, vectors = xp.linalg.eigh(block.T @ block)
    return block @ (vectors / xp.sqrt(squares))
