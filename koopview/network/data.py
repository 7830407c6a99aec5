"""Data sets: training samples to fit on, test samples that took no part in any fit."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from koopview.errors import InputError

TEST_SHARE = 0.2
"""Share of the samples kept for testing if a data set does not name its test samples."""

_LABEL_LIMIT = 2**31
"""More classes than any network has outputs; larger numbers, which int64 may not hold, are no labels."""

PARTS = ("x_train", "y_train", "x_test", "y_test")
"""The arrays of a data set."""

Plane = Callable[[np.ndarray], np.ndarray]


class Dataset:
    """Inputs and labels, split into training and test samples.

    Parameters
    ----------
    inputs : array (samples, ...)
        Numbers, all finite; kept as float32.
    labels : array (samples,) or (samples, ...), optional
        Classes, whole numbers from 0, or real targets. Without them accuracies are None.
    test_inputs, test_labels : arrays, optional
        Without them, a fifth of the samples, drawn by `seed`, is kept for testing.
    name : str
        Name of the data in results.
    class_names : sequence of str
        One name per class, for display.
    plane : callable, optional
        Maps points (points, 2) of a plane, an input's first two features, to inputs (points, ...). Inputs of two
        features need none.
    picture : (int, int), optional
        Rows and columns, if an input is a picture. Inputs with two axes longer than 1 are pictures anyway.

    Attributes
    ----------
    y_train, y_test : arrays or None
        Classes int64 (samples,), real targets float32 (samples, numbers).
    no_class : str
        The first label that is no whole number from 0, with its index; empty if there is none.
    drawn : bool
        Whether the test samples were drawn from the others: a network may have been trained on them.

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
        plane: Plane | None = None,
        picture: tuple[int, int] | None = None,
        seed: int = 0,
    ) -> None:
        x = checked_inputs(inputs, f"{name}: inputs")
        y = checked_labels(labels, x, f"{name}: labels")
        if test_inputs is None and test_labels is not None:
            raise InputError(f"{name} holds test labels without test inputs, expected both or none")
        self.name, self.class_names = name, tuple(class_names)
        self.no_class = first_no_class(labels)
        self.drawn = test_inputs is None
        if self.drawn:
            self.x_train, self.y_train, self.x_test, self.y_test = split(x, y, seed, name)
        else:
            self.x_train, self.y_train = x, y
            self.x_test = checked_inputs(test_inputs, f"{name}: test inputs")
            self.y_test = checked_labels(test_labels, self.x_test, f"{name}: test labels")
        self._make_labels_alike()
        if self.x_train.shape[1:] != self.x_test.shape[1:]:
            raise InputError(
                f"{name}: test inputs have shape {self.x_test.shape[1:]} a sample, training inputs have "
                f"{self.x_train.shape[1:]}; expected the same"
            )
        self.plane = itself if plane is None and self.x_train.shape[1:] == (2,) else plane
        self.picture = picture or picture_axes(self.x_train.shape[1:])

    def _make_labels_alike(self) -> None:
        """Convert labels to targets in both parts if either part holds targets: whole numbers can be targets too."""
        pair = (self.y_train, self.y_test)
        if None not in (found := [None if y is None else y.ndim for y in pair]) and found[0] != found[1]:
            self.y_train, self.y_test = (as_targets(y) for y in pair)
        counts = [y.shape[1] for y in (self.y_train, self.y_test) if y is not None and y.ndim == 2]
        if len(set(counts)) > 1:
            raise InputError(
                f"{self.name} has {counts[0]} target numbers for training and {counts[1]} for testing, expected as many"
            )


def as_targets(labels: np.ndarray | None) -> np.ndarray | None:
    """Return labels or targets as float32 (samples, numbers)."""
    return None if labels is None else np.ascontiguousarray(labels, dtype=np.float32).reshape(len(labels), -1)


def itself(points: np.ndarray) -> np.ndarray:
    """Return points of a plane unchanged: the inputs of data with two features."""
    return points


