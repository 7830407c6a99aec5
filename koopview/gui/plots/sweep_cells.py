"""The cells of a sweep: their axes, the best cell, and texts about them; nothing is painted here."""

from koopview.gui.history import above_named_control, gain_of
from koopview.gui.text import row_name, score, told_score
from koopview.koopman.rank import RANKS
from koopview.study.result import FitResult, best_result
from koopview.words import MISSING

Cell = tuple[int, int | str]
"""Delays and the rank asked for, a number or a word."""
Cells = dict[Cell, FitResult]

MAP_TIP = (
    "<b>Blue</b>: better than both affine maps, that of the layer's input and that of the lift of the same cell; "
    "the deeper, the more<br>"
    "<b>Grey, hatched</b>: worse than the better one of them, which has no dynamics<br>"
    "The ends of the scale are what the controls leave to gain and to lose, whatever the cells do<br>"
    "<b>Ring</b>: the cell that does best on training samples apart from the fit; test samples take no part in it<br>"
    "<b>◢</b> the rank asked for was lowered to the numerical rank"
)


def is_lowered(cell: Cell, result: FitResult) -> bool:
    """Return whether fewer singular values could be used than the rank asked for."""
    return isinstance(cell[1], int) and result.rank < cell[1]


def best_cell(cells: Cells) -> Cell | None:
    """Return the Cell that is best on held-out training samples, None if none was measured there."""
    best = best_result(cells.values())
    return next((cell for cell, result in cells.items() if result is best), None)


def best_words(cells: Cells) -> str:
    """Return in words the cell with the ring and its score on test samples, or why there is none."""
    cell = best_cell(cells)
    if cell is None:
        return "no cell is chosen: all training samples are fitted to"
    result = cells[cell]
    agree = " agreement" if result.measure == "agreement" else ""
    found = f"{told_score(result.hybrid, result.measure)}{agree} on test samples"
    return f"best on samples apart: h = {cell[0]}, r = {cell[1]}: {found}"


def shorter_best(cells: Cells) -> str:
    """Return in a few words the cell with the ring and its score, for little room; empty if there is none."""
    cell = best_cell(cells)
    return (
        "" if cell is None else f"best h {cell[0]}, r {cell[1]}: {told_score(cells[cell].hybrid, cells[cell].measure)}"
    )


def axes_of(cells: Cells) -> tuple[list[int], list[int | str]]:
    """Return the delays and the ranks of `cells`, rising, words for ranks last."""
    ranks = {rank for _, rank in cells}
    return sorted({delays for delays, _ in cells}), sorted(ranks, key=_rank_order)


def _rank_order(rank: int | str) -> tuple[bool, int]:
    """Return the sort key of a rank: numbers rise, words come last."""
    return (True, RANKS.index(rank)) if isinstance(rank, str) else (False, rank)


def cell_tip(cell: Cell, result: FitResult) -> str:
    """Return the tooltip of a cell: all its scores, its gain, and how it was fitted."""
    lowered = f", lowered to the numerical rank {result.rank}" if is_lowered(cell, result) else ""
    rank = f"{cell[1]}, {result.rank}" if isinstance(cell[1], str) else f"{cell[1]}{lowered}"
    agree = "agreement with the original<br>" if result.measure == "agreement" else ""
    rows = "".join(_tip_row(result, name) for name in result.rows)
    worse = "<br>worse than it: the linear dynamics are no finding here" if (gain_of(result) or 0.0) < 0 else ""
    return (
        f"{agree}<table>{rows}</table>above best control {above_named_control(result)}{worse}<br>"
        f"h = {cell[0]}, r = {rank}<br>lift fraction {result.settings.lift_fraction:.2f}<br>{_apart_words(result)}"
    )


def _tip_row(result: FitResult, name: str) -> str:
    """Return one score as a row of an HTML table, the hybrid's in bold; R2 with its relative error."""
    error = result.relative_error.get(name)
    known = "not measured" if result.rows[name] is None and not result.controls_known else None
    told = known or score(result.rows[name], result.measure)
    beside = "" if error is None else f"&nbsp; error {error:.3f}"
    start, end = ("<b>", "</b>") if name == "hybrid" else ("", "")
    return f"<tr><td>{start}{row_name(name)}{end}&nbsp;</td><td align='right'>{start}{told}{end}{beside}</td></tr>"


def _apart_words(result: FitResult) -> str:
    apart = None if result.apart is None else told_score(result.apart.score, result.measure)
    return f"on samples apart {MISSING if apart is None else apart}"


def cell_order(item: tuple[Cell, FitResult]) -> tuple[int, bool, int]:
    """Return the sort key of cells: delays, then ranks."""
    (delays, rank), _ = item
    return delays, *_rank_order(rank)
