"""Data sets: training samples to fit on, test samples that took no part in any fit."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from koopview.errors import InputError

TEST_SHARE = 0.2
"""Share of the samples kept for testing where a data set does not say which."""


class Dataset:
    """Inputs and labels, split into training and test samples.

    Parameters
    ----------
    inputs : array (samples, ...)
        Numbers, all finite; kept as float32.
    labels : array (samples,), optional
        Whole numbers from 0. Without them accuracies are None.
    test_inputs, test_labels : arrays, optional
        Without them, a fifth of the samples, drawn by `seed`, is kept for testing.
    name : str
        What results call the data.
    class_names : sequence of str
        One name a class, for display.

    Raises
    ------
    InputError
        With one sentence that names the array and what was expected.
    """

    def __init__(
        self,
        inputs: Any,
        labels: Any = None,
        test_inputs: Any = None,
        test_labels: Any = None,
        *,
        name: str = "data",
        class_names: Sequence[str] = (),
        seed: int = 0,
    ) -> None:
        x, y = checked_inputs(inputs, f"{name}: inputs"), None
        y = checked_labels(labels, len(x), f"{name}: labels")
        if test_inputs is None:
            self.x_train, self.y_train, self.x_test, self.y_test = split(x, y, seed, name)
        else:
            self.x_train, self.y_train = x, y
            self.x_test = checked_inputs(test_inputs, f"{name}: test inputs")
            self.y_test = checked_labels(test_labels, len(self.x_test), f"{name}: test labels")
        if self.x_train.shape[1:] != self.x_test.shape[1:]:
            raise InputError(
                f"{name}: test inputs have shape {self.x_test.shape[1:]} a sample, training inputs have "
                f"{self.x_train.shape[1:]}; expected the same"
            )
        self.name, self.class_names = name, tuple(class_names)


def checked_inputs(array: Any, what: str) -> np.ndarray:
    """Return `array` as float32 (samples, features, ...), or raise InputError with what is wrong with it."""
    x = _as_numpy(array)
    if x.dtype.kind not in "fiub":
        raise InputError(f"{what} hold {x.dtype}, expected numbers")
    if x.ndim < 2 or x.size == 0:
        raise InputError(f"{what} have shape {x.shape}, expected (samples, features) with at least one of each")
    with np.errstate(over="ignore"):
        x = np.ascontiguousarray(x, dtype=np.float32)
    if not np.isfinite(x).all():
        raise InputError(f"{what} hold NaN or infinite numbers, expected finite ones")
    return x


def checked_labels(array: Any, count: int, what: str) -> np.ndarray | None:
    """Return labels as int64 (count,), None as None, or raise InputError with what is wrong with them."""
    if array is None:
        return None
    y = _as_numpy(array)
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim != 1 or len(y) != count:
        raise InputError(f"{what} have shape {y.shape}, expected ({count},): one label a sample")
    if y.dtype.kind not in "fiub" or not np.all(np.isfinite(y)) or np.any(y != np.floor(y)) or np.any(y < 0):
        raise InputError(f"{what} must be whole numbers from 0")
    return y.astype(np.int64)


def split(
    x: np.ndarray, y: np.ndarray | None, seed: int, name: str
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray, np.ndarray | None]:
    """Split samples into training (80 %) and test (20 %), shuffled by `seed`."""
    if len(x) < 2:
        raise InputError(f"{name}: one sample cannot be split into training and test, expected at least 2")
    order = np.random.default_rng(seed).permutation(len(x))
    count = max(1, round(TEST_SHARE * len(x)))
    test, train = order[:count], order[count:]
    return x[train], None if y is None else y[train], x[test], None if y is None else y[test]


def _as_numpy(array: Any) -> np.ndarray:
    """Return a numpy array of a sequence, a numpy array or a torch tensor on any device."""
    return np.asarray(array.detach().cpu() if hasattr(array, "detach") else array)
