"""Checks of a result read from a file, beyond the types of its parts: shapes, ranges, names."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from koopview.hybrid.rows import AFFINE_CONTROLS, ROWS
from koopview.koopman.observables import OBSERVABLES
from koopview.network.info import LayerInfo
from koopview.network.task import TASKS
from koopview.study.checking import LONGEST, require
from koopview.study.depth_result import DepthResult
from koopview.study.result import FitResult
from koopview.study.settings import FitSettings
from koopview.trajectory import SCALINGS

MOST_STEPS = 100_000
LARGEST_SETTING = 2**31
"""Whole numbers among settings are smaller: the window's controls hold no larger ones."""

_SPECTRUM = ("eigenvalues", "fitted_eigenvalues", "residuals", "step_residuals", "condition_numbers")
_SHARES = ("accuracy", "agreements")
_SCORES = (*_SHARES, "r2", "relative_error", "output_errors")


def check_result(result: FitResult, layers: tuple[LayerInfo, ...] = ()) -> None:
    """Raise Unfit unless a result is consistent, and fits a network with these `layers` if they are known."""
    check_texts({key: value for key, value in vars(result).items() if isinstance(value, str)})
    check_texts({f"class_names[{i}]": name for i, name in enumerate(result.class_names)})
    _check_settings(result.settings)
    _check_scores(result)
    _check_counts(result)
    _check_spectrum(result)
    _check_classes(result)
    _check_paths(result)
    if layers:
        _check_layer(result, layers)


def check_texts(texts: Mapping[str, Any]) -> None:
    """Raise Unfit if one of these values, by their paths, is too long a text."""
    for where, text in texts.items():
        require(not isinstance(text, str) or len(text) <= LONGEST, text, f"at most {LONGEST:,} characters", where)


def check_layers(layers: tuple[LayerInfo, ...]) -> None:
    """Raise Unfit unless layers have different names and possible sizes."""
    names = [layer.name for layer in layers]
    require(len(set(names)) == len(names), names, "names that differ", "layers")
    for i, layer in enumerate(layers):
        check_texts({f"layers[{i}].{key}": value for key, value in vars(layer).items()})
        counts = (layer.inputs, layer.outputs, layer.states, layer.parameters)
        require(min(counts) >= 0, min(counts), "a number of 0 or more", f"layers[{i}]")
        require(max(counts[:3]) < LARGEST_SETTING, max(counts[:3]), "a smaller number", f"layers[{i}]")


def _check_settings(settings: FitSettings) -> None:
    check_texts({f"settings.{key}": value for key, value in vars(settings).items()})
    for name, known in (("scaling", SCALINGS), ("observables", OBSERVABLES)):
        found = getattr(settings, name)
        require(found in known, found, f"one of {', '.join(known)}", "settings", name)
    for name in ("steps", "delays", "rank", "samples", "centres", "draw"):
        number = getattr(settings, name)
        most = MOST_STEPS if name == "steps" else LARGEST_SETTING - 1
        require(not isinstance(number, int) or number <= most, number, f"at most {most:,}", "settings", name)


def _check_scores(result: FitResult) -> None:
    check_rows(result, ROWS)
    above = result.above_best_control
    if above is not None:
        require(above.control in AFFINE_CONTROLS, above.control, "an affine control", "above_best_control", "control")
    share = result.agreement
    require(share is None or 0 <= share <= 1, share, "a share from 0 to 1", "agreement")
    for name in ("output_error", "operator_residual"):
        require(not getattr(result, name) < 0, getattr(result, name), "a number of 0 or more", name)
    for name, seconds in result.seconds.items():
        require(0 <= seconds < 1e9, seconds, "a number of seconds", "seconds", name)


def check_rows(result: FitResult | DepthResult, rows: Sequence[str]) -> None:
    """Raise Unfit unless a result's task exists, and its scores and intervals are possible ones of these rows."""
    require(result.task in (None, *TASKS), result.task, f"one of {', '.join(TASKS)}", "task")
    for name in _SCORES:
        scores: Mapping[str, float | None] = getattr(result, name)
        require(set(scores) <= {*rows}, list(scores), f"scores of {', '.join(rows)}", name)
        for row, score in scores.items():
            fits = score is None or _is_score(name, score)
            require(fits, score, "a share from 0 to 1" if name in _SHARES else "a score", name, row)
    for row, pair in result.intervals.items():
        require(row in rows, row, f"one of {', '.join(rows)}", "intervals")
        require(pair is None or 0 <= pair[0] <= pair[1] <= 1, pair, "shares from 0 to 1", "intervals", row)


def _is_score(name: str, score: float) -> bool:
    """Return whether a number can be a score: a share, an R2 of at most 1, an error of at least 0."""
    if name in _SHARES:
        return 0 <= score <= 1
    return score <= 1 if name == "r2" else score >= 0


