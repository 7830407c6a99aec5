"""The task of a network, derived from its outputs and the labels (METHOD section 5); no torch here."""

from typing import TYPE_CHECKING

import numpy as np

from koopview.errors import InputError

if TYPE_CHECKING:
    from koopview.network.data import Dataset
    from koopview.network.network import Network

CLASSES, BINARY, REGRESSION, RECONSTRUCTION = TASKS = ("classes", "binary", "regression", "reconstruction")
"""By labels: whole numbers, one output per class; 0 or 1, one output; real targets; targets like the inputs."""

REAL = (REGRESSION, RECONSTRUCTION)
"""Tasks of real targets, measured by R2 and the relative error."""


def checked_task(outputs: int, dataset: "Dataset", network: str) -> str | None:
    """Return the task, a str, of a network with that many outputs on a data set; None without labels.

    Raises
    ------
    InputError
        If labels and outputs do not fit each other.
    """
    known = [labels for labels in (dataset.y_train, dataset.y_test) if labels is not None]
    if not known:
        return None
    if known[0].ndim == 2:
        return _task_of_targets(outputs, dataset, known, network)
    largest = max(int(labels.max()) for labels in known)
    if outputs == 1:
        return BINARY if largest <= 1 else REGRESSION
    if largest >= outputs:
        raise InputError(
            f"{dataset.name} has label {largest}, expected 0 to {outputs - 1} as {network} has {outputs} outputs"
        )
    return CLASSES


def _task_of_targets(outputs: int, dataset: "Dataset", known: list[np.ndarray], network: str) -> str:
    """Return which of the `REAL` tasks targets (samples, numbers) belong to."""
    count, features = known[0].shape[1], int(np.prod(dataset.x_test.shape[1:]))
    if count == outputs:
        return RECONSTRUCTION if count == features and count > 1 else REGRESSION
    if count == 1 and dataset.no_class:
        raise InputError(
            f"{dataset.name}: labels hold {dataset.no_class}, expected whole numbers from 0 to {outputs - 1} "
            f"as {network} has {outputs} outputs"
        )
    raise InputError(f"{dataset.name} has targets of {count} numbers a sample, expected {outputs} as {network} gives")


def decision_threshold(network: "Network") -> float:
    """Return the threshold above which a binary network's one output means class 1: 0, or 0.5 after a sigmoid."""
    last = network.layers[-1]
    ends = (last.activation_name.split("+")[-1], last.kind.lower())  # without a Linear it is its own layer
    return 0.5 if any(end in _SIGMOIDS for end in ends) else 0.0


_SIGMOIDS = ("sigmoid", "hardsigmoid")
"""Activations whose outputs are between 0 and 1."""
