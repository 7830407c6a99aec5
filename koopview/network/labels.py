"""Labels as people keep them (text, one-hot rows, -1 and 1, from 1 on) as classes, told in a sentence; no torch."""

from typing import NamedTuple

import numpy as np

from koopview.errors import InputError

_LABEL_LIMIT = 2**31
"""More classes than any network has outputs; larger numbers, which int64 may not hold, are no labels."""

_MOST_VALUES = 10_000
"""Most different whole numbers that are looked at as classes."""

_LONGEST = 200
"""Characters of the longest name of a class."""

_LISTED = 8
"""Classes that a sentence names."""


class Labels(NamedTuple):
    """Labels of training and test samples: int64 (samples,) if all are whole numbers from 0, else float32 targets."""

    train: np.ndarray | None
    test: np.ndarray | None
    names: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def read_labels(pairs: tuple[tuple[np.ndarray | None, np.ndarray], ...], name: str, names: tuple[str, ...]) -> Labels:
    """Return the Labels that training and test samples share; class numbers of a network come later.

    Text becomes classes in the order of its names (or of the given `names` if they hold all of them); one-hot rows,
    unless they equal the inputs, become the index of their 1; False and True become 0 and 1.

    Parameters
    ----------
    pairs : pairs (labels, inputs) of the training and of the test samples
    name : str
        Of the data, for errors.
    names : tuple of str
        Names of the classes, empty if they are not known.

    Raises
    ------
    InputError
        If labels are neither classes nor real targets.
    """
    whats = (f"{name}: labels", f"{name}: test labels")[: len(pairs)]
    given = [
        None if labels is None else _checked(labels, len(inputs), what)
        for (labels, inputs), what in zip(pairs, whats, strict=True)
    ]
    text = [array for array in given if array is not None and array.dtype.kind == "U"]
    if text:
        return _text_labels(given, text, name, names)
    remarks: tuple[str, ...] = ()
    if any(array is not None and array.dtype.kind == "b" and array.ndim == 1 for array in given):
        names, remarks = names or ("False", "True"), ("labels false and true are read as classes 0 and 1",)
    hot = [
        array is not None and array.ndim == 2 and is_one_hot(array) and not np.array_equal(array, inputs)
        for array, (_, inputs) in zip(given, pairs, strict=True)
    ]
    if any(hot) and all(one or array is None or array.ndim == 1 for one, array in zip(hot, given, strict=True)):
        count = max(array.shape[1] for array in given if array is not None and array.ndim == 2)
        given = [
            array.argmax(axis=1) if one and array is not None else array for one, array in zip(hot, given, strict=True)
        ]
        classes = f"0 {'and' if count == 2 else 'to'} {count - 1}"
        remarks = (f"one-hot rows of {count} numbers are read as classes {classes}",)
    made = [None if array is None else _numbers(array, what) for array, what in zip(given, whats, strict=True)]
    return Labels(*_alike(made, name), names, remarks)


def renumbered(labels: Labels, outputs: int | None = None) -> Labels:
    """Return the Labels with their distinct whole numbers as classes from 0, where there is one reading alone.

    With a network's number of `outputs`: labels that are all below it stay as they are; as many different ones as
    outputs are the classes in their order; with one output, -1 and 1 are classes 0 and 1. Before the outputs are
    known: labels from 1 to K of which none is missing, and -1 and 1.
    """
    values = _whole_values(labels)
    if values is None or not _to_renumber(values, outputs, len(labels.names)):
        return labels
    train, test = (
        None if one is None else np.searchsorted(values, one.ravel()).astype(np.int64)
        for one in (labels.train, labels.test)
    )
    own = labels.names if len(labels.names) == len(values) else tuple(f"{value:.0f}" for value in values)
    return Labels(train, test, own, (*labels.remarks, _renumbering(values)))


def as_targets(labels: np.ndarray | None) -> np.ndarray | None:
    """Return labels or targets as float32 (samples, numbers)."""
    return None if labels is None else np.ascontiguousarray(labels, dtype=np.float32).reshape(len(labels), -1)


def is_one_hot(rows: np.ndarray) -> bool:
    """Return whether each row (samples, several) holds a single 1 and 0, or -1, elsewhere: a class, not a target."""
    ones = rows == 1
    return any(bool((ones | (rows == other)).all() and (ones.sum(axis=1) == 1).all()) for other in (0, -1))


def first_no_class(labels: np.ndarray | None) -> str:
    """Return the first of labels that is no whole number from 0, with its index, a str: "0.5 at sample 3"."""
    if labels is None or labels.ndim != 2 or labels.shape[1] != 1:
        return ""
    strange = ~_are_classes(labels[:, 0])
    index = int(np.argmax(strange))
    return f"{labels[index, 0]:g} at sample {index}" if strange.any() else ""


def _to_renumber(values: np.ndarray, outputs: int | None, named: int) -> bool:
    """Return whether distinct whole numbers, in order, stand for classes from 0."""
    sign = values.tolist() == [-1, 1]
    if outputs is None:
        from_one = len(values) > 1 and values[0] == 1 and values[-1] == len(values) and named <= len(values)
        return sign or from_one
    if outputs == 1:
        return sign
    return len(values) == outputs and not (values[0] >= 0 and values[-1] < outputs)


def _whole_values(labels: Labels) -> np.ndarray | None:
    """Return the distinct labels of both parts in order, None if they are not whole numbers or too many."""
    known = [
        one.ravel() for one in (labels.train, labels.test) if one is not None and (one.ndim == 1 or one.shape[1] == 1)
    ]
    if not known or not all(bool((one == np.floor(one)).all()) for one in known):
        return None
    values = np.unique(np.concatenate([np.unique(one) for one in known]))
    return values if len(values) <= _MOST_VALUES and np.abs(values).max() < _LABEL_LIMIT else None


