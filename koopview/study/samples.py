"""Which samples a fit sees, which its residuals, and which its test: never the same."""

import numpy as np

from koopview.errors import InputError
from koopview.network.data import Dataset

HELD_OUT = 256
"""Samples on which residuals are measured."""


def fitting_samples(dataset: Dataset, count: int | None) -> np.ndarray:
    """Return the indices of the training samples to fit on: the first `count`, all for None.

    Where the first ones miss a class that the training labels have (data sorted by class), they are taken
    at even distances instead.
    """
    total = len(dataset.x_train)
    if count is None:
        return np.arange(total)
    if count > total:
        raise InputError(
            f"samples is {count}, expected at most {total} (the training samples of {dataset.name}), or all"
        )
    return first_samples(dataset.y_train, total, count)


def first_samples(labels: np.ndarray | None, total: int, count: int) -> np.ndarray:
    """Return `count` of `total` indices: the first ones, or ones at even distances where those miss a label."""
    first = np.arange(count)
    if labels is None or len(np.unique(labels[first])) == min(count, len(np.unique(labels))):
        return first
    return np.linspace(0, total - 1, count).astype(int)


def held_out_samples(dataset: Dataset, fitted: np.ndarray) -> np.ndarray:
    """Return inputs for residuals that took no part in the fit: training samples left over, else test samples."""
    left = np.setdiff1d(np.arange(len(dataset.x_train)), fitted, assume_unique=True)[:HELD_OUT]
    return dataset.x_train[left] if len(left) else dataset.x_test[:HELD_OUT]
