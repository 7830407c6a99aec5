"""A comparison of two fits as an aligned table for a terminal."""

from koopview.cli.tables import aligned, fit_head, number, percent
from koopview.study.comparing import DEFINITION, Comparison, RowDifference, SpectralDistance, verdict
from koopview.study.sides import SIDES, UNITS
from koopview.terminal import printable


def compare_table(found: Comparison) -> str:
    """Return a comparison as text: both fits, their scores with B's lead, the distance of the spectra, cautions."""
    heads = [f"{name}: {printable(fit_head(side.result))}" for name, side in zip(SIDES, found.sides, strict=True)]
    kind = "paired" if found.paired else "unpaired"
    rows = [("", *SIDES, f"B - A, {kind} error"), *(_row(found, row) for row in found.rows)]
    distances: list[tuple[str, ...]] = [("distance of spectra", "", "two draws of A", "of B", "A from 1", "B from 1")]
    distances += [_distance(unit, one) for unit, one in found.distances.items()]
    told = [verdict(found.distances[UNITS[0]]), f"({DEFINITION.format(order=found.order)})", *found.cautions]
    return "\n".join([*heads, aligned(rows), "", aligned(distances), "", *told])


def _row(found: Comparison, row: RowDifference) -> tuple[str, ...]:
    """Return one row's scores and B's lead with its error."""
    results = [side.result for side in found.sides]
    scores = [
        number(score) if result.measure == "r2" else percent(score)
        for score, result in zip(row.scores, results, strict=True)
    ]
    return (row.name, *scores, told_difference(row, found.measure))


def told_difference(row: RowDifference, measure: str | None) -> str:
    """Return B's lead in a row with its standard error, as text."""
    if row.difference is None:
        return "-"
    value, error = row.difference
    return f"{value:+.3f} +- {error:.3f}" if measure == "r2" else f"{100 * value:+.1f} +- {100 * error:.1f} points"


def _distance(unit: str, found: SpectralDistance) -> tuple[str, ...]:
    """Return the line of one unit: the distance, and what it is to be read by."""
    draws = [number(None if one is None else one.mean) for one in found.yardsticks]
    return (f"per {unit}", number(found.transport.distance), *draws, *(number(one) for one in found.from_one))
