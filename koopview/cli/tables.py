"""Results as aligned tables for a terminal."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from koopview import words
from koopview.hybrid.rows import AFFINE_CONTROLS, ROWS
from koopview.koopman.principal_paths import NAME
from koopview.network.data import FEW
from koopview.network.info import LayerInfo
from koopview.study.comparison import Difference
from koopview.study.result import SMOOTH, FitResult, best_result
from koopview.terminal import printable

if TYPE_CHECKING:  # the engine is imported where it is used
    from koopview.study.paper import PaperComparison


def layers_table(
    rows: Sequence[LayerInfo],
    explained: Mapping[str, float | None] | None = None,
    inside: Mapping[str, Sequence[LayerInfo]] | None = None,
) -> str:
    """Return the layers as an aligned table, with the share that an affine map explains of each, if it is known.

    The stages `inside` a layer follow it, indented.
    """
    lines = [("layer", "kind", "activation", "n -> m", "parameters", *(["R2 linear"] if explained else []), "")]
    for row in rows:
        for one in (row, *(inside or {}).get(row.name, ())):
            width = f"{one.inputs} -> {one.outputs}" if one.inputs else ""
            told = [] if not explained else [number(explained.get(one.name))]
            name = one.name if one is row else f"  {one.name}"
            lines.append((name, one.kind, one.activation, width, f"{one.parameters:,}", *told, one.reason))
    return aligned(lines)


def fit_table(result: FitResult) -> str:
    """Return a fit's numbers as an aligned table: the seven scores always together, with the lift fraction."""
    settings = result.settings
    rows = [(name, score_cell(result, name), fidelity(result, name)) for name in ROWS]
    others = [
        ("above best control", above(result)),
        *spread_rows(result),
        ("lift fraction", f"{settings.lift_fraction:.2f}"),
        *([("path", SMOOTH)] if result.smooth else []),
        ("agreement", percent(result.agreement)),
        ("output error", number(result.output_error)),
        ("operator residual", number(result.operator_residual)),
        ("numerical rank", "-" if result.numerical_rank is None else str(result.numerical_rank)),
        ("decomposition", result.decomposition),
        *([("preview", result.preview)] if result.preview else []),
        ("samples", f"{result.fit_samples:,} to fit{few_told(result)}, {result.test_samples:,} to test"),
        ("time", f"{sum(result.seconds.values()):.2f} s"),
    ]
    return f"{printable(fit_head(result))}\n{aligned([*rows, *((*row, '') for row in others)])}"


def fit_head(result: FitResult) -> str:
    """Return what was fitted as one line: model, data, layer and the settings of its path and operator."""
    settings, replaced = result.settings, ", ".join(result.settings.replaced)
    return (
        f"{result.model} on {result.data}, layer {settings.layer}"
        + (f" (replaced: {replaced})" if len(settings.replaced) > 1 else "")
        + f": {settings.scaling}{f', {settings.schedule}' if settings.schedule else ''}, N = {settings.steps}, "
        f"h = {settings.delays}, r = {result.rank}"
    )


def few_told(result: FitResult) -> str:
    """Return that a fit had too few samples to say anything of others, as text; empty if it had more."""
    return " (so few that the fit says nothing of others)" if result.fit_samples < FEW else ""


def fidelity(result: FitResult, name: str) -> str:
    """Return agreement and output error of the hybrid or an affine control, as text: a better score may be luck."""
    if name not in ("hybrid", *AFFINE_CONTROLS):
        return ""
    agrees, error = result.agreements.get(name), result.output_errors.get(name)
    told = [] if agrees is None else [f"agrees {percent(agrees)}"]
    return ", ".join([*told, *([] if error is None else [f"error {number(error)}"])])


def score_cell(result: FitResult, name: str) -> str:
    """Return one score with its Wilson interval, or with its relative error for real targets, as text."""
    score, pair = result.rows[name], result.intervals.get(name)
    if result.measure == "r2":
        return f"R2 {number(score)}, relative error {number(result.relative_error.get(name))}"
    said = "agrees on " if result.measure == "agreement" and score is not None else ""
    return f"{said}{percent(score)}" + ("" if pair is None else f"  ({100 * pair[0]:.1f} to {100 * pair[1]:.1f})")


def above(result: FitResult) -> str:
    """Return the hybrid's lead over the better affine control, with the paired standard error, as text."""
    return lead(result.above_best_control, result.measure)


def lead(found: Difference | None, measure: str) -> str:
    """Return a lead over a control, with its paired standard error, as text."""
    if found is None:
        return "-"
    if measure == "r2":
        return f"{found.value:+.3f} +- {found.error:.3f} ({found.control})"
    return f"{100 * found.value:+.1f} +- {100 * found.error:.1f} points ({found.control})"


