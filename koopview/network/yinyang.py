"""The Yin-Yang data set: two interlocked drops and two dots, a task that a linear classifier cannot solve.

Source: Kriener, Göltz, Petrovici, "The Yin-Yang dataset" (NICE 2022, arXiv 2102.08211), and the authors'
program (github.com/lkriener/yin_yang_data_set), whose geometry and class numbers are kept. The random numbers are
ours, so single samples differ from the authors'.
"""

from collections.abc import Sequence

import numpy as np

from koopview.errors import InputError
from koopview.network.data import Dataset

R_SMALL = 0.1
"""Radius of the two dots."""
R_BIG = 0.5
"""Radius of the whole figure, whose centre is (R_BIG, R_BIG)."""
CLASS_NAMES = ("yin", "yang", "dot")
"""Names of the classes 0, 1 and 2, in the authors' order."""
TRAIN, TEST, NETWORK_TRAIN, NETWORK_VALIDATION = range(4)
"""Second number of a seed, so that draws with the same first number differ: the data set's training and test samples,
and the built-in network's training and validation samples."""


def yinyang_class(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the class of points of the plane.

    Parameters
    ----------
    x, y : arrays of one shape
        Coordinates, 0 to 1 inside the figure. Points outside it belong to the class of their half plane.

    Returns
    -------
    int64 array of that shape
        1: the upper half with the left disc of half the radius and without the right one; 0: its mirror image in
        the centre; 2: the dots amid the two discs.
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    to_left_dot = np.sqrt((x - 0.5 * R_BIG) ** 2 + (y - R_BIG) ** 2)
    to_right_dot = np.sqrt((x - 1.5 * R_BIG) ** 2 + (y - R_BIG) ** 2)
    in_left_disc = to_left_dot <= 0.5 * R_BIG
    in_right_disc = to_right_dot <= 0.5 * R_BIG
    in_dot = (to_left_dot < R_SMALL) | (to_right_dot < R_SMALL)
    upper = in_left_disc | ((y > R_BIG) & ~in_right_disc)
    return np.where(in_dot, 2, upper).astype(np.int64)


def yinyang_samples(count: int, seed: int | Sequence[int] = 0) -> tuple[np.ndarray, np.ndarray]:
    """Draw samples: a class uniformly among the three, then a point uniformly over that class's area.

    Returns
    -------
    inputs : float32 array (count, 4)
        (x, y, 1 - x, 1 - y).
    labels : int64 array (count,)

    Raises
    ------
    InputError
        If `count` is below 1.
    """
    if count < 1:
        raise InputError(f"count is {count}, expected at least 1 Yin-Yang sample")
    rng = np.random.default_rng(seed)
    labels = rng.integers(len(CLASS_NAMES), size=count)
    points = np.empty((count, 2), dtype=np.float32)
    for goal in range(len(CLASS_NAMES)):
        indices = np.flatnonzero(labels == goal)
        points[indices] = _points_of_class(goal, len(indices), rng)
    return yinyang_inputs(points), labels


def yinyang_inputs(points: np.ndarray) -> np.ndarray:
    """Return the features (x, y, 1 - x, 1 - y) of points (count, 2) of the plane."""
    return np.concatenate([points, 1 - points], axis=1)


def yinyang_dataset(seed: int = 0, train: int = 5000, test: int = 5000) -> Dataset:
    """Return `train` training and `test` test samples of different random numbers (the authors' sizes: 5000, 1000).

    Raises
    ------
    InputError
        If `train` or `test` is below 1.
    """
    x, y = yinyang_samples(train, (seed, TRAIN))
    x_test, y_test = yinyang_samples(test, (seed, TEST))
    return Dataset(x, y, x_test, y_test, name="yinyang", class_names=CLASS_NAMES, plane=yinyang_inputs)


def _points_of_class(goal: int, count: int, rng: np.random.Generator) -> np.ndarray:
    """Draw float32 points (count, 2) of one class by rejection from the square around the figure.

    Drawn in float32, the points are classified as they are stored, and 1 - x is exact.
    """
    points = np.empty((0, 2), dtype=np.float32)
    while len(points) < count:
        drawn = rng.random((1000 + 4 * count, 2), dtype=np.float32) * np.float32(2 * R_BIG)
        x, y = drawn.astype(np.float64).T
        inside = (x - R_BIG) ** 2 + (y - R_BIG) ** 2 <= R_BIG**2
        points = np.concatenate([points, drawn[inside & (yinyang_class(x, y) == goal)]])
    return points[:count]
