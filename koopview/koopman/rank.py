"""How many singular values carry information: the numerical rank and the optimal hard threshold."""

import numpy as np

AUTO, NUMERICAL, GAVISH_DONOHO = RANKS = ("auto", "numerical", "gavish-donoho")
"""Words for a rank, the default first.

"auto": the numerical rank for a small problem, for a large one the best of some on held-out samples; "numerical": all
singular values that are more than rounding; "gavish-donoho": the optimal hard threshold, made for noisy data.
"""


def numerical_rank(singular_values: np.ndarray, cutoff: float) -> int:
    """Return the number of singular values above `cutoff` times the largest; 0 if all are zero."""
    if len(singular_values) == 0 or singular_values[0] == 0:
        return 0
    return int(np.count_nonzero(singular_values > cutoff * singular_values[0]))


def optimal_rank(singular_values: np.ndarray, shape: tuple[int, int]) -> int:
    """Return the rank of the optimal hard threshold for an unknown noise level, at least 1.

    Source: Gavish and Donoho, "The optimal hard threshold for singular values is 4/sqrt(3)" (2014), equation 5
    in its cubic approximation: values above omega(beta) times the median are kept.

    Parameters
    ----------
    singular_values : array (min(shape),)
        All of them, falling.
    shape : (int, int)
        Rows and columns of the matrix.
    """
    beta = min(shape) / max(shape)
    omega = 0.56 * beta**3 - 0.95 * beta**2 + 1.82 * beta + 1.43
    return max(1, int(np.count_nonzero(singular_values > omega * _median(singular_values))))


def _median(falling: np.ndarray) -> float:
    """Return the median of sorted numbers; numpy's own sorts, and imports 10 ms of masked arrays when first called."""
    last = len(falling) - 1
    return float(falling[last // 2] + falling[(last + 1) // 2]) / 2
