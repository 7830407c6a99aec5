"""The modes of a fit in a study file, so that the first click on an eigenvalue needs no engine; no torch here.

Complex arrays hold one column of each pair of conjugates: the other one follows from it.
"""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np

from koopview.koopman.eigenvalues import conjugate_indices
from koopview.study.checking import Array, Unfit, inside, require, typed
from koopview.study.result import FitResult, StudyState
from koopview.study.settings import FitSettings
from koopview.study.views import ModeInputs, ModesView

MOST = 20
"""Most views of modes in a file."""

Keep = Callable[[np.ndarray], Any]

_OF_INPUTS = ("gradients", "patterns", "plane")
"""Complex arrays of ModeInputs, with one column a mode."""

_OF_VIEW = ("shapes", "eigenfunctions")


def plain_modes(state: StudyState, keep: Keep) -> list[dict[str, Any]]:
    """Return the modes of those fits of a state whose results it has, as JSON objects; `keep` stores an array."""
    places = {result.settings: index for index, result in enumerate(state.results)}
    found = []
    for settings, view in state.modes:
        if settings in places:
            result = state.results[places[settings]]
            found.append({"result": places[settings], "view": _plain(_halved(view, result), keep)})
    return found


def modes_of(plain: Any, results: Sequence[FitResult], array: Array) -> tuple[tuple[FitSettings, ModesView], ...]:
    """Return the settings and modes in the JSON objects of :func:`plain_modes`, checked completely; raises Unfit.

    Parameters
    ----------
    results : FitResults of the file
    array : callable
        Returns the array that a value returned by `keep` refers to; raises Unfit.
    """
    require(type(plain) is list and len(plain) <= MOST, plain, f"a list of at most {MOST}", "modes")
    return tuple(_stored(f"modes[{i}]", one, results, array) for i, one in enumerate(plain))


def _stored(where: str, plain: Any, results: Sequence[FitResult], array: Array) -> tuple[FitSettings, ModesView]:
    with inside(where):
        if type(plain) is not dict or plain.keys() != {"result", "view"}:
            raise Unfit(plain, "an object with 'result' and 'view'")
        index = plain["result"]
        known = type(index) is int and 0 <= index < len(results)
        require(known, index, "the index of a result", "result")
        with inside("view"):
            half: ModesView = typed(ModesView, plain["view"], array)
            return results[index].settings, _checked(_whole(half, results[index]), results[index])


def _plain(value: Any, keep: Keep) -> dict[str, Any]:
    made = {field.name: getattr(value, field.name) for field in fields(value)}
    for name, part in made.items():
        if isinstance(part, np.ndarray):
            made[name] = keep(part)
        elif isinstance(part, ModeInputs):
            made[name] = _plain(part, keep)
    return made


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
    _shape(view, "shapes", "c", None, rank)
    _shape(view, "eigenfunctions", "c", None, rank)
    _shape(view, "importance", "f", rank)
    _shape(view, "importance_errors", "f", rank)
    _shape(view, "class_importance", "f", rank, view.class_importance.shape[-1])
    require(view.class_importance.shape[-1] in (0, classes), view.class_importance.shape, "one loss a class")
    _shape(view, "class_scores", "f", view.class_importance.shape[-1])
    _shape(view, "groups", "i", rank)
    _indices(view, "groups", rank)
    if view.labels is not None:
        _shape(view, "labels", "i", samples)
        _indices(view, "labels", 2**31)
    _pictured(view.picture, len(view.shapes))
    if view.inputs is not None:
        with inside("inputs"):
            _check_inputs(view.inputs, rank, samples)
    return view


def _check_inputs(inputs: ModeInputs, rank: int, samples: int) -> None:
    features = inputs.patterns.shape[0]
    _shape(inputs, "patterns", "c", None, rank)
    _shape(inputs, "spreads", "f", features)
    if inputs.gradients is not None and inputs.common is not None:
        _shape(inputs, "gradients", "c", features, rank)
        _shape(inputs, "common", "f", rank)
    require((inputs.gradients is None) == (inputs.common is None), "one", "both or none", "gradients")
    for name in ("most", "least"):
        _shape(inputs, name, "i", rank, inputs.most.shape[-1])
        right = bool(np.isin(getattr(inputs, name), inputs.samples).all())
        require(right, "others", "samples that are listed", name)
    _shape(inputs, "samples", "i", None)
    _indices(inputs, "samples", samples)
    require(bool((np.diff(inputs.samples) > 0).all()), "others", "rising indices", "samples")
    _shape(inputs, "inputs", "f", len(inputs.samples), features)
    _pictured(inputs.picture, features)
    if inputs.plane is not None:
        _shape(inputs, "plane", "c", None, None, rank, finite=False)
        require(not np.isinf(inputs.plane).any(), "infinite", "numbers", "plane")
    require(len(inputs.extent) == (0 if inputs.plane is None else 4), inputs.extent, "the plane's ends", "extent")


def _shape(owner: Any, name: str, kind: str, *wanted: int | None, finite: bool = True) -> None:
    """Raise Unfit unless an array has a kind of numbers and a shape; None stands for any length of at least 1."""
    array = getattr(owner, name)
    fits = array.ndim == len(wanted) and array.dtype.kind == kind
    fits = fits and all(
        has >= 1 if want is None else has == want for has, want in zip(array.shape, wanted, strict=True)
    )
    said = ", ".join("any" if want is None else str(want) for want in wanted)
    require(fits, array.shape, f"({said}) numbers", name)
    if finite and name != "class_importance" and name != "class_scores":  # NaN there: a class without samples
        require(bool(np.isfinite(array).all()), "not finite", "finite numbers", name)


def _indices(owner: Any, name: str, stop: int) -> None:
    array = getattr(owner, name)
    require(bool(((array >= 0) & (array < stop)).all()), "others", f"indices below {stop}", name)


def _pictured(picture: tuple[int, ...] | None, entries: int) -> None:
    if picture is not None:
        fits = len(picture) in (2, 3) and min(picture) >= 1 and int(np.prod(picture)) <= entries
        require(fits, list(picture), f"axes of a picture of at most {entries} numbers", "picture")
