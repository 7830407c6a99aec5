"""The modes of a fit in a study file, so that the first click on an eigenvalue needs no engine; no torch here.

Complex arrays hold one column of each pair of conjugates: the other one follows from it.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from koopview.koopman.eigenvalues import conjugate_indices
from koopview.study.checking import inside, require
from koopview.study.result import FitResult
from koopview.study.stored.checks import check_indices, check_numbers, check_picture
from koopview.study.stored.kind import StoredKind
from koopview.study.views import ModeInputs, ModesView

_OF_INPUTS = ("gradients", "patterns", "plane")
"""Complex arrays of ModeInputs, with one column a mode."""

_OF_VIEW = ("shapes", "eigenfunctions")


def _halved(view: ModesView, result: FitResult) -> ModesView:
    """Return a view with one column of each pair of conjugates."""
    first = _firsts(*_pairs(result))
    return _with_columns(view, lambda array: np.ascontiguousarray(array[..., first]))


def _whole(view: ModesView, result: FitResult) -> ModesView:
    """Return a view of :func:`_halved` with all its columns; raises Unfit."""
    own, partner = _pairs(result)
    first, firsts = _firsts(own, partner), np.minimum(own, partner)

    def whole(array: np.ndarray) -> np.ndarray:
        shaped = array.ndim >= 2 and array.shape[-1] == len(first) and array.dtype.kind == "c"
        require(shaped, array.shape, f"complex numbers in {len(first)} columns")
        columns = array[..., np.searchsorted(first, firsts)]
        return np.where(own > partner, columns.conj(), columns)

    return _with_columns(view, whole)


def _pairs(result: FitResult) -> tuple[np.ndarray, np.ndarray]:
    values = result.fitted_eigenvalues
    return np.arange(len(values)), conjugate_indices(values)


def _firsts(own: np.ndarray, partner: np.ndarray) -> np.ndarray:
    """Return the first index of each pair, rising (`np.unique` would import numpy's masked arrays at a start)."""
    return np.flatnonzero(own <= partner)


def _with_columns(view: ModesView, change: Callable[[np.ndarray], np.ndarray]) -> ModesView:
    """Return a view with its complex arrays changed."""

    def changed(owner: ModesView | ModeInputs, names: Sequence[str]) -> dict[str, Any]:
        return {name: change(one) for name in names if (one := getattr(owner, name)) is not None}

    inputs = None if view.inputs is None else replace(view.inputs, **changed(view.inputs, _OF_INPUTS))
    return replace(view, **changed(view, _OF_VIEW), inputs=inputs)


def _checked(view: ModesView, result: FitResult) -> ModesView:
    """Return the modes of a result; raise Unfit unless all arrays have its size and belong together."""
    rank, classes, samples = result.rank, len(result.per_class.get("hybrid", ())), len(view.eigenfunctions)
    require(view.class_importance.ndim == 2, view.class_importance.shape, "(rank, classes) numbers", "class_importance")
    classes_told = view.class_importance.shape[1]
    check_numbers("shapes", view.shapes, "c", None, rank)
    check_numbers("eigenfunctions", view.eigenfunctions, "c", None, rank)
    check_numbers("importance", view.importance, "f", rank)
    check_numbers("importance_errors", view.importance_errors, "f", rank)
    check_numbers("class_importance", view.class_importance, "f", rank, classes_told, finite=False)
    require(classes_told in (0, classes), view.class_importance.shape, "one loss a class")
    check_numbers("class_scores", view.class_scores, "f", classes_told, finite=False)
    check_numbers("groups", view.groups, "i", rank)
    check_indices("groups", view.groups, rank)
    if view.labels is not None:
        check_numbers("labels", view.labels, "i", samples)
        check_indices("labels", view.labels, 2**31)
    check_picture(view.picture, len(view.shapes))
    if view.inputs is not None:
        with inside("inputs"):
            _check_inputs(view.inputs, rank, samples)
    return view


def _check_inputs(inputs: ModeInputs, rank: int, samples: int) -> None:
    features = inputs.patterns.shape[0]
    check_numbers("patterns", inputs.patterns, "c", None, rank)
    check_numbers("spreads", inputs.spreads, "f", features)
    if inputs.gradients is not None and inputs.common is not None:
        check_numbers("gradients", inputs.gradients, "c", features, rank)
        check_numbers("common", inputs.common, "f", rank)
    require((inputs.gradients is None) == (inputs.common is None), "one", "both or none", "gradients")
    check_numbers("most", inputs.most, "i", rank, None)
    check_numbers("least", inputs.least, "i", *inputs.most.shape)
    for name, indices in (("most", inputs.most), ("least", inputs.least)):
        right = bool(np.isin(indices, inputs.samples).all())
        require(right, "others", "samples that are listed", name)
    check_numbers("samples", inputs.samples, "i", None)
    check_indices("samples", inputs.samples, samples)
    require(bool((np.diff(inputs.samples) > 0).all()), "others", "rising indices", "samples")
    check_numbers("inputs", inputs.inputs, "f", len(inputs.samples), features)
    check_picture(inputs.picture, features)
    if inputs.plane is not None:
        check_numbers("plane", inputs.plane, "c", None, None, rank, finite=False)
        require(not np.isinf(inputs.plane).any(), "infinite", "numbers", "plane")
    require(len(inputs.extent) == (0 if inputs.plane is None else 4), inputs.extent, "the plane's ends", "extent")


MODES = StoredKind((ModesView,), lambda view, result: _checked(_whole(view, result), result), _halved)
