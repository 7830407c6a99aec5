"""Few of many samples, evenly spaced among them: blocks of neighbours, which are read at once."""

import numpy as np

PLACES = 64
"""Blocks of neighbours among all samples."""


def spaced(count: int, few: int, places: int = PLACES) -> np.ndarray:
    """Return rising indices of few of `count` samples, in evenly spaced blocks; of all if `few` are as many.

    They are `few`, or as many fewer as make the blocks equal.
    """
    if count <= few:
        return np.arange(count)
    places = min(places, few)
    starts = np.linspace(0, count - few // places, places).astype(int)
    return (starts[:, None] + np.arange(few // places)).ravel()


def blocks_of(indices: np.ndarray) -> list[tuple[int, int]]:
    """Return the first index of each run of neighbours among rising indices, and the one after its last."""
    return [(int(run[0]), int(run[-1]) + 1) for run in np.split(indices, np.flatnonzero(np.diff(indices) > 1) + 1)]
