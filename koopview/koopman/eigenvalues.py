"""The order in which eigenvalues and what belongs to them stand."""

import numpy as np


def eigenvalue_order(values: np.ndarray) -> np.ndarray:
    """Return the order by falling modulus, then falling real part, conjugates side by side, upper half first."""
    return np.lexsort((-values.imag, np.abs(values.imag), -values.real, -np.abs(values)))


def matching_order(values: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return the order in which `values` agree with `wanted`, the same eigenvalues but for rounding.

    Sorting both would not do: moduli that are equal but for rounding (the circle's) sort one way here, another there.
    """
    left = values.astype(complex)
    order = np.empty(len(values), dtype=int)
    for place, value in enumerate(wanted):
        order[place] = np.nanargmin(np.abs(left - value))
        left[order[place]] = np.nan
    return order
