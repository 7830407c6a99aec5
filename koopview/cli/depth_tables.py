"""Blocks replaced by one operator, as aligned tables for a terminal."""

from collections.abc import Sequence

from koopview.cli.tables import aligned, lead, number, percent
from koopview.hybrid.rows import DEPTH_ROWS
from koopview.study.depth_result import DepthResult
from koopview.terminal import printable

SHOWN_EIGENVALUES = 8
"""Eigenvalues of largest modulus that are printed."""


def depth_table(cells: Sequence[DepthResult]) -> str:
    """Return one line a cell: its scores always together, the cosines of the states, and the lead over the controls."""
    names = [name for name in DEPTH_ROWS if any(cell.rows[name] is not None for cell in cells)]
    rows: list[tuple[str, ...]] = [("start", "p", "r", *names, "cosine", "centred", "above", "agreement")]
    for cell in cells:
        own = (cell.blocks[0], str(cell.settings.blocks), str(cell.rank))
        shares = [told_score(cell, cell.rows[name]) for name in names]
        cosines = [number(cosine["koopman"]) for cosine in (cell.cosines, cell.centred_cosines)]
        rows.append(
            (
                *own,
                *shares,
                *cosines,
                lead(cell.above_best_control, cell.measure),
                percent(cell.agreements.get("koopman")),
            )
        )
    return f"{head(cells[0])}\n{aligned(rows)}"


def depth_cell_table(cell: DepthResult) -> str:
    """Return everything about one cell: its scores, what they are beside, and how linear its blocks are."""
    rows: list[tuple[str, ...]] = [("", cell.measure, "95 %", "agreement", "output error", "cosine", "centred")]
    for name in (one for one in DEPTH_ROWS if cell.rows[one] is not None):
        pair = cell.intervals.get(name)
        others = [cell.output_errors.get(name), cell.cosines.get(name), cell.centred_cosines.get(name)]
        interval = "-" if pair is None else f"{100 * pair[0]:.1f} to {100 * pair[1]:.1f}"
        told = (told_score(cell, cell.rows[name]), interval, percent(cell.agreements.get(name)))
        rows.append((name, *told, *map(number, others)))
    largest = ", ".join(f"{value:.4g}" for value in cell.eigenvalues[:SHOWN_EIGENVALUES])
    told_alone = [
        ("above best control", lead(cell.above_best_control, cell.measure)),
        ("rank", f"{cell.rank}, ridge {cell.ridge:.0e}"),
        ("eigenvalues", largest + (", ..." if cell.rank > SHOWN_EIGENVALUES else "")),
        ("samples", f"{cell.fit_samples:,} to fit, {cell.test_samples:,} to test"),
        ("time", f"{cell.seconds:.2f} s"),
    ]
    names = f"{cell.blocks[0]} to {cell.blocks[-1]}" if cell.layer else ", ".join(cell.blocks)
    told_names = f"{head(cell)}\nreplaced: {printable(names)}"
    return "\n".join([told_names, aligned(rows), "", aligned(told_alone), "", linearity_table(cell)])


def linearity_table(cell: DepthResult) -> str:
    """Return the linearity scores of each replaced block, beside what its skip connection gives alone."""
    rows: list[tuple[str, ...]] = [("linearity", "score", "apart", "update alone", "update apart", "skip alone")]
    for name, one in zip(cell.blocks, cell.linearity, strict=True):
        rows.append((name, *map(number, (one.score, one.apart, one.update, one.update_apart, one.skip))))
    return aligned(rows)


def head(cell: DepthResult) -> str:
    """Return the line that says what was replaced, and what a state is."""
    shape = " x ".join(map(str, cell.shape))
    of = f" of {cell.layer}, states" if cell.layer else ""
    ends = f"{cell.stream[0]} to {cell.stream[-1]}"
    where = f"{cell.model} on {cell.data}, {len(cell.stream)} {cell.unit}s{of} of {shape} ({ends})"
    where += {None: "", True: ", inputs seen", False: ", inputs not seen"}[cell.driven]
    return printable(
        f"{where}: states {cell.states}, {cell.fit_samples:,} samples to fit, {cell.test_samples:,} to test"
    )


def told_score(cell: DepthResult, score: float | None) -> str:
    """Return a score as per cent, or as R2."""
    return number(score) if cell.measure == "r2" else percent(score)
