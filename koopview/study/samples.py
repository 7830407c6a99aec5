"""Which samples a fit sees, which its residuals and choices, and which its test: never the same."""

import numpy as np

from koopview.errors import InputError
from koopview.network.data import Dataset

APART = 1000
"""Training samples apart from the fit, at most, that residuals are measured on and choices are made by."""


def fitting_samples(dataset: Dataset, count: int | None, draw: int = 0) -> np.ndarray:
    """Return the indices of the training samples to fit on: the first `count`, all for None.

    Where the first ones miss a class that the training labels have (data sorted by class), they are taken
    at even distances instead. A `draw` above 0 takes random ones, the same at every call.
    """
    total = len(dataset.x_train)
    if count is None:
        return np.arange(total)
    if count > total:
        raise InputError(
            f"samples is {count}, expected at most {total} (the training samples of {dataset.name}), or all"
        )
    if draw:
        return np.sort(np.random.default_rng(draw).choice(total, count, replace=False))
    return first_samples(dataset.y_train, total, count)


def first_samples(labels: np.ndarray | None, total: int, count: int) -> np.ndarray:
    """Return `count` of `total` indices: the first ones, or ones at even distances where those miss a label."""
    first = np.arange(count)
    if labels is None or labels.ndim > 1 or labels.dtype.kind == "f":
        return first
    if len(np.unique(labels[first])) == min(count, len(np.unique(labels))):
        return first
    return np.linspace(0, total - 1, count).astype(int)


def samples_apart(dataset: Dataset, fitted: np.ndarray) -> np.ndarray:
    """Return the indices of training samples that took no part in the fit, none where all did."""
    left = np.setdiff1d(np.arange(len(dataset.x_train)), fitted, assume_unique=True)
    return left[first_samples(_labels_of(dataset, left), len(left), min(APART, len(left)))]


def _labels_of(dataset: Dataset, indices: np.ndarray) -> np.ndarray | None:
    return None if dataset.y_train is None else dataset.y_train[indices]


def class_labels(task: str | None, labels: np.ndarray | None, count: int) -> np.ndarray | None:
    """Return the classes of the first samples, None where the labels are none."""
    return labels[:count] if labels is not None and task in ("classes", "binary") else None
