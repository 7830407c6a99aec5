"""How far numbers measured on some samples can be trusted (METHOD section 5).

Two closed forms stand here instead of scipy.stats, whose import takes 0.8 s: as long as the first picture of a window
may. The tests hold them against scipy.stats.
"""

from collections.abc import Iterable
from statistics import NormalDist

import numpy as np

Estimate = tuple[float, float]
"""A value and its standard error (or deviation)."""


def wilson_interval(right: int, count: int, level: float = 0.95) -> tuple[float, float] | None:
    """Return Wilson's interval (low, high) of the share `right` / `count` (Wilson 1927); None without samples."""
    if count == 0:
        return None
    z, share = NormalDist().inv_cdf((1 + level) / 2), right / count
    middle, whole = share + z**2 / (2 * count), 1 + z**2 / count
    half = z * (share * (1 - share) / count + (z / (2 * count)) ** 2) ** 0.5
    return max(0.0, (middle - half) / whole), min(1.0, (middle + half) / whole)


def paired_difference(one: np.ndarray, other: np.ndarray) -> Estimate | None:
    """Return the accuracy of `one` minus that of `other` on the same samples, and its standard error.

    The variance is McNemar's, with half a sample added to each of the four cells (Agresti and Min 2005): the error is
    not 0 even if both agree on all of a few samples.

    Parameters
    ----------
    one, other : bool arrays (samples,)
        Whether each was right.

    Returns
    -------
    (difference, standard error), None for fewer than two samples
    """
    differences = np.asarray(one, dtype=float) - np.asarray(other, dtype=float)
    count = len(differences)
    if count < 2:
        return None
    won, lost = (float((differences * sign > 0).sum()) + 0.5 for sign in (1, -1))
    variance = (won + lost) / (count + 2) - ((won - lost) / (count + 2)) ** 2
    return float(differences.mean()), float((variance / (count + 2)) ** 0.5)


def paired_r2_difference(one: np.ndarray, other: np.ndarray, variance: float) -> Estimate | None:
    """Return the R2 of `one` minus that of `other` on the same samples, and its standard error.

    Parameters
    ----------
    one, other : arrays (samples,)
        Squared errors, summed over outputs.
    variance : float
        Mean squared distance of the samples' targets from their mean, summed over outputs; it counts as known.

    Returns
    -------
    (difference, standard error), None for fewer than two samples or targets that do not vary
    """
    if not variance > 0:
        return None
    return _mean_and_error((np.asarray(other, dtype=float) - np.asarray(one, dtype=float)) / variance)


def unpaired_difference(share: float, count: int, other: float, other_count: int) -> Estimate | None:
    """Return `share` of `count` samples minus the share `other` of `other_count` other samples, and its standard error.

    One success and one failure are added to each (Agresti and Caffo 2000), so that the error is not 0 for shares of 0
    or 1.

    Returns
    -------
    (difference, standard error), None without samples
    """
    if not (count and other_count):
        return None
    moved = [((part * n + 1) / (n + 2), n + 2) for part, n in ((share, count), (other, other_count))]
    return share - other, float(sum(part * (1 - part) / n for part, n in moved) ** 0.5)


def unpaired_r2_difference(one: np.ndarray, other: np.ndarray) -> Estimate | None:
    """Return the R2 of `one` minus that of `other` on other samples, and its standard error.

    Parameters
    ----------
    one, other : arrays (samples,)
        Squared errors as shares of the variance of their own targets: each R2 is 1 minus their mean.

    Returns
    -------
    (difference, standard error), None for fewer than two samples on a side
    """
    means = _mean_and_error(np.asarray(one, dtype=float)), _mean_and_error(np.asarray(other, dtype=float))
    if means[0] is None or means[1] is None:
        return None
    return means[1][0] - means[0][0], float(np.hypot(means[0][1], means[1][1]))


def spread(values: Iterable[float]) -> Estimate | None:
    """Return mean and (sample) standard deviation over repeats, None for fewer than two.

    The deviation is that of one repeat; the standard error of the mean is smaller by the root of their number.
    """
    numbers = np.asarray(list(values), dtype=float)
    return None if len(numbers) < 2 else (float(numbers.mean()), float(numbers.std(ddof=1)))


def _mean_and_error(values: np.ndarray) -> Estimate | None:
    """Return the mean of values (samples,) and its standard error."""
    if len(values) < 2:
        return None
    return float(values.mean()), float(values.std(ddof=1) / len(values) ** 0.5)
