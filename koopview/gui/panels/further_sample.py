"""A test sample whose path is drawn though a result does not hold it."""

from dataclasses import replace

import numpy as np

from koopview.study.result import FitResult


def with_path(result: FitResult, path: np.ndarray, label: int | None) -> FitResult:
    """Return `result` with the path (steps + 1, states) of a further test sample, of class `label`, behind its own."""
    labels = None if result.path_labels is None or label is None else np.append(result.path_labels, label)
    return replace(result, paths=np.concatenate([result.paths, path[None]]), path_labels=labels)


def renumbered(name: str, index: int, sample: int) -> str:
    """Return the name that the picker has for the path at `index`, with the number of the test sample `sample`."""
    return name.replace(str(index + 1), str(sample + 1), 1)
