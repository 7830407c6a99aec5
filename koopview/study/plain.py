"""Convert results to JSON objects and back; a result read back is checked completely."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields, is_dataclass
from typing import Any

import numpy as np

from koopview.network.info import LayerInfo
from koopview.study.checking import Array, Unfit, inside, require, typed
from koopview.study.result import FitResult, StudyState
from koopview.study.result_checks import check_layers, check_result, check_texts
from koopview.study.stored.depth import NO_DEPTH, depth_of, plain_depth
from koopview.study.stored.register import plain_views, views_of

MOST = {"layers": 2000, "results": 500, "cells": 5000}
"""Most of each in a file; a file with more was not written by KoopView."""

Keep = Callable[[np.ndarray], Any]
"""Stores an array and returns the plain value that refers to it."""


def plain_result(result: FitResult, keep: Keep) -> dict[str, Any]:
    """Return a result as a JSON object (NaN and infinity as Python writes them); `keep` stores an array."""
    plain = {field.name: _plain(getattr(result, field.name), keep) for field in fields(result)}
    edits = [(index, (value.real, value.imag)) for index, value in result.settings.edits]
    return plain | {
        "settings": asdict(result.settings) | {"edits": edits},
        "per_class": {name: keep(np.array(shares, dtype=float)) for name, shares in result.per_class.items()},
        "confusion": {name: keep(counts) for name, counts in result.confusion.items()},
    }


def _plain(value: Any, keep: Keep) -> Any:
    if isinstance(value, np.ndarray):
        return keep(value)
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value


def result_of(plain: Any, array: Array, layers: tuple[LayerInfo, ...] = ()) -> FitResult:
    """Return the FitResult of a JSON object; its network has these `layers`, if they are known; raises Unfit.

    `array` returns the array that a value returned by `keep` refers to; it raises Unfit.
    """
    result: FitResult = typed(FitResult, _with_shares(plain, array), array)
    check_result(result, layers)
    return result


def _with_shares(plain: Any, array: Array) -> Any:
    """Return a result's object with the accuracies of its classes as lists of numbers."""
    if type(plain) is not dict or "per_class" not in plain:
        return plain  # refused later, with its own error
    with inside("per_class"):
        shares = typed(dict[str, np.ndarray], plain["per_class"], array)
        for name, found in shares.items():
            require(found.ndim == 1 and found.dtype.kind == "f", found.shape, "one share a class", name)
    return {**plain, "per_class": {name: found.tolist() for name, found in shares.items()}}


def plain_state(state: StudyState, keep: Keep) -> dict[str, Any]:
    """Return a state as a JSON object; class names, which many results share, are stored once."""
    names: dict[tuple[str, ...], int] = {}

    def plain(result: FitResult) -> dict[str, Any]:
        index = names.setdefault(result.class_names, len(names))
        return plain_result(result, keep) | {"class_names": index}

    return {
        "model": state.model,
        "data": state.data,
        "layers": [asdict(layer) for layer in state.layers],
        "results": [plain(result) for result in state.results],
        "cells": [plain(result) for result in state.cells],
        "views": plain_views(state, keep),
        "depth": plain_depth(state.depth, keep),
        "class_names": [list(known) for known in names],
    }


def state_of(plain: Mapping[str, Any], array: Array) -> StudyState:
    """Return the state of a JSON object.

    Parameters
    ----------
    array : callable
        Returns the array that a value returned by `keep` refers to; raises Unfit.

    Raises
    ------
    Unfit
        With the path to the wrong value.
    """
    for key, most in MOST.items():
        found = plain.get(key)
        require(type(found) is list and len(found) <= most, found, f"a list of at most {most:,}", key)
    names, layers = plain.get("class_names"), plain["layers"]
    with inside("layers"):
        layers = typed(tuple[LayerInfo, ...], layers)
        check_layers(layers)
    text: dict[str, str] = {}
    for key in ("model", "data"):
        with inside(key):
            text[key] = typed(str, plain.get(key))
    check_texts(text)
    results, cells = (
        tuple(_result(f"{key}[{i}]", one, names, array, layers) for i, one in enumerate(plain[key]))
        for key in ("results", "cells")
    )
    views = views_of(plain.get("views"), results, array)
    with inside("depth"):
        depth = depth_of(plain.get("depth", NO_DEPTH), array)
    return StudyState(text["model"], text["data"], layers, results, cells, views, depth)


def _result(where: str, plain: Any, names: Any, array: Array, layers: tuple[LayerInfo, ...]) -> FitResult:
    with inside(where):
        if type(plain) is not dict:
            raise Unfit(plain, "an object")
        index = plain.get("class_names")
        known = type(names) is list and type(index) is int and 0 <= index < len(names)
        require(known, index, "the number of a list of names", "class_names")
        return result_of({**plain, "class_names": names[index]}, array, layers)
