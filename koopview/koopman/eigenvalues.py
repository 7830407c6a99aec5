"""The order of eigenvalues and of everything listed by eigenvalue, and which of them are conjugates."""

import numpy as np

APART = 1e-4
"""Least imaginary part / modulus of a true pair of conjugates; below it, rounding has split a double real one."""


def eigenvalue_order(values: np.ndarray) -> np.ndarray:
    """Return the indices (rank,) that sort by falling modulus, then real part, conjugates adjacent, upper one first."""
    first = np.minimum(np.arange(len(values)), conjugate_indices(values))
    return np.lexsort((-values.imag, first, np.abs(values.imag), -values.real, -np.abs(values)))


def conjugate_indices(values: np.ndarray) -> np.ndarray:
    """Return the index of each eigenvalue's conjugate (rank,), its own for a real one.

    A real matrix's complex eigenvalues come in exactly conjugate pairs, so the upper and the lower half, sorted alike,
    match one to one. Taking the nearest value would fail: two pairs that agree up to rounding would get one partner.
    """
    partners = np.arange(len(values))
    upper, lower = np.flatnonzero(values.imag > 0), np.flatnonzero(values.imag < 0)
    upper = upper[np.lexsort((values.real[upper], values.imag[upper]))]
    lower = lower[np.lexsort((values.real[lower], -values.imag[lower]))]
    partners[upper], partners[lower] = lower, upper
    return partners


def can_turn(value: complex) -> bool:
    """Return whether a pair of conjugates can be rotated: it is no double real eigenvalue split by rounding."""
    return bool(abs(value.imag) > APART * abs(value))
