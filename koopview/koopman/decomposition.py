"""Left singular vectors and singular values of a snapshot matrix that is given as windows, one row a snapshot."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from array_api_compat import array_namespace, device

from koopview.koopman.delays import as_numpy
from koopview.progress import Progress, silent

SMALL = 700
"""Up to this many rows or columns the whole spectrum costs no more than a part of it."""

BLOCKS = 8
"""Krylov blocks that the basis is built from, each about a third of the rank wide: without a gap at the rank (the
hardest spectrum) eigenvalues are then right to 1e-6, where four blocks of half the rank leave 4e-5."""


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Left singular vectors (features, kept), singular values (all that are known) and how they were found.

    Singular values below `cutoff` times the largest are rounding.
    """

    basis: Any
    singular_values: np.ndarray
    method: str
    cutoff: float


def decompose(windows: list[Any], rank: int | None, cutoff: float = 0.0, progress: Progress = silent) -> Spectrum:
    """Decompose the matrix whose columns are the rows of all windows, choosing the way by size and digits.

    "gram" : eigenvectors of the Gram matrix, then once more in their coordinates, which brings back the digits that
        the squares lost. The cheapest way to the whole spectrum; right where singular values below 1e-7 of the
        largest are not needed.
    "exact" : QR, then the SVD of the triangular factor. For small problems where they are, and for fewer snapshots
        than features, whose Gram matrix would be larger than they are.
    "randomized" : block Krylov (Musco and Musco 2015) on the windows themselves; the matrix is never formed.
        For large problems where a rank well below the size is asked for.

    Parameters
    ----------
    windows : list of arrays (samples, features)
    rank : int or None
        Largest rank that will be used; None asks for the whole spectrum.
    cutoff : float
        Share of the largest singular value below which none is needed.
    """
    features, snapshots = windows[0].shape[1], sum(window.shape[0] for window in windows)
    size = min(features, snapshots)
    if size > SMALL and rank is not None and BLOCKS * _block_width(rank) < size:
        return _block_krylov(windows, rank, progress)
    if snapshots >= features and (size > SMALL or cutoff >= _gram_floor(windows)):
        return _gram(windows, progress)
    return _exact(windows)


def _exact(windows: list[Any]) -> Spectrum:
    """QR of the stacked windows, then the SVD of R: as accurate as the SVD itself and much cheaper for tall ones."""
    xp = array_namespace(*windows)
    stacked = xp.concat(windows, axis=0)
    triangle = xp.linalg.qr(stacked, mode="reduced")[1] if stacked.shape[0] > stacked.shape[1] else stacked
    _, s, vh = xp.linalg.svd(triangle, full_matrices=False)
    return Spectrum(vh.T, as_numpy(s), "exact", max(stacked.shape) * float(xp.finfo(stacked.dtype).eps))


def _gram(windows: list[Any], progress: Progress) -> Spectrum:
    """Singular vectors of the windows by their Gram matrix, taken twice."""
    progress(0.0, "Gram matrix")
    vectors, s = _twice_gram(windows)
    return Spectrum(vectors, s, "gram", _gram_floor(windows))


def _twice_gram(rows: list[Any]) -> tuple[Any, np.ndarray]:
    """Return right singular vectors (features, kept) and singular values (features,) of stacked (.., features) rows.

    First the eigenvectors u of the Gram matrix, whose squares cost half the digits. In the coordinates ``rows u / s``
    the second Gram matrix is near the identity, so its Cholesky factor has all digits (as in CholeskyQR2: Yamamoto
    et al. 2015). Directions below the floor of the first one are left out. Unlike a QR of tall rows it copies
    nothing large, so an interface that shares the interpreter's lock does not stand still.
    """
    xp = array_namespace(*rows)
    squares, vectors = xp.linalg.eigh(sum(part.T @ part for part in rows))
    rough = np.sqrt(np.maximum(as_numpy(squares)[::-1], 0.0))
    floor = _gram_floor(rows)
    kept = max(1, int(np.count_nonzero(rough > floor * rough[0])))
    vectors = xp.take(vectors, xp.arange(len(rough) - 1, len(rough) - 1 - kept, -1, device=device(vectors)), axis=1)
    scale = xp.asarray(np.maximum(rough[:kept], np.finfo(float).tiny), dtype=vectors.dtype, device=device(vectors))
    scaled = vectors / scale
    again = sum(image.T @ image for image in (part @ scaled for part in rows))
    _, s, vh = xp.linalg.svd(xp.linalg.cholesky(again).T * scale, full_matrices=False)
    return vectors @ vh.T, np.concatenate([as_numpy(s), np.minimum(rough[kept:], floor * rough[0])])


def _gram_floor(windows: list[Any]) -> float:
    """Return the share of the largest singular value below which a Gram matrix holds rounding alone."""
    return 10 * float(array_namespace(*windows).finfo(windows[0].dtype).eps) ** 0.5


def _block_krylov(windows: list[Any], rank: int, progress: Progress) -> Spectrum:
    """Rayleigh-Ritz on the Krylov space of a random block, each block orthogonalised twice against those before.

    The products of the windows with each block serve twice: for the next block, and for the projected matrix.
    """
    xp = array_namespace(*windows)
    draw = partial(_random_block, windows[0], _block_width(rank), np.random.default_rng(0))
    block = draw()
    basis, projected = block[:, :0], []
    for i in range(BLOCKS + 1):
        progress(i / (BLOCKS + 2), f"Krylov block {i} of {BLOCKS}")
        images = [window @ block for window in windows]
        if i > 0:
            basis = xp.concat([basis, block], axis=1)
            projected.append(images)
        if i < BLOCKS:
            block = _orthogonal_to(basis, _transposed_product(windows, images, progress, i), draw())
    progress((BLOCKS + 1) / (BLOCKS + 2), "singular vectors")
    vectors, s = _twice_gram([xp.concat(of_window, axis=1) for of_window in zip(*projected, strict=True)])
    return Spectrum(basis @ vectors[:, :rank], s[:rank], "randomized", _gram_floor(windows))


def _block_width(rank: int) -> int:
    """Return the columns of each Krylov block."""
    return rank * 3 // 10 + 10


def _transposed_product(windows: list[Any], images: list[Any], progress: Progress, block: int) -> Any:
    """Return the sum of ``window^T image`` over all windows: Z times the images."""
    product = 0.0
    for k, (window, image) in enumerate(zip(windows, images, strict=True)):
        progress((block + k / len(windows)) / (BLOCKS + 2), f"Krylov block {block} of {BLOCKS}")
        product = product + window.T @ image
    return product


def _random_block(window: Any, width: int, generator: np.random.Generator) -> Any:
    """Draw normal numbers (features, width), of the window's precision and beside it."""
    drawn = generator.standard_normal((window.shape[1], width))
    return array_namespace(window).asarray(drawn, dtype=window.dtype, device=device(window))


def _orthogonal_to(basis: Any, block: Any, noise: Any) -> Any:
    """Return an orthonormal basis of `block` less its part in `basis`; twice is enough (Giraud et al. 2005).

    Once the rank of the data is spent nothing is left of a block, and QR would give directions of `basis` once more:
    `noise`, of the size of rounding, leads it out of there.
    """
    xp = array_namespace(block)
    length = xp.linalg.vector_norm(block, axis=0)
    block = block + noise * (xp.finfo(block.dtype).eps * xp.where(length > 0, length, xp.ones_like(length)))
    for _ in range(2):
        block = xp.linalg.qr(block - basis @ (basis.T @ block), mode="reduced")[0]
    return block
