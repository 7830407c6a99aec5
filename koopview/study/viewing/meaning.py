"""What replacing a layer means for the answers: which test samples are answered otherwise, and how."""

from typing import Any

import numpy as np
import torch

from koopview.hybrid.accuracy import as_rows
from koopview.network.data import Dataset
from koopview.network.task import BINARY, CLASSES
from koopview.progress import Progress
from koopview.study.fitter import Fitted
from koopview.study.viewing.boundary import BOUNDARY, boundary_view
from koopview.study.viewing.kind import Keep, ViewKind
from koopview.study.views import BoundaryView, ChangedView, MovedView

PICTURES = 500
"""Most changed samples whose pictures a view holds."""

_LEAST_SIDE, _MOST_LONG = 8, 4
"""Fewest numbers along a picture's side, and how many times as long as its short side its long one may be."""
_COLOURS = 3


def meaning_view(fitted: Fitted, keep: Keep, progress: Progress) -> ChangedView | MovedView:
    """Return the test samples that the hybrid answers otherwise than the original, or whose real outputs it moves."""
    setup, outputs = fitted.setup, fitted.outputs
    answers = setup.scoring.predicted(outputs)
    if answers is None:
        return moved(setup.original, outputs, setup.dataset)
    original = np.asarray(setup.scoring.predicted(setup.original))
    changed = np.flatnonzero(original != answers)
    swings = swings_of(setup.original[changed], outputs[changed], original[changed], answers[changed])
    order = np.argsort(-swings, kind="stable")
    changed, data = changed[order], setup.dataset
    plane = _plane(fitted, keep, progress)
    return ChangedView(
        test_samples=len(data.x_test),
        samples=changed,
        original=original[changed],
        hybrid=answers[changed],
        labels=data.y_test[changed] if data.y_test is not None and setup.task in (CLASSES, BINARY) else None,
        swings=swings[order],
        class_names=data.class_names,
        pictures=None if plane else pictures_of(data, changed[:PICTURES]),
        plane=plane,
        points=data.x_test[changed, :2] if plane else None,
    )


def swings_of(one: torch.Tensor, other: torch.Tensor, answers: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Return how far each sample's outputs swing from its old answer to its new one, float64 (samples,).

    It is how far the old answer's output led in `one` (samples, outputs), plus how far the new one's leads in `other`;
    of a single output, how far it moves.
    """
    before, after = (outputs.double().cpu().numpy() for outputs in (one, other))
    if before.shape[1] == 1:
        return np.asarray(np.abs(after - before)[:, 0])
    each = np.arange(len(before))
    return np.asarray(before[each, answers] - before[each, new] + after[each, new] - after[each, answers])


def moved(original: torch.Tensor, hybrid: torch.Tensor, data: Dataset) -> MovedView:
    """Return real outputs (samples, outputs) of both networks beside the test targets, as a MovedView.

    Of several outputs each sample is measured by the root mean square of its errors.
    """
    before, after = (outputs.double().cpu().numpy() for outputs in (original, hybrid))
    targets = None if data.y_test is None else as_rows(data.y_test)
    changes = _size(after - before)
    if targets is not None and before.shape[1] > 1:
        across, before, after = None, _size(before - targets)[:, None], _size(after - targets)[:, None]
    else:
        across = None if targets is None else targets[:, 0]
    order = np.argsort(-changes, kind="stable")
    return MovedView(
        samples=order,
        changes=changes[order],
        targets=None if across is None else across[order],
        original=before[order, 0],
        hybrid=after[order, 0],
        errors=targets is not None and across is None,
    )


def pictures_of(data: Dataset, indices: np.ndarray) -> np.ndarray | None:
    """Return test inputs as pictures (samples, rows, columns, 1 or 3), None if inputs are no pictures."""
    x: Any = data.x_test[indices]
    shape = data.x_test.shape[1:]
    if len(shape) == _COLOURS and shape[0] == _COLOURS:
        x = np.moveaxis(x, 1, -1)
    elif data.picture is not None and data.picture[0] * data.picture[1] == data.x_test[0].size:
        x = x.reshape(len(x), *data.picture, 1)
    elif len(shape) != 3 or shape[2] != _COLOURS:
        return None
    sides = x.shape[1:3]
    return x if min(sides) >= _LEAST_SIDE and max(sides) <= _MOST_LONG * min(sides) else None


def _plane(fitted: Fitted, keep: Keep, progress: Progress) -> BoundaryView | None:
    """Return the decision boundary over a plane of inputs, the same that its own view is; None without a plane."""
    settings = BOUNDARY.depends_on(fitted.settings)
    if fitted.setup.dataset.plane is None:
        return None
    made = keep(("boundary", settings), lambda: boundary_view(fitted, keep, progress))
    return made if isinstance(made, BoundaryView) else None


def _size(rows: np.ndarray) -> np.ndarray:
    """Return the root mean square of each of `rows` (samples, numbers)."""
    return np.asarray(np.sqrt((rows**2).mean(axis=1)))


MEANING = ViewKind(meaning_view)
