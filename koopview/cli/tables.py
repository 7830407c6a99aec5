"""Results as aligned tables for a terminal."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from koopview.network.info import LayerInfo
from koopview.study.result import ACCURACIES, FitResult
from koopview.terminal import printable

if TYPE_CHECKING:  # the engine is imported where it is used
    from koopview.study.paper import PaperComparison


def layers_table(rows: Sequence[LayerInfo]) -> str:
    """Return the layers as an aligned table."""
    lines = [("layer", "kind", "activation", "n -> m", "parameters", "")]
    for row in rows:
        width = f"{row.inputs} -> {row.outputs}" if row.inputs else ""
        lines.append((row.name, row.kind, row.activation, width, f"{row.parameters:,}", row.reason))
    return aligned(lines)


def fit_table(result: FitResult) -> str:
    """Return a fit's numbers as an aligned table: the six accuracies always together, with the lift fraction."""
    settings = result.settings
    replaced = ", ".join(settings.replaced)
    head = (
        f"{result.model} on {result.data}, layer {settings.layer}"
        + (f" (replaced: {replaced})" if len(settings.replaced) > 1 else "")
        + f": {settings.scaling}, N = {settings.steps}, h = {settings.delays}, r = {result.rank}"
    )
    rows = [(name, percent(result.accuracy[name])) for name in ACCURACIES]
    rows += [
        ("lift fraction", f"{settings.lift_fraction:.2f}"),
        ("agreement", percent(result.agreement)),
        ("output error", f"{result.output_error:.3g}" if math.isfinite(result.output_error) else "-"),
        ("numerical rank", str(result.numerical_rank)),
        ("decomposition", result.decomposition),
        ("samples", f"{result.fit_samples:,} to fit, {result.test_samples:,} to test"),
        ("time", f"{sum(result.seconds.values()):.2f} s"),
    ]
    return f"{printable(head)}\n{aligned(rows)}"


def sweep_table(results: Sequence[FitResult]) -> str:
    """Return the cells of a sweep as an aligned table: the accuracies always together, with the lift fraction."""
    rows: list[tuple[str, ...]] = [("layer", "h", "lift", "r asked", "r", *ACCURACIES, "agreement")]
    for result in results:
        settings = result.settings
        asked = "auto" if settings.rank is None else str(settings.rank)
        lift = f"{settings.lift_fraction:.2f}"
        shares = [percent(result.accuracy[name]) for name in ACCURACIES]
        own = (settings.layer, str(settings.delays), lift, asked, str(result.rank))
        rows.append((*own, *shares, percent(result.agreement)))
    return aligned(rows)


def paper_table(found: "PaperComparison") -> str:
    """Return the paper's rows beside ours, what differs, and which scaling comes nearest to the paper's numbers."""
    rows = found.table()
    width = len(rows[0]) - 1  # what differs is told below: it is a sentence
    notes = [f"{row[0]}, {row[1]}: {row[-1]}" for row in rows[1:] if row[-1]]
    near = ", ".join(f"{name} {100 * distance:.1f}" for name, distance in found.distances().items())
    lines = [aligned([row[:width] for row in rows]), "", "What differs from the paper by more than sampling:", *notes]
    return "\n".join([*lines, f"Mean distance of the accuracy lost from the paper's, in points: {near}"])


def edit_table(before: FitResult, after: FitResult) -> str:
    """Return the accuracies before and after an edit, the original's beside them, and the eigenvalues it changed."""
    rows: list[tuple[str, ...]] = [("", "original", "before", "after")]
    original, left, right = before.accuracy["original"], before.accuracy["hybrid"], after.accuracy["hybrid"]
    rows.append(("all", percent(original), percent(left), percent(right)))
    shares = (before.per_class["original"], before.per_class["hybrid"], after.per_class["hybrid"])
    for place, row in enumerate(zip(*shares, strict=True)):
        rows.append((f"class {place}", *(percent(None if math.isnan(share) else share) for share in row)))
    rows.append(("agreement", "", percent(before.agreement), percent(after.agreement)))
    for place in after.edited:
        values = after.fitted_eigenvalues[place], after.eigenvalues[place]
        rows.append((f"mode {place}", "", *(f"{value:.4g}" for value in values)))
    return aligned(rows)


def percent(share: float | None) -> str:
    """Return a share as per cent, a dash where there is none."""
    return "-" if share is None else f"{100 * share:.1f} %"


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Return rows with columns of equal width."""
    cells = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in cells)
