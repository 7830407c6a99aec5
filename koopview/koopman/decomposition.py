"""Left singular vectors and singular values of a snapshot matrix that is given as windows, one row a snapshot."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from array_api_compat import array_namespace, device

from koopview.koopman.delays import as_numpy
from koopview.progress import Progress, silent

EXACT_FEATURES = 700
"""Up to this many rows or columns the exact SVD is cheapest; it is also the most accurate."""

BLOCKS = 4
"""Krylov blocks: products with the matrix and its transpose that the basis is built from."""


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Left singular vectors (features, kept), singular values (all that are known) and how they were found.

    Singular values below `cutoff` times the largest are rounding.
    """

    basis: Any
    singular_values: np.ndarray
    method: str
    cutoff: float


def decompose(windows: list[Any], rank: int | None, progress: Progress = silent) -> Spectrum:
    """Decompose the matrix whose columns are the rows of all windows, choosing the way by size.

    "exact" : QR, then the SVD of the triangular factor. For small problems; full relative accuracy.
    "randomized" : block Krylov (Musco and Musco 2015) on the windows themselves; the matrix is never formed.
        For large problems where a rank well below the size is asked for.
    "gram" : eigenvectors of the Gram matrix, half the digits for small singular values. For large problems
        where the whole spectrum is needed: an automatic rank, or a rank near the size.

    Parameters
    ----------
    windows : list of arrays (samples, features)
    rank : int or None
        Largest rank that will be used; None asks for the whole spectrum.
    """
    features, snapshots = windows[0].shape[1], sum(w.shape[0] for w in windows)
    size = min(features, snapshots)
    if size <= EXACT_FEATURES:
        return _exact(windows)
    if rank is not None and BLOCKS * rank < size:
        return _block_krylov(windows, rank, progress)
    return _gram(windows, progress)


def _exact(windows: list[Any]) -> Spectrum:
    """QR of the stacked windows, then the SVD of R: as accurate as the SVD itself and much cheaper for tall ones."""
    xp = array_namespace(*windows)
    stacked = xp.concat(windows, axis=0)
    triangle = xp.linalg.qr(stacked, mode="reduced")[1] if stacked.shape[0] > stacked.shape[1] else stacked
    _, s, vh = xp.linalg.svd(triangle, full_matrices=False)
    return Spectrum(vh.T, as_numpy(s), "exact", max(stacked.shape) * float(xp.finfo(stacked.dtype).eps))


def _gram(windows: list[Any], progress: Progress) -> Spectrum:
    """Eigenvectors of the windows' Gram matrix; rounding in squares leaves s the square root of its digits."""
    xp = array_namespace(*windows)
    gram = 0.0
    for k, window in enumerate(windows):
        progress(0.3 * k / len(windows), "Gram matrix")
        gram = gram + window.T @ window
    progress(0.3, "eigenvectors of the Gram matrix")
    squares, vectors = xp.linalg.eigh(gram)
    s = np.sqrt(np.maximum(as_numpy(squares)[::-1], 0.0))
    cutoff = float(xp.finfo(vectors.dtype).eps) ** 0.5 * 100
    falling = xp.take(vectors, xp.arange(len(s) - 1, -1, -1, device=device(vectors)), axis=1)
    return Spectrum(falling, s, "gram", cutoff)


def _block_krylov(windows: list[Any], rank: int, progress: Progress) -> Spectrum:
    """Rayleigh-Ritz on the Krylov space of a random block, each block orthogonalised twice against those before.

    The products of the windows with each block serve twice: for the next block, and for the projected matrix.
    """
    xp = array_namespace(*windows)
    features, dtype = windows[0].shape[1], windows[0].dtype
    width = rank + max(10, rank // 10)
    start = np.random.default_rng(0).standard_normal((features, width))
    block = xp.asarray(start, dtype=dtype, device=device(windows[0]))
    basis, projected = block[:, :0], []
    for i in range(BLOCKS + 1):
        progress(i / (BLOCKS + 2), f"Krylov block {i} of {BLOCKS}")
        images = [window @ block for window in windows]
        if i > 0:
            basis = xp.concat([basis, block], axis=1)
            projected.append(xp.concat(images, axis=0))
        if i < BLOCKS:
            block = _orthogonal_to(basis, _transposed_product(windows, images, progress, i))
    progress((BLOCKS + 1) / (BLOCKS + 2), "singular vectors")
    tall = xp.concat(projected, axis=1)
    _, s, vh = xp.linalg.svd(xp.linalg.qr(tall, mode="reduced")[1], full_matrices=False)
    cutoff = max(features, tall.shape[0]) * float(xp.finfo(dtype).eps)
    return Spectrum(basis @ vh.T[:, :rank], as_numpy(s[:rank]), "randomized", cutoff)


def _transposed_product(windows: list[Any], images: list[Any], progress: Progress, block: int) -> Any:
    """Return the sum of ``window^T image`` over all windows: Z times the images."""
    product = 0.0
    for k, (window, image) in enumerate(zip(windows, images, strict=True)):
        progress((block + k / len(windows)) / (BLOCKS + 2), f"Krylov block {block} of {BLOCKS}")
        product = product + window.T @ image
    return product


def _orthogonal_to(basis: Any, block: Any) -> Any:
    """Return an orthonormal basis of `block` less its part in `basis`; twice is enough (Giraud et al. 2005)."""
    xp = array_namespace(block)
    for _ in range(2):
        block = xp.linalg.qr(block - basis @ (basis.T @ block), mode="reduced")[0]
    return block