def _check_counts(result: FitResult) -> None:
    for name in ("rank", "kept_rank", "fit_samples", "test_samples", "layer_inputs", "layer_outputs"):
        number = getattr(result, name)
        require(1 <= number < LARGEST_SETTING, number, "a number of 1 or more", name)
    for name in ("numerical_rank", "auto_rank", "gavish_donoho_rank"):
        number = getattr(result, name)
        require(number is None or 0 <= number < LARGEST_SETTING, number, "a number of 0 or more", name)
    for name in ("apart", "spread"):
        part = getattr(result, name)
        count = 1 if part is None else part.samples if name == "apart" else part.draws
        require(1 <= count < LARGEST_SETTING, count, "a number of 1 or more", name)


def _check_spectrum(result: FitResult) -> None:
    """Check that arrays have one entry per eigenvalue; without a spectrum all are empty."""
    count = len(result.eigenvalues) if result.eigenvalues.ndim == 1 else -1
    require(count in (0, result.rank), result.eigenvalues.shape, f"({result.rank},)", "eigenvalues")
    for name in _SPECTRUM:
        array, kind = getattr(result, name), "c" if "eigenvalues" in name else "f"
        require(array.shape == (count,) and array.dtype.kind == kind, array.shape, f"({count},) numbers", name)
    finite = np.isfinite(result.eigenvalues).all() and np.isfinite(result.fitted_eigenvalues).all()
    require(bool(finite), "not finite", "finite numbers", "eigenvalues")
    groups = result.groups
    right = groups.ndim == 1 and len(groups) in (0, count) and groups.dtype.kind == "i"
    require(right and not ((groups < 0) | (groups >= count)).any(), groups.shape, "groups of the modes", "groups")
    require(all(index < result.rank for index, _ in result.settings.edits), "an edit", "modes that exist", "settings")
    values = result.singular_values
    require(values.ndim == 1 and values.dtype.kind == "f", values.shape, "one row of numbers", "singular_values")
    require(len(values) >= 1, values.shape, "at least one", "singular_values")


def _check_classes(result: FitResult) -> None:
    for name, matrix in result.confusion.items():
        square = matrix.ndim == 2 and matrix.shape[0] == matrix.shape[1] and matrix.dtype.kind == "i"
        require(square and bool((matrix >= 0).all()), matrix.shape, "a square of counts", "confusion", name)
    for name, shares in result.per_class.items():
        fit = all(share != share or 0 <= share <= 1 for share in shares)  # NaN: a class without samples
        require(fit, shares, "shares from 0 to 1", "per_class", name)
    counts = {len(shares) for shares in result.per_class.values()} | {len(one) for one in result.confusion.values()}
    require(len(counts) <= 1, sorted(counts), "as many classes in each", "per_class")
    for name in (*result.per_class, *result.confusion):
        require(name in ROWS, name, f"one of {', '.join(ROWS)}", "per_class")


def _check_paths(result: FitResult) -> None:
    paths, labels, steps = result.paths, result.path_labels, result.settings.steps
    require(paths.ndim == 3 and paths.dtype.kind == "f", paths.shape, "(samples, steps + 1, states)", "paths")
    if len(paths):
        states = max(result.path_ends)
        require(paths.shape[1:] == (steps + 1, states), paths.shape, f"(samples, {steps + 1}, {states})", "paths")
        require(bool(np.isfinite(paths).all()), "not finite", "finite numbers", "paths")
    if labels is not None:
        right = labels.ndim == 1 and len(labels) in (0, len(paths)) and labels.dtype.kind == "i"
        require(right and not (labels < 0).any(), labels.shape, "one class a path", "path_labels")


def _check_layer(result: FitResult, layers: tuple[LayerInfo, ...]) -> None:
    names = [layer.name for layer in layers]
    for name in (result.settings.layer, *result.settings.replaced):
        known = bool(_inside(name, layers)) or any(layer.in_shape for layer in layers)  # it may be inside a block
        require(known, name, f"one of the layers {', '.join(names)}"[:200], "settings", "layer")
    inside = _inside(result.settings.layer, layers)
    if not inside:
        return
    sizes, wanted = (result.layer_inputs, result.layer_outputs), (inside[0].inputs, inside[-1].outputs)
    require(sizes == wanted, sizes, f"{wanted[0]} and {wanted[1]}", "layer_inputs")


def _inside(name: str, layers: tuple[LayerInfo, ...]) -> list[LayerInfo]:
    """Return the layer of a name, or the layers of a group of that name."""
    return [layer for layer in layers if layer.name == name or layer.name.startswith(f"{name}.")]
