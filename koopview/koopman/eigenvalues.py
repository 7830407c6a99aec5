"""The order in which eigenvalues and what belongs to them stand, and which of them are conjugates."""

import numpy as np

APART = 1e-4
"""Least imaginary part of a pair of conjugates, by its modulus, that is no double real eigenvalue split by rounding."""


def eigenvalue_order(values: np.ndarray) -> np.ndarray:
    """Return the order by falling modulus, then falling real part, conjugates side by side, upper half first."""
    first = np.minimum(np.arange(len(values)), conjugate_indices(values))
    return np.lexsort((-values.imag, first, np.abs(values.imag), -values.real, -np.abs(values)))


def conjugate_indices(values: np.ndarray) -> np.ndarray:
    """Return the index of each eigenvalue's conjugate (rank,), its own for a real one.

    A real matrix's complex eigenvalues come in pairs that are conjugates to the last digit: sorted alike, the upper
    half and the lower half stand opposite each other. The nearest value would not do: where two pairs agree but for
    rounding, or altogether, it gives both of them one partner.
    """
    partners = np.arange(len(values))
    upper, lower = np.flatnonzero(values.imag > 0), np.flatnonzero(values.imag < 0)
    upper = upper[np.lexsort((values.real[upper], values.imag[upper]))]
    lower = lower[np.lexsort((values.real[lower], -values.imag[lower]))]
    partners[upper], partners[lower] = lower, upper
    return partners


def can_turn(value: complex) -> bool:
    """Whether a pair of conjugates is apart enough to be turned; what is all but one real eigenvalue twice is not."""
    return bool(abs(value.imag) > APART * abs(value))
