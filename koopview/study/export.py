"""The numbers of fits for other programs: JSON, NPZ and CSV; no torch here."""

import csv
import io
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from koopview.errors import InputError
from koopview.files import json_text, write_whole
from koopview.study.result import ACCURACIES, FitResult

ENDINGS = (".json", ".npz", ".csv")
"""Endings of the files of numbers that `write_numbers` writes."""

_ARRAYS = ("eigenvalues", "fitted_eigenvalues", "residuals", "singular_values", "paths", "path_labels")
_EIGENVALUES = ("mode", "real", "imaginary", "modulus", "angle", "residual", "fitted_real", "fitted_imaginary")
_CELL = (
    "model",
    "data",
    "layer",
    "replaced",
    "scaling",
    "steps",
    "observables",
    "delays",
    "rank_asked",
    "rank",
    "numerical_rank",
    "lift_fraction",
    "fit_samples",
    "test_samples",
)
_AFTER = ("agreement", "output_error", "decomposition")
_SECONDS = ("trajectories", "decomposition", "evaluation")


def write_numbers(result: FitResult, path: Path, what: str = "file") -> None:
    """Write the numbers of a fit, as the path's ending says: .json, .npz or .csv (the eigenvalues).

    Raises
    ------
    InputError
        For another ending.
    FileError
        Where the file cannot be written; it names it `what`.
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
    """Return an NPZ file: the arrays of a fit under their names, and ``summary``, the JSON object as a text.

    Confusion and accuracy per class are there as ``confusion_original``, ``per_class_hybrid`` and the like.
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
    """Return one line an eigenvalue: place, parts, modulus, angle (radians), residual, what it was fitted as."""
    values, fitted = result.eigenvalues, result.fitted_eigenvalues
    columns = (values.real, values.imag, abs(values), np.angle(values), result.residuals, fitted.real, fitted.imag)
    numbers = np.column_stack(columns).tolist()
    return csv_bytes(_EIGENVALUES, ([place, *row] for place, row in enumerate(numbers)))


def cells_csv(results: Iterable[FitResult]) -> bytes:
    """Return one line a fit: its settings, the six accuracies together with the lift fraction, times in seconds."""
    head = [*_CELL, *ACCURACIES, *_AFTER, *(f"seconds_{name}" for name in _SECONDS)]
    return csv_bytes(head, (_cell(result.summary()) for result in results))


def csv_bytes(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return a CSV table; what is None or not finite is empty, as it is null in JSON."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    for row in rows:
        writer.writerow(["" if isinstance(cell, float) and not math.isfinite(cell) else cell for cell in row])
    return text.getvalue().encode()


def _cell(summary: dict[str, Any]) -> list[Any]:
    """Return the CSV row of one fit's JSON object."""
    named = {**summary, "replaced": " ".join(summary["replaced"])}
    own = [named[name] for name in _CELL]
    accuracies = [summary["accuracy"][name] for name in ACCURACIES]
    return [*own, *accuracies, *(named[name] for name in _AFTER), *(summary["seconds"][name] for name in _SECONDS)]
