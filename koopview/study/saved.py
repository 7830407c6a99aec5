"""Keep what the window draws in one file, and read it back without torch and without running code."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from koopview.network.info import LayerInfo
from koopview.study.archive import Archive, Pool, reading, write_archive
from koopview.study.result import Apart, Difference, FitResult, Spread, StudyState
from koopview.study.settings import FitSettings
from koopview.study.source import Source

_ARRAYS = (
    "eigenvalues",
    "fitted_eigenvalues",
    "residuals",
    "step_residuals",
    "condition_numbers",
    "groups",
    "singular_values",
    "paths",
    "path_labels",
)
_VALUES: dict[str, type] = {"above_best_control": Difference, "apart": Apart, "spread": Spread}
"""Parts of a result that are values of their own."""


def save_state(
    state: StudyState, path: Path, origin: Mapping[str, Any] | None = None, members: Mapping[str, bytes] | None = None
) -> None:
    """Write a state to a file, whole or not at all, with what is needed to go on from it; raises FileError.

    Parameters
    ----------
    origin : JSON object, optional
        Where network and data are, see :mod:`koopview.study.stored`.
    members : mapping from name to bytes, optional
        What `origin` says is inside the file.
    """
    pool = Pool()
    text = {
        "model": state.model,
        "data": state.data,
        "layers": [asdict(layer) for layer in state.layers],
        "results": [plain_result(result, pool.add) for result in state.results],
        "cells": [plain_result(result, pool.add) for result in state.cells],
        "origin": origin,
    }
    write_archive(path, text, {**pool.members(), **(members or {})})


def load_state(path: Path) -> StudyState:
    """Read a state from a file; raises FileError with one sentence for one that is missing or broken."""
    with reading(path) as archive:
        return _state(archive)


def load_study(path: Path) -> tuple[StudyState, Source]:
    """Read a state, and how its study is opened to go on from it (:func:`koopview.opening.open_study`).

    Nothing of the study is opened here, no code is run, and torch is not imported.
    """
    return load_state(path), Source(study=str(path))


def without_paths(result: FitResult) -> FitResult:
    """Return a result without its paths, small enough to keep many."""
    return replace(result, paths=result.paths[:0], path_labels=None)


def plain_result(result: FitResult, keep: Callable[[np.ndarray], Any]) -> dict[str, Any]:
    """Return a result as a JSON object (NaN and infinity as Python writes them); `keep` stores an array."""
    apart = (*_ARRAYS, *_VALUES, "settings", "confusion")
    names = [field.name for field in fields(result) if field.name not in apart]
    values = {name: None if (value := getattr(result, name)) is None else asdict(value) for name in _VALUES}
    settings = asdict(result.settings) | {"edits": [(i, v.real, v.imag) for i, v in result.settings.edits]}
    confusion = {name: counts.tolist() for name, counts in result.confusion.items()}
    arrays = {name: getattr(result, name) for name in _ARRAYS}
    kept = {name: None if array is None else keep(array) for name, array in arrays.items()}
    own = {name: getattr(result, name) for name in names}
    return own | {"settings": settings, "confusion": confusion} | values | kept


def result_of(plain: Mapping[str, Any], array: Callable[[Any], np.ndarray]) -> FitResult:
    """Return the result of a JSON object; `array` is the inverse of the `keep` with which it was made."""
    settings = settings_of(plain["settings"])
    confusion = {name: np.array(counts, dtype=int) for name, counts in plain["confusion"].items()}
    held: dict[str, Any] = {name: None if plain[name] is None else array(plain[name]) for name in _ARRAYS}
    held |= {name: None if plain[name] is None else kind(**plain[name]) for name, kind in _VALUES.items()}
    held |= {"class_names": tuple(plain.get("class_names", ())), "intervals": _intervals(plain["intervals"])}
    return FitResult(**{**plain, **held, "settings": settings, "confusion": confusion})


def _intervals(plain: Mapping[str, Any]) -> dict[str, tuple[float, float] | None]:
    return {name: None if pair is None else (pair[0], pair[1]) for name, pair in plain.items()}


def settings_of(plain: Mapping[str, Any]) -> FitSettings:
    """Return the settings of a JSON object."""
    edits = tuple((i, complex(real, imaginary)) for i, real, imaginary in plain["edits"])
    return FitSettings(**{**plain, "replaced": tuple(plain["replaced"]), "edits": edits})


def _state(archive: Archive) -> StudyState:
    text = archive.text
    layers = tuple(LayerInfo(**layer) for layer in text["layers"])
    results, cells = (tuple(result_of(plain, archive.array) for plain in text[key]) for key in ("results", "cells"))
    return StudyState(text["model"], text["data"], layers, results, cells)