def _renumbering(values: np.ndarray) -> str:
    """Return the sentence that says which labels are which classes."""
    last, numbers = len(values) - 1, [f"{value:.0f}" for value in values]
    if last > 1 and values[-1] - values[0] == last:
        return f"labels {numbers[0]} to {numbers[-1]} are read as classes 0 to {last}"
    return _told(numbers, ", in this order" if last > 1 else "")


def _told(names: list[str], order: str) -> str:
    """Return the sentence that says that names are those of the classes from 0."""
    if len(names) == 2:
        return f"labels {names[0]} and {names[1]} are read as classes 0 and 1{order}"
    return f"labels {_listed(names)} are read as classes 0 to {len(names) - 1}{order}"


def _listed(names: list[str]) -> str:
    """Return names with commas between them; of many, the first ones and the last."""
    return ", ".join(names if len(names) <= _LISTED else [*names[: _LISTED - 1], "...", names[-1]])


def _checked(labels: np.ndarray, count: int, what: str) -> np.ndarray:
    """Return labels (samples,) or (samples, numbers) that are text ("U"), bool or numbers; raises InputError."""
    y = labels[:, 0] if labels.ndim == 2 and labels.shape[1] == 1 else labels
    if y.ndim == 0 or len(y) != count or y.size == 0:
        raise InputError(f"{what} have shape {y.shape}, expected ({count},): one whole number a sample")
    if y.ndim == 1 and y.dtype.kind in "SUO":
        y = _as_text(y, what)
    if y.dtype.kind not in "fiubU" or (y.dtype.kind == "U" and y.ndim > 1):
        raise InputError(f"{what} hold {kind_of(y)}, expected whole numbers from 0, or one name a sample")
    return y


def _as_text(y: np.ndarray, what: str) -> np.ndarray:
    """Return texts as they are, numbers if all of them are numbers; Python objects that are no texts as they are."""
    if y.dtype.kind == "S":
        y = np.char.decode(y, "latin-1")
    if y.dtype.kind == "O":
        if not all(isinstance(one, str) for one in y):
            return y
        y = y.astype(np.str_)
    y = np.char.strip(y)
    for index in np.flatnonzero((y == "") | (np.char.str_len(y) > _LONGEST))[:1]:
        found = f"a text of {len(y[index]):,} characters" if y[index] else "nothing"
        raise InputError(
            f"{what} hold {found} at sample {index}, expected the name of a class, at most {_LONGEST} long"
        )
    try:
        return y.astype(np.float64)
    except ValueError:
        return y


def _text_labels(given: list[np.ndarray | None], text: list[np.ndarray], name: str, names: tuple[str, ...]) -> Labels:
    """Return the Labels of texts: classes in the order of the names, the same in both parts."""
    if any(array is not None and array.dtype.kind != "U" for array in given):
        raise InputError(f"{name} holds text as labels in one part and numbers in the other, expected the same in both")
    found = np.unique(np.concatenate([np.unique(array) for array in text]))
    if set(found.tolist()) <= set(names):
        order = np.array([names.index(one) for one in found.tolist()])
        told = _told(list(names), ", in this order")
    else:
        order, names = np.arange(len(found)), tuple(map(shown, found.tolist()))
        told = _told(list(names), ", in the order of their names")
    made = [None if array is None else order[np.searchsorted(found, array)].astype(np.int64) for array in given]
    return Labels(made[0], made[1] if len(made) > 1 else None, names, (told,))


def shown(name: str, most: int = _LONGEST) -> str:
    """Return a name of a file for a sentence: without signs that cannot be printed, a long one shortened."""
    plain = "".join(sign if sign.isprintable() else "?" for sign in name[: most + 1])
    return plain if len(plain) <= most else f"{plain[: most - 3]}..."


def _numbers(y: np.ndarray, what: str) -> np.ndarray:
    """Return labels as int64 (samples,) if all are whole numbers from 0, else as float32 (samples, numbers)."""
    if y.ndim == 1 and bool(_are_classes(y).all()):
        return y.astype(np.int64)
    with np.errstate(over="ignore"):
        targets = as_targets(y)
    if targets is not None and not np.isfinite(targets).all():
        index = np.unravel_index(np.argmin(np.isfinite(targets)), targets.shape)
        raise InputError(f"{what} hold {targets[index]} at sample {index[0]}, expected numbers that float32 can hold")
    assert targets is not None
    return targets


def _are_classes(y: np.ndarray) -> np.ndarray:
    return (y >= 0) & (y < _LABEL_LIMIT) & (y == np.floor(y))


def _alike(pair: list[np.ndarray | None], name: str) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Return both parts as targets if either holds targets: whole numbers can be targets too."""
    train, test = (*pair, None)[:2]
    if train is not None and test is not None:
        if train.ndim != test.ndim:
            train, test = as_targets(train), as_targets(test)
        assert train is not None
        assert test is not None
        if train.shape[1:] != test.shape[1:]:
            held = f"{train.shape[1]} target numbers for training and {test.shape[1]} for testing"
            raise InputError(f"{name} has {held}, expected as many")
    return train, test


def kind_of(array: np.ndarray) -> str:
    """Return the kind of an array's content, in words, if it is not numeric."""
    if array.dtype.names:
        return f"records of {_listed(list(array.dtype.names))}"
    return {"U": "text", "S": "text", "O": "Python objects"}.get(array.dtype.kind, str(array.dtype))
