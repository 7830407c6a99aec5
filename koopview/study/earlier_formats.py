"""Convert earlier formats of study files to today's; numbers that they did not have are absent.

Formats 1 and 2 (before the first release) hold only results, with one member per array; 2 adds mode edits, confusion
and observables. 3 adds cells, and the origin of network and data. 4 adds the controls of the lift, schedules and
tasks, and its residuals are over the whole layer. 5 holds the numbers of each class as arrays, and the names of the
classes only once. 6 adds views of fits and the table over blocks, and says in words what a result is a preview of.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from koopview.study.checking import Array, inside, require, typed
from koopview.study.stored.depth import NO_DEPTH
from koopview.trajectory import LEARNED
from koopview.trajectory.schedule import UNIFORM

Plain = dict[str, Any]

_ARRAYS = ("eigenvalues", "fitted_eigenvalues", "residuals", "singular_values", "paths", "path_labels")
_ABSENT = np.nan
"""Stands for an unknown number in an array."""


def as_today(text: Plain, names: set[str], array: Array) -> tuple[Plain, Array]:
    """Return a study's text in today's format, and the function that finds its arrays.

    Parameters
    ----------
    text : JSON object
        Not checked yet: a value without the expected parts stays unchanged and is refused later.
    names : set of str
        Names of the file's members.
    array : callable
        Finds the arrays of the file.

    Raises
    ------
    Unfit
        If lists of numbers hold anything else.
    """
    made = _Made(array)
    upgrades: dict[int, Callable[[str, int, Plain], Plain]] = {
        2: lambda key, i, plain: _with_members(plain, i, names),
        3: lambda key, i, plain: _with_controls(plain, made),
        4: lambda key, i, plain: _with_arrays(f"{key}[{i}]", plain, made),
        5: lambda key, i, plain: _with_words(plain),
    }
    for number, upgrade in upgrades.items():
        if text["format"] <= number:
            told = {key: _each(key, text.get(key, []), upgrade) for key in ("results", "cells")}
            text = {"origin": None, **text, **told}
    text = {"views": [], "depth": NO_DEPTH, **text}
    return ({**text, "class_names": made.class_names} if made.class_names else text), made.array


def _each(key: str, listed: Any, change: Callable[[str, int, Plain], Plain]) -> Any:
    if type(listed) is not list:
        return listed
    return [change(key, i, plain) if type(plain) is dict else plain for i, plain in enumerate(listed)]


class _Made:
    """Arrays that are created in addition to those of a file, and the class names that its results share."""

    def __init__(self, array: Array) -> None:
        self.of_file = array
        self.class_names: list[Any] = []
        self._arrays: list[np.ndarray] = []

    def keep(self, array: np.ndarray) -> Plain:
        """Store an array and return the plain value that refers to it."""
        self._arrays.append(array)
        return {"made": len(self._arrays) - 1}

    def array(self, plain: Any) -> np.ndarray:
        """Return a created array, or one of the file."""
        made = plain.get("made") if type(plain) is dict and len(plain) == 1 else None
        known = type(made) is int and 0 <= made < len(self._arrays)
        return self._arrays[made] if made is not None and known else self.of_file(plain)

    def names(self, names: Any) -> int:
        """Return the index of a tuple of class names, which is stored once."""
        if names not in self.class_names:
            self.class_names.append(names)
        return self.class_names.index(names)


def _with_members(plain: Plain, index: int, names: set[str]) -> Plain:
    """Return a result of format 1 or 2 in format 3, with the names of the members that hold its arrays."""
    members = {name: f"{index}/{name}.npy" for name in _ARRAYS}
    found = {name: member if member in names else None for name, member in members.items()}
    found["fitted_eigenvalues"] = found["fitted_eigenvalues"] or found["eigenvalues"]
    return {"confusion": {}, **plain, **found}


def _with_controls(plain: Plain, made: _Made) -> Plain:
    """Return a result of format 3 in format 4."""
    known = plain.get("accuracy")
    labelled = isinstance(known, Mapping) and known.get("original") is not None
    with inside("eigenvalues"):
        absent = made.keep(np.full(len(made.of_file(plain.get("eigenvalues"))), _ABSENT))
    return {
        "class_names": [],
        **plain,
        "settings": _settings(plain.get("settings")),
        "auto_rank": None,  # in format 3 it was the rule of Gavish and Donoho
        "gavish_donoho_rank": plain.get("auto_rank"),
        "task": "classes" if labelled else None,
        "accuracy": {**known, "lift_affine": None} if labelled and isinstance(known, Mapping) else {},
        "r2": {},
        "relative_error": {},
        "agreements": {} if labelled else {"hybrid": plain.get("agreement")},
        "intervals": {},
        "above_best_control": None,
        "controls_known": False,
        "apart": None,
        "spread": None,
        "operator_residual": _ABSENT,
        "step_residuals": plain.get("residuals"),
        "residuals": absent,
        "condition_numbers": absent,
        "groups": made.keep(np.zeros(0, dtype=int)),
    }


def _settings(plain: Any) -> Any:
    """Return settings of format 3 with the schedule and the rank that they meant."""
    if type(plain) is not dict:
        return plain
    learned = plain.get("scaling") in LEARNED
    rank = "gavish-donoho" if plain.get("rank") is None else plain["rank"]
    return {"edits": [], **plain, "rank": rank, "schedule": None if learned else UNIFORM}


def _with_arrays(where: str, plain: Plain, made: _Made) -> Plain:
    """Return a result of format 4 in format 5."""
    with inside(where):
        shares = _arrays("per_class", dict[str, tuple[float, ...]], plain, made)
        confusion = _arrays("confusion", dict[str, tuple[tuple[int, ...], ...]], plain, made)
    errors = {"output_errors": {"hybrid": plain.get("output_error")}}
    own = {"class_names": made.names(plain.get("class_names", [])), "settings": _with_pairs(plain.get("settings"))}
    return {**errors, **plain, **own, "per_class": shares, "confusion": confusion}


def _with_words(plain: Plain) -> Plain:
    """Return a result of format 5 in format 6, which says in words what a preview is of; none is kept in a file."""
    return {**plain, "preview": ""} if type(plain.get("preview")) is bool else plain


def _arrays(name: str, kind: Any, plain: Plain, made: _Made) -> Plain:
    """Return lists of numbers, by their names, as arrays."""
    with inside(name):
        lists = typed(kind, plain.get(name))
        for numbers in lists.values():
            lengths = {len(row) for row in numbers if isinstance(row, tuple)}
            require(len(lengths) <= 1, list(numbers), "rows of equal length")
        return {key: made.keep(np.array(numbers)) for key, numbers in lists.items()}


def _with_pairs(settings: Any) -> Any:
    """Return settings with each edit's eigenvalue as a pair of numbers."""
    edits = settings.get("edits") if type(settings) is dict else None
    if type(edits) is not list or not all(type(edit) is list and len(edit) == 3 for edit in edits):
        return settings
    return {**settings, "edits": [[edit[0], edit[1:]] for edit in edits]}
