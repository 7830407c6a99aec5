"""The choice of samples for fitting, for residuals and choices, and for testing: never the same ones."""

import numpy as np

from koopview.errors import InputError
from koopview.network.data import Dataset

APART = 1000
"""Most training samples held out from the fit, for residuals and choices."""


def fitting_samples(dataset: Dataset, count: int | None, draw: int = 0) -> np.ndarray:
    """Return the indices of the training samples to fit on: the first `count`, all for None.

    If the first ones miss a class that the training labels have (data sorted by class), evenly spaced ones are taken
    instead. A `draw` above 0 takes random ones, the same at every call.
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


def labelled_samples(dataset: Dataset, count: int | None, draw: int = 0) -> np.ndarray:
    """Return the indices of the training samples whose labels are used beside a fit: those that it was fitted to.

    They are all of them for a fit to more samples than there are: to a stream, whose labels are not read.
    """
    is_longer = count is not None and count > len(dataset.x_train)
    return fitting_samples(dataset, None if is_longer else count, draw)


def first_samples(labels: np.ndarray | None, total: int, count: int) -> np.ndarray:
    """Return `count` of `total` indices: the first ones, or evenly spaced ones if those miss a label."""
    first = np.arange(count)
    if labels is None or labels.ndim > 1 or labels.dtype.kind == "f":
        return first
    if len(np.unique(labels[first])) == min(count, len(np.unique(labels))):
        return first
    return np.linspace(0, total - 1, count).astype(int)


def samples_apart(dataset: Dataset, fitted: np.ndarray) -> np.ndarray:
    """Return the indices of training samples that took no part in the fit, empty if all did."""
    left = np.setdiff1d(np.arange(len(dataset.x_train)), fitted, assume_unique=True)
    return left[first_samples(_labels_of(dataset, left), len(left), min(APART, len(left)))]


def _labels_of(dataset: Dataset, indices: np.ndarray) -> np.ndarray | None:
    return None if dataset.y_train is None else dataset.y_train[indices]


def class_labels(task: str | None, labels: np.ndarray | None, count: int) -> np.ndarray | None:
    """Return the classes of the first samples, None if the labels are not classes."""
    return labels[:count] if labels is not None and task in ("classes", "binary") else None
