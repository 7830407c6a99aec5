"""Where a small perturbation could move an operator's eigenvalues: the pseudospectrum as contours.

Source: Trefethen and Embree, "Spectra and Pseudospectra" (2005).
"""

from dataclasses import dataclass

import numpy as np

from koopview.koopman.blocks import IN_PROCESS
from koopview.processes import in_process_apart
from koopview.progress import Progress, silent

POINTS, FEWER_POINTS = 61, 31
"""Grid points along each axis, up to rank 200 and for a larger one (at rank 500: 73 and 18 s)."""

LARGE = 200

EXACT = 50
"""Rank up to which singular values are computed one by one: 1 s at 50."""

ITERATIONS = 12
"""Steps of inverse iteration above that rank: for random operators the values are then accurate to 1 %."""

TINY = 1e-14
"""Least distance of a point from an eigenvalue."""

MARGIN = 0.25
"""Share of the spectrum's extent that the grid reaches past it on each side."""

BATCH_NUMBERS = 2**21
"""Numbers of the matrices, or vectors, that are worked on at once."""


@dataclass(frozen=True, eq=False)
class Pseudospectrum:
    """Smallest singular values of ``z I - A`` over a grid: z is an eigenvalue of A + E for some E of that norm.

    Attributes
    ----------
    real : array (columns,)
    imag : array (rows,)
    values : array (rows, columns)
    levels : tuple of float
        Powers of ten within them, rising: epsilons whose contours are worth drawing.
    """

    real: np.ndarray
    imag: np.ndarray
    values: np.ndarray
    levels: tuple[float, ...]


def pseudospectrum_around(matrix: np.ndarray, values: np.ndarray, progress: Progress = silent) -> Pseudospectrum:
    """Return the pseudospectrum of a real matrix (rank, rank) around its eigenvalues `values`.

    The grid is symmetric about the real axis, so that half of it is computed. Up to rank 50 by singular values; above
    by inverse iteration on the Schur form, for all points at once (Trefethen and Embree 2005, chapter 39).

    Raises
    ------
    Cancelled
        By `progress`.
    """
    points = POINTS if len(matrix) <= LARGE else FEWER_POINTS
    low, high = float(values.real.min()), float(values.real.max())
    reach = max(high - low, 2 * float(np.abs(values.imag).max()), 0.02)
    middle, half = (low + high) / 2, reach * (0.5 + MARGIN)
    real, imag = np.linspace(middle - half, middle + half, points), np.linspace(0, half, points // 2 + 1)
    at = real[None, :] + 1j * imag[:, None]
    upper = (smallest_singular_values if len(matrix) <= EXACT else by_inverse_iteration)(matrix, at, progress)
    whole = np.vstack([upper[:0:-1], upper])
    return Pseudospectrum(real, np.concatenate([-imag[:0:-1], imag]), whole, decades_within(whole))


def smallest_singular_values(matrix: np.ndarray, at: np.ndarray, progress: Progress = silent) -> np.ndarray:
    """Return the smallest singular value of ``z I - A`` at each point z of a complex array, of its shape."""
    size, points = len(matrix), at.ravel()
    found, batch = np.empty(len(points)), max(1, BATCH_NUMBERS // size**2)
    for start in range(0, len(points), batch):
        progress(start / len(points), "pseudospectrum")
        z = points[start : start + batch, None, None]
        found[start : start + batch] = np.linalg.svd(z * np.eye(size) - matrix, compute_uv=False)[:, -1]
    return found.reshape(at.shape)


def by_inverse_iteration(matrix: np.ndarray, at: np.ndarray, progress: Progress = silent) -> np.ndarray:
    """Return the smallest singular values, at most some percent too large, by inverse iteration on the Schur form."""
    form = schur_form(matrix) if len(matrix) <= IN_PROCESS else schur_form_apart(matrix)
    size, points = len(matrix), at.ravel()
    found, batch = np.empty(len(points)), max(1, BATCH_NUMBERS // size)
    for start in range(0, len(points), batch):
        z = points[start : start + batch]
        x = np.random.default_rng(0).standard_normal((size, len(z))) + 0j
        x /= np.linalg.norm(x, axis=0)
        for step in range(ITERATIONS):
            progress((start + len(z) * step / ITERATIONS) / len(points), "pseudospectrum")
            x = solved(form, z, solved_adjoint(form, z, x))
            size_of = np.linalg.norm(x, axis=0)
            x /= size_of
        found[start : start + batch] = size_of**-0.5
    return found.reshape(at.shape)


def schur_form(matrix: np.ndarray) -> np.ndarray:
    """Return the triangular factor of the complex Schur form."""
    from scipy.linalg import schur

    form: np.ndarray = schur(matrix, output="complex")[0]
    return form


def schur_form_apart(matrix: np.ndarray) -> np.ndarray:
    """Return the triangular factor from a separate process: above rank 100 it holds the lock too long."""
    return in_process_apart("koopview.koopman.pseudospectrum", "schur_form_named", matrix)["form"]


def schur_form_named(matrix: np.ndarray) -> dict[str, np.ndarray]:
    """Return the triangular factor as `form`: a separate process returns its arrays by name."""
    return {"form": schur_form(matrix)}


def solved(form: np.ndarray, z: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return x with ``(z I - T) x = b`` for each column of b (rank, points) and its z, T upper triangular."""
    x = np.empty_like(b)
    for k in range(len(form) - 1, -1, -1):
        x[k] = (b[k] + form[k, k + 1 :] @ x[k + 1 :]) / nonzero(z - form[k, k])
    return x


def solved_adjoint(form: np.ndarray, z: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return x with ``(z I - T)^H x = b`` for each column of b (rank, points) and its z, T upper triangular."""
    x = np.empty_like(b)
    for k in range(len(form)):
        x[k] = (b[k] + form[:k, k].conj() @ x[:k]) / nonzero(z - form[k, k]).conj()
    return x


def nonzero(values: np.ndarray) -> np.ndarray:
    """Return the values with those near 0 replaced by `TINY`."""
    return np.where(np.abs(values) < TINY, TINY, values)


def decades_within(values: np.ndarray) -> tuple[float, ...]:
    """Return the powers of ten between the least and the largest value, five at most, the largest ones."""
    positive = values[values > 0]
    if not len(positive):
        return ()
    low, high = np.log10(positive.min()), np.log10(positive.max())
    return tuple(10.0**power for power in range(int(np.ceil(low)), int(np.floor(high)) + 1))[-5:]