def spread_rows(result: FitResult) -> list[tuple[str, str]]:
    """Return rows with the spread of hybrid and controls over draws of the fitting samples, if it was asked for."""
    found = result.spread
    if found is None:
        return []
    scale, unit = (1.0, "") if result.measure == "r2" else (100.0, " points")
    told = []
    for name in ("hybrid", "lift_affine", "affine"):
        mean, deviation = found.mean[name], found.deviation[name]
        if mean is not None and deviation is not None:
            spread = f"{scale * mean:.3g} +- {scale * deviation:.2g}{unit}"
            told.append((f"{name}, {found.draws} draws", spread))
    return told


def sweep_table(results: Sequence[FitResult]) -> str:
    """Return the cells of a sweep as an aligned table: the scores always together, with the lift fraction."""
    rows: list[tuple[str, ...]] = [("layer", "h", "lift", "r asked", "r", *ROWS, "above", "agreement")]
    for result in results:
        settings = result.settings
        shares = [number(score) if result.measure == "r2" else percent(score) for score in result.rows.values()]
        own = (settings.layer, str(settings.delays), f"{settings.lift_fraction:.2f}", str(settings.rank))
        rows.append((*own, str(result.rank), *shares, above(result), percent(result.agreement)))
    return aligned(rows) + best_line(results) + shared_lines(results)


def shared_lines(results: Sequence[FitResult]) -> str:
    """Return a line for each number of principal paths that cells were fitted from; empty if none was."""
    ways = [result.decomposition for result in results if result.decomposition.endswith(NAME)]
    lines = [f"\n{ways.count(way)} cells fitted from {way}, not from the samples" for way in dict.fromkeys(ways)]
    return "".join(lines)


def best_line(results: Sequence[FitResult]) -> str:
    """Return a line that names the best cell, chosen on samples that took no part in the fit; empty for one cell."""
    best = best_result(results) if len(results) > 1 else None
    if best is None or best.apart is None:
        return ""
    settings, told = best.settings, best.apart.score
    score = number(told) if best.measure == "r2" else percent(told)
    where = f"layer {printable(settings.layer)}, h = {settings.delays}, r = {best.rank}"
    return f"\nbest on {best.apart.samples:,} training samples apart ({score}): {where}"


def paper_table(found: "PaperComparison") -> str:
    """Return the paper's rows beside ours, their differences, and each scaling's distance from the paper."""
    rows = found.table()
    width = len(rows[0]) - 1  # the last column is a sentence, printed below the table
    notes = [f"{row[0]}, {row[1]}: {row[-1]}" for row in rows[1:] if row[-1]]
    near = ", ".join(f"{name} {100 * distance:.1f}" for name, distance in found.distances().items())
    lines = [aligned([row[:width] for row in rows]), "", "What differs from the paper by more than sampling:", *notes]
    return "\n".join(
        [*lines, f"Mean distance of the accuracy lost from the paper's, in points: {near}", "", found.finding()]
    )


def edit_table(before: FitResult, after: FitResult, note: str = "", probe: Sequence[float] | None = None) -> str:
    """Return the scores before and after an edit, the original's beside them, and the eigenvalues it changed."""
    rows: list[tuple[str, ...]] = [("", "original", "before", "after")]
    told = number if before.measure == "r2" else percent
    rows.append(("all", told(before.rows["original"]), told(before.hybrid), told(after.hybrid)))
    empty: list[float] = []
    shares = (
        before.per_class.get("original", empty),
        before.per_class.get("hybrid", empty),
        after.per_class.get("hybrid", empty),
    )
    for index, row in enumerate(zip(*shares, strict=True)):
        rows.append((f"class {index}", *(percent(None if math.isnan(share) else share) for share in row)))
    rows.append(("agreement", "", percent(before.agreement), percent(after.agreement)))
    if probe is not None:
        rows.append(("linear probe", "", *(percent(share) for share in probe)))
    for index in after.edited:
        values = after.fitted_eigenvalues[index], after.eigenvalues[index]
        rows.append((f"mode {index}", "", *(f"{value:.4g}" for value in values)))
    return aligned(rows) + (f"\n{printable(note)}" if note else "")


def percent(share: float | None) -> str:
    """Return a share as per cent, a hyphen for None: a terminal may not print a dash."""
    return words.percent(share, missing="-")


def number(value: float | None) -> str:
    """Return a number in three digits, a hyphen for None."""
    return "-" if value is None or not math.isfinite(value) else f"{value:.3g}"


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Return rows with columns of equal width."""
    cells = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in cells)