def picture_axes(shape: Sequence[int]) -> tuple[int, int] | None:
    """Return rows and columns of inputs that are pictures of one channel, None of others."""
    axes = [length for length in shape if length > 1]
    return (axes[0], axes[1]) if len(shape) > 1 and len(axes) == 2 else None


def checked_inputs(array: Any, what: str) -> np.ndarray:
    """Return `array` as float32 (samples, features, ...), or raise InputError with what is wrong with it."""
    given = _as_numpy(array, what)
    if given.dtype.kind not in "fiub":
        raise InputError(f"{what} hold {_kind(given)}, expected numbers")
    if given.ndim < 2 or given.size == 0:
        raise InputError(f"{what} have shape {given.shape}, expected (samples, features) with at least one of each")
    with np.errstate(over="ignore"):
        x = np.ascontiguousarray(given, dtype=np.float32)
    if not np.isfinite(x).all():
        index = np.unravel_index(np.argmin(np.isfinite(x)), x.shape)
        raise InputError(f"{what} hold {given[index]} in sample {index[0]}, expected numbers that float32 can hold")
    return x


def checked_labels(array: Any, inputs: np.ndarray, what: str) -> np.ndarray | None:
    """Return labels as int64 (samples,) or real targets as float32 (samples, numbers), None as None.

    Whole numbers from 0, one per sample, are labels; all other numbers are targets. Whether they fit a network is
    checked by :func:`koopview.network.task.checked_task`. One-hot rows are refused, since they mean classes and not
    targets, unless they equal the `inputs`, as for an autoencoder.

    Raises
    ------
    InputError
        With what is wrong with them.
    """
    if array is None:
        return None
    y, count = _as_numpy(array, what), len(inputs)
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim == 0 or len(y) != count or y.size == 0:
        raise InputError(f"{what} have shape {y.shape}, expected ({count},): one whole number a sample")
    if y.dtype.kind not in "fiub":
        raise InputError(f"{what} hold {_kind(y)}, expected whole numbers from 0")
    if y.ndim == 2 and is_one_hot(y) and not np.array_equal(y, inputs):
        raise InputError(
            f"{what} have shape {y.shape}, expected ({count},): one whole number a sample, not one-hot rows"
        )
    if y.ndim == 1 and bool(((y >= 0) & (y < _LABEL_LIMIT) & (y == np.floor(y))).all()):
        return y.astype(np.int64)
    with np.errstate(over="ignore"):
        targets = as_targets(y)
    if targets is not None and not np.isfinite(targets).all():
        index = np.unravel_index(np.argmin(np.isfinite(targets)), targets.shape)
        raise InputError(f"{what} hold {targets[index]} at sample {index[0]}, expected numbers that float32 can hold")
    return targets


def first_no_class(labels: Any) -> str:
    """Return the first of labels (samples,) that is no class, with its index, a str: "0.5 at sample 3"."""
    if labels is None:
        return ""
    y = _as_numpy(labels, "labels")
    y = y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y
    if y.ndim != 1 or y.dtype.kind not in "fiub":
        return ""
    strange = ~((y >= 0) & (y < _LABEL_LIMIT) & (y == np.floor(y)))
    index = int(np.argmax(strange)) if len(y) else 0
    return f"{y[index]} at sample {index}" if strange.any() else ""


def is_one_hot(rows: np.ndarray) -> bool:
    """Return whether each row (samples, several) holds a single 1 and 0 elsewhere: a class, not a target."""
    return bool(np.isin(rows, (0, 1)).all() and (rows.sum(axis=1) == 1).all())


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


def _as_numpy(array: Any, what: str) -> np.ndarray:
    """Return a numpy array of a sequence, a numpy array or a torch tensor on any device, or raise InputError."""
    try:
        if hasattr(array, "detach"):
            array = array.detach().cpu()
            array = array.float() if array.is_floating_point() else array  # numpy has no bfloat16
        return np.asarray(array)
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError(f"{what} are no array of numbers: {' '.join(str(error).split())}") from error


def _kind(array: np.ndarray) -> str:
    """Return the kind of an array's non-numeric content, in words."""
    return {"U": "text", "S": "text", "O": "Python objects"}.get(array.dtype.kind, str(array.dtype))
