"""The numbers of fits for other programs: JSON, NPZ and CSV; no torch here."""

import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from koopview.csv_text import csv_text
from koopview.errors import InputError
from koopview.files import json_text, write_whole
from koopview.hybrid.rows import ROWS
from koopview.study.result import FitResult
from koopview.trajectory.states import FLAT

ENDINGS = (".json", ".npz", ".csv")
"""Endings of the files of numbers that `write_numbers` writes."""

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
_EIGENVALUES = (
    "mode",
    "real",
    "imaginary",
    "modulus",
    "angle",
    "residual",
    "step_residual",
    "condition_number",
    "group",
    "fitted_real",
    "fitted_imaginary",
)
SETTINGS = (
    "model",
    "data",
    "layer",
    "replaced",
    "scaling",
    "schedule",
    "steps",
    "observables",
    "states",
    "delays",
    "rank_asked",
    "rank",
    "numerical_rank",
    "lift_fraction",
    "fit_samples",
    "test_samples",
)
"""Columns of a CSV table that identify a line's fit, under the names of the JSON object."""

_OF_DELAYS = ("delays", "rank_asked", "rank", "numerical_rank", "lift_fraction")
"""Those of these columns that depend on the number of delays."""

_AFTER = ("agreement", "output_error", "operator_residual", "decomposition")
_ABOVE = ("best_control", "above_best_control", "paired_error")
_APART = ("apart_samples", "apart_score", "apart_output_error")
_SECONDS = ("trajectories", "decomposition", "evaluation")


def write_numbers(result: FitResult, path: Path, what: str = "file") -> None:
    """Write the numbers of a fit in the format of the path's ending: .json, .npz or .csv (the eigenvalues).

    Raises
    ------
    InputError
        For another ending.
    FileError
        If the file cannot be written; the message calls it `what`.
    """
    makers = {".json": numbers_json, ".npz": numbers_npz, ".csv": eigenvalues_csv}
    make = makers.get(path.suffix.lower())
    if make is None:
        raise InputError(f"{path.name} ends in {path.suffix or 'nothing'}, expected {', '.join(ENDINGS)} for numbers")
    write_whole(path, make(result), what)


def numbers_json(result: FitResult) -> bytes:
    """Return the JSON object of ``koopview fit``."""
    return (json_text(result.summary()) + "\n").encode()


def numbers_npz(result: FitResult) -> bytes:
    """Return an NPZ file, bytes: the arrays of a fit under their names, and ``summary``, the JSON object as a text.

    Confusion and accuracy per class are named ``confusion_original``, ``per_class_hybrid`` and the like.
    """
    arrays = {name: getattr(result, name) for name in _ARRAYS if getattr(result, name) is not None}
    for name, counts in result.confusion.items():
        arrays[f"confusion_{name}"] = counts
    for name, shares in result.per_class.items():
        arrays[f"per_class_{name}"] = np.array(shares, dtype=float)
    content = io.BytesIO()
    np.savez_compressed(content, summary=np.array(json_text(result.summary())), **arrays)
    return content.getvalue()


def eigenvalues_csv(result: FitResult) -> bytes:
    """Return a CSV table, bytes, of eigenvalues: index, parts, modulus, angle (radians), residuals, fitted value.

    Further columns identify the fit.
    """
    values, fitted = result.eigenvalues, result.fitted_eigenvalues
    groups = result.groups if len(result.groups) else np.full(len(values), np.nan)
    columns = (values.real, values.imag, abs(values), np.angle(values), result.residuals, result.step_residuals)
    numbers = np.column_stack([*columns, result.condition_numbers, groups, fitted.real, fitted.imag]).tolist()
    head, *rows = with_settings([_EIGENVALUES, *([index, *row] for index, row in enumerate(numbers))], result)
    return csv_text([head, *rows]).encode()


def cells_csv(results: Iterable[FitResult]) -> bytes:
    """Return the table of :func:`cell_rows` as CSV."""
    head, *rows = cell_rows(results)
    return csv_text([head, *rows]).encode()


def cell_rows(results: Iterable[FitResult]) -> list[Sequence[Any]]:
    """Return the column names, then one row per fit: settings, scores by its measure, their errors, seconds."""
    head = [*SETTINGS, "measure", *ROWS, *_ABOVE, *_APART, *_AFTER, *(f"seconds_{name}" for name in _SECONDS)]
    return [head, *(_cell(result) for result in results)]


def settings_columns(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that identify a fit, by the names of SETTINGS, from the fit's JSON object."""
    return {**{name: summary.get(name, FLAT) for name in SETTINGS}, "replaced": " ".join(summary["replaced"])}


def with_settings(
    rows: Iterable[Sequence[Any]], result: FitResult, about: Mapping[str, Any] | None = None
) -> list[Sequence[Any]]:
    """Return `rows`, column names first, with further columns that identify their fit: the table stands alone.

    Columns of `about` come before the settings of `result` and the indices of its edited modes. A table with a column
    "layer" identifies its rows already; in one with a column "delays" the number of delays differs between rows.
    """
    head, *others = [list(row) for row in rows] or [[]]
    if not head or "layer" in head:
        return [head, *others] if head else []
    settings = {**settings_columns(result.summary()), "edited_modes": " ".join(map(str, result.edited))}
    left_out = _OF_DELAYS if "delays" in head else ()
    columns = {**(about or {}), **{name: value for name, value in settings.items() if name not in left_out}}
    return [[*head, *columns], *([*row, *columns.values()] for row in others)]


def _cell(result: FitResult) -> list[Any]:
    """Return the row of one fit; unknown values are empty."""
    summary = result.summary()
    above, apart = result.above_best_control, result.apart
    row = [
        *settings_columns(summary).values(),
        result.measure,
        *result.rows.values(),
        *(("", "", "") if above is None else (above.control, above.value, above.error)),
        *(("", "", "") if apart is None else (apart.samples, apart.score, apart.output_error)),
        *(summary[name] for name in _AFTER),
        *(summary["seconds"][name] for name in _SECONDS),
    ]
    return ["" if cell is None else cell for cell in row]
