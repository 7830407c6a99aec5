"""How well a network's outputs do: against labels, and against the original network's."""

from collections.abc import Callable

import numpy as np
import torch

from koopview.network.task import BINARY, REAL
from koopview.progress import Progress, silent

BATCH = 1000
"""Samples that run through a network at once."""

PATHS_BATCH = 128
"""Samples whose paths are computed at once: few enough that intermediate results stay in the processor's cache.

The lifted states of 10,000 MNIST images (h = 10) take 1.6 s in batches of 1,000, which need fresh memory each time,
and 0.8 s in batches of 100.
"""


def in_batches(
    function: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor, progress: Progress = silent, batch: int = BATCH
) -> torch.Tensor:
    """Return `function` of x (samples, ...), a tensor, computed in batches of `batch` samples."""
    results = []
    with torch.inference_mode():
        for start in range(0, len(x), batch):
            progress(start / len(x), "evaluation")
            results.append(function(x[start : start + batch]))
    return torch.cat(results)


def accuracy(logits: torch.Tensor, labels: np.ndarray | None) -> float | None:
    """Return the share of samples whose largest output is that of their label, a float; None without labels."""
    return None if labels is None else float(np.mean(predictions(logits) == labels))


def per_class(logits: torch.Tensor, labels: np.ndarray | None, classes: int) -> list[float]:
    """Return the accuracy of each class (NaN for a class without samples), an empty list without labels."""
    if labels is None:
        return []
    right = predictions(logits) == labels
    return [float(right[labels == c].mean()) if (labels == c).any() else float("nan") for c in range(classes)]


def confusion(logits: torch.Tensor, labels: np.ndarray | None, classes: int) -> np.ndarray:
    """Return the confusion matrix, counts (true class, predicted class); empty without labels."""
    if labels is None:
        return np.zeros((0, 0), dtype=int)
    pairs = labels * classes + predictions(logits)
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def agreement(logits: torch.Tensor, original: torch.Tensor) -> float:
    """Return the share of samples on which both predict the same class."""
    return float(np.mean(predictions(logits) == predictions(original)))


def output_error(logits: torch.Tensor, original: torch.Tensor) -> float:
    """Return the relative Frobenius error of the outputs, 0 if both are zero."""
    norm = float(torch.linalg.norm(original.double()))
    error = float(torch.linalg.norm(logits.double() - original.double()))
    return error / norm if norm > 0 else (0.0 if error == 0 else float("inf"))


def predictions(logits: torch.Tensor) -> np.ndarray:
    """Return the predicted classes (samples,)."""
    return logits.argmax(1).cpu().numpy()


def predicted(outputs: torch.Tensor, task: str | None, threshold: float = 0.0) -> np.ndarray | None:
    """Return the predicted classes (samples,); None for a regression, or for one output that is not binary.

    In a binary task the one output means class 1 above `threshold`.
    """
    if task in REAL or (outputs.shape[1] == 1 and task != BINARY):
        return None
    if task == BINARY:
        return (outputs[:, 0] > threshold).long().cpu().numpy()
    return predictions(outputs)


def squared_errors(outputs: torch.Tensor, targets: np.ndarray) -> np.ndarray | None:
    """Return each sample's squared error (samples,) as a share of the targets' variance: R2 is 1 minus their mean.

    The variance is about the mean of these samples, summed over all numbers of a target; None if nothing varies.
    """
    wanted = as_rows(targets)
    errors = ((outputs.double().cpu().numpy() - wanted) ** 2).sum(axis=1)
    variance = float(((wanted - wanted.mean(axis=0)) ** 2).sum(axis=1).mean())
    varies = variance > 0 and bool((wanted != wanted[0]).any())  # a mean of equal numbers may be rounded
    return np.asarray(errors / variance) if varies else None


def relative_error(outputs: torch.Tensor, targets: np.ndarray) -> float:
    """Return the Frobenius error of outputs, relative to the targets."""
    return output_error(outputs, torch.as_tensor(as_rows(targets)).to(outputs.device))


def as_rows(targets: np.ndarray) -> np.ndarray:
    """Return targets as float64 (samples, numbers)."""
    return np.asarray(targets, dtype=float).reshape(len(targets), -1)
