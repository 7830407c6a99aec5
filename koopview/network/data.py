"""Data sets: training samples to fit on, test samples that took no part in any fit."""

from collections.abc import Callable, Sequence
from copy import copy
from typing import Any

import numpy as np

from koopview.errors import InputError
from koopview.network.labels import Labels, as_targets, first_no_class, kind_of, read_labels, renumbered

TEST_SHARE = 0.2
"""Share of the samples kept for testing if a data set does not name its test samples."""

FEW = 4
"""Fewer fitting samples are told: an operator that maps them says nothing of other ones."""

_BLOCK = 1 << 24
"""Numbers that are checked at once."""

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
        Classes (whole numbers, text, truth values or one-hot rows) or real targets. Without them accuracies are None.
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
    remarks : sequence of str
        What a reader did with the data that a person should know, one sentence each.

    Attributes
    ----------
    y_train, y_test : arrays or None
        Classes int64 (samples,), real targets float32 (samples, numbers).
    no_class : str
        The first label that is no whole number from 0, with its index; empty if there is none.
    drawn : bool
        Whether the test samples were drawn from the others: a network may have been trained on them.
    remarks : tuple of str
        The given ones, and how the labels were read: "labels 1 to 3 are read as classes 0 to 2".

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
        remarks: Sequence[str] = (),
    ) -> None:
        if test_inputs is None and test_labels is not None:
            raise InputError(f"{name} holds test labels without test inputs, expected both or none")
        x = checked_inputs(inputs, f"{name}: inputs")
        x_test = None if test_inputs is None else checked_inputs(test_inputs, f"{name}: test inputs")
        pairs = [(_labels_array(labels, f"{name}: labels"), x)]
        if x_test is not None:
            pairs.append((_labels_array(test_labels, f"{name}: test labels"), x_test))
        read = read_labels(tuple(pairs), name, tuple(class_names))
        self.name, self.drawn, self._remarks = name, x_test is None, tuple(remarks)
        self.no_class = first_no_class(read.train)
        self.x_train, self.x_test = x, x if x_test is None else x_test
        if self.drawn:
            self.x_train, y, self.x_test, y_test = split(x, read.train, seed, name)
            read = read._replace(train=y, test=y_test)
        self._read = read
        self._take(renumbered(read))
        if self.x_train.shape[1:] != self.x_test.shape[1:]:
            raise InputError(
                f"{name}: test inputs have shape {self.x_test.shape[1:]} a sample, training inputs have "
                f"{self.x_train.shape[1:]}; expected the same"
            )
        self.plane = itself if plane is None and self.x_train.shape[1:] == (2,) else plane
        self.picture = picture or picture_axes(self.x_train.shape[1:])

    def for_outputs(self, outputs: int) -> "Dataset":
        """Return the Dataset with its labels as the classes of a network with that many outputs.

        Labels whose numbers are no output's index, as many different ones as outputs, are numbered in their order;
        labels of which each is an output's index stay as they are. Nothing else is changed, no array of inputs copied.
        """
        other = copy(self)
        other._take(renumbered(self._read, outputs))
        return other

    def with_first_tests(self, count: int) -> "Dataset":
        """Return the Dataset with its first test samples alone; no array is copied."""
        other = copy(self)
        other.x_test = self.x_test[:count]
        other.y_test = None if self.y_test is None else self.y_test[:count]
        return other

    def with_training(self, chosen: np.ndarray) -> "Dataset":
        """Return the Dataset with the training samples of some indices alone."""
        other = copy(self)
        other.x_train = self.x_train[chosen]
        other.y_train = None if self.y_train is None else self.y_train[chosen]
        other._read = self._read._replace(train=None if self._read.train is None else self._read.train[chosen])
        return other

    def with_channel(self) -> "Dataset":
        """Return the Dataset with an axis of one channel before the axes of a sample; no array is copied."""
        other = copy(self)
        other.x_train, other.x_test = self.x_train[:, None], self.x_test[:, None]
        return other

    def as_read(self, part: str) -> np.ndarray | None:
        """Return the array of a part (of `PARTS`) as it was read, the same for networks of all numbers of outputs."""
        of_labels: dict[str, np.ndarray | None] = {"y_train": self._read.train, "y_test": self._read.test}
        found: np.ndarray | None = of_labels[part] if part in of_labels else getattr(self, part)
        return found

    def scaled(self, scale: Callable[[np.ndarray], np.ndarray]) -> "Dataset":
        """Return the Dataset with inputs that `scale` maps; targets that are the inputs (an autoencoder's) follow."""
        other = copy(self)
        other.x_train = checked_inputs(scale(self.x_train), f"{self.name}: scaled inputs")
        other.x_test = checked_inputs(scale(self.x_test), f"{self.name}: scaled test inputs")

        def follow(labels: np.ndarray | None, old: np.ndarray, new: np.ndarray) -> np.ndarray | None:
            own = labels is not None and np.array_equal(labels, old.reshape(len(old), -1))
            return as_targets(new) if own else labels

        train = follow(self._read.train, self.x_train, other.x_train)
        other._read = self._read._replace(train=train, test=follow(self._read.test, self.x_test, other.x_test))
        other._take(renumbered(other._read))
        other.plane = itself if self.plane is itself else None
        return other

    def _take(self, labels: Labels) -> None:
        self.y_train, self.y_test, self.class_names = labels.train, labels.test, labels.names
        count = len(self.x_train)
        held = "1 training sample is" if count == 1 else f"{count} training samples are"
        few = (f"{held} so few that a fit says nothing of others",) if count < FEW else ()
        self.remarks = self._remarks + labels.remarks + few


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
        raise InputError(f"{what} hold {kind_of(given)}, expected numbers")
    if given.ndim < 2 or given.size == 0:
        raise InputError(f"{what} have shape {given.shape}, expected (samples, features) with at least one of each")
    with np.errstate(over="ignore"):
        x = np.ascontiguousarray(given, dtype=np.float32)
    rows = max(1, _BLOCK // x[0].size)
    for start in range(0, len(x), rows):
        finite = np.isfinite(x[start : start + rows])
        if not finite.all():
            index = np.unravel_index(np.argmin(finite), finite.shape)
            found, sample = given[start : start + rows][index], start + int(index[0])
            raise InputError(f"{what} hold {found} in sample {sample}, expected numbers that float32 can hold")
    return x


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
    if isinstance(array, np.ma.MaskedArray):
        _check_unmasked(array, what)
    try:
        if hasattr(array, "detach"):
            array = array.detach().cpu()
            array = array.float() if array.is_floating_point() else array  # numpy has no bfloat16
        return np.asarray(array)
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError(f"{what} are no array of numbers: {' '.join(str(error).split())}") from error


def _labels_array(labels: Any, what: str) -> np.ndarray | None:
    return None if labels is None else _as_numpy(labels, what)


def _check_unmasked(array: np.ma.MaskedArray, what: str) -> None:
    """Raise InputError if an entry of an array is masked: its number does not count, and there is no other."""
    masked = np.ma.getmaskarray(array)
    if masked.any():
        index = tuple(map(int, np.unravel_index(np.argmax(masked), masked.shape)))
        raise InputError(
            f"{what} have {int(masked.sum()):,} masked entries, the first in sample {index[0]}, "
            "expected arrays without a mask: those samples left out, or array.filled(VALUE)"
        )
