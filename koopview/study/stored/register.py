"""The register of the kinds of views that a study file can hold, each with the index of the result that it is of."""

from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from koopview.study.checking import Array, Unfit, inside, require, typed
from koopview.study.result import FitResult, KnownView, StudyState
from koopview.study.stored.kind import StoredKind
from koopview.study.stored.meaning import MEANING
from koopview.study.stored.modes import MODES
from koopview.study.stored.samples import SAMPLES

STORED: dict[str, StoredKind] = {"modes": MODES, "meaning": MEANING, "samples": SAMPLES}

MOST = 60
"""Most views in a file."""

Keep = Callable[[np.ndarray], Any]


def plain_views(state: StudyState, keep: Keep) -> list[dict[str, Any]]:
    """Return the views of those fits of a state whose results it has, as JSON objects; `keep` stores an array."""
    places = {result.settings: index for index, result in enumerate(state.results)}
    found = []
    for known in state.views:
        index = places.get(known.settings)
        if index is not None:
            packed = STORED[known.kind].packed(known.view, state.results[index])
            found.append({"kind": known.kind, "result": index, "view": _plain(packed, keep)})
    return found


def views_of(plain: Any, results: Sequence[FitResult], array: Array) -> tuple[KnownView, ...]:
    """Return the KnownViews in the JSON objects of :func:`plain_views`, checked completely; raises Unfit.

    Parameters
    ----------
    results : FitResults of the file
    array : callable
        Returns the array that a value returned by `keep` refers to; raises Unfit.
    """
    require(type(plain) is list and len(plain) <= MOST, plain, f"a list of at most {MOST}", "views")
    return tuple(_stored(f"views[{i}]", one, results, array) for i, one in enumerate(plain))


def _stored(where: str, plain: Any, results: Sequence[FitResult], array: Array) -> KnownView:
    with inside(where):
        if type(plain) is not dict or plain.keys() != {"kind", "result", "view"}:
            raise Unfit(plain, "an object with 'kind', 'result' and 'view'")
        kind, index = plain["kind"], plain["result"]
        require(type(kind) is str and kind in STORED, kind, f"one of {', '.join(STORED)}", "kind")
        known = type(index) is int and 0 <= index < len(results)
        require(known, index, "the index of a result", "result")
        with inside("view"):
            stored, result = STORED[kind], results[index]
            view = stored.checked(typed(stored.type_of(plain["view"]), plain["view"], array), result)
            return KnownView(kind, result.settings, view)


def _plain(value: Any, keep: Keep) -> Any:
    """Return a view, or a part of one, as a JSON value."""
    if isinstance(value, np.ndarray):
        return keep(value)
    if isinstance(value, tuple):
        return [_plain(one, keep) for one in value]
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name), keep) for field in fields(value)}
    return value
