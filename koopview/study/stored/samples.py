"""The first test samples, with the answers to them, in a study file."""

import numpy as np

from koopview.study.checking import inside, require
from koopview.study.result import FitResult
from koopview.study.sample_answers import Answers, SamplesView
from koopview.study.stored.checks import check_classes, check_extent, check_numbers, check_picture
from koopview.study.stored.kind import StoredKind


def checked(view: SamplesView, result: FitResult) -> SamplesView:
    """Return a view of samples; raises Unfit unless both networks answer each of them."""
    shape = view.inputs.shape
    require(len(shape) >= 2, shape, "numbers of each sample", "inputs")
    check_numbers("inputs", view.inputs, "f", *[None] * len(shape))
    entries = view.inputs[0].size
    check_picture(view.picture, entries)
    if view.plane is not None:
        with inside("plane"):
            _check_plane(view.plane, entries)
    for name, answers in (("original", view.original), ("hybrid", view.hybrid)):
        with inside(name):
            _check_answers(answers, shape[0])
    return view


def _check_plane(plane: tuple[tuple[float, float, float, float], np.ndarray], entries: int) -> None:
    extent, classes = plane
    require(entries >= 2, entries, "samples that have a place", "inputs")
    check_extent(extent)
    check_classes("classes", classes, None, None)


def _check_answers(answers: Answers, count: int) -> None:
    if answers.classes is not None:
        check_classes("classes", answers.classes, count)
    for name in ("margins", "outputs"):
        if (numbers := getattr(answers, name)) is not None:
            check_numbers(name, numbers, "f", count)


SAMPLES = StoredKind((SamplesView,), checked)
