"""The display of a study in a notebook: a small table, and eigenvalues beside scores as SVG."""

from collections.abc import Sequence
from html import escape

from koopview.hybrid.rows import ROWS
from koopview.study.result import FitResult
from koopview.words import percent

SHOWN = 8
"""Number of the newest results in the table."""

_COLOURS = {"original": "#e69f00", "scaled": "#009e73", "hybrid": "#0072b2"}
_GREY, _LINE = "#9a9fa8", "#70757f"
_SIZE, _WIDE, _TALL = 240, 560, 260
"""Pixels: the plane's side, the figure's width and height."""
_STYLE = "border-collapse:collapse;font-size:12px"


def study_html(model: str, data: str, layers: int, results: Sequence[FitResult]) -> str:
    """Return a study as HTML: its model and data, its newest results, and the last one as a figure."""
    head = f"<p><b>{escape(model)}</b> on {escape(data)}: {layers} layers, {len(results)} fits</p>"
    return f"<div>{head}{result_html(results) if results else ''}</div>"


def result_html(results: Sequence[FitResult]) -> str:
    """Return a table of the newest results, the seven scores always together, and the last one as a figure."""
    return f"<div>{results_table(results[-SHOWN:])}{result_svg(results[-1])}</div>"


def results_table(results: Sequence[FitResult]) -> str:
    """Return results as an HTML table, one row per fit."""
    names = ("layer", "scaling", "N", "h", "lift", "r", *ROWS, "above best control", "agreement")
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    rows = "".join(f"<tr>{_row(result)}</tr>" for result in results)
    return f'<table style="{_STYLE}"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def result_svg(result: FitResult) -> str:
    """Return eigenvalues in the complex plane with the unit circle, beside bars of the scores, as SVG."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDE}" height="{_TALL}" viewBox="0 0 {_WIDE} {_TALL}" '
        f'role="img" font-family="sans-serif" font-size="11">'
        f"<title>{escape(_caption(result))}</title>"
        f"{_plane(result)}{_bars(result)}</svg>"
    )


def shown(score: float | None, measure: str) -> str:
    """Return a score as text: R2 as a number, shares as per cent."""
    return percent(score) if measure != "r2" or score is None else f"{score:.3f}"


def _row(result: FitResult) -> str:
    settings = result.settings
    cells = [settings.layer, settings.scaling, str(settings.steps), str(settings.delays)]
    cells += [f"{settings.lift_fraction:.2f}", str(result.rank)]
    above = result.above_best_control
    beyond = "–" if above is None else f"{100 * above.value:+.1f} ± {100 * above.error:.1f}"
    cells += [*(shown(score, result.measure) for score in result.rows.values()), beyond, percent(result.agreement)]
    return "".join(f"<td>{escape(cell)}</td>" for cell in cells)


def _caption(result: FitResult) -> str:
    settings = result.settings
    return (
        f"{result.model} on {result.data}, layer {settings.layer}: h = {settings.delays}, r = {result.rank}, "
        f"lift fraction {settings.lift_fraction:.2f}"
    )


def _plane(result: FitResult) -> str:
    """Return the eigenvalues; the plane reaches as far as the largest of them, at least past the unit circle."""
    reach = 1.1 * max(1.0, *abs(result.eigenvalues.real), *abs(result.eigenvalues.imag))
    middle, scale = _TALL / 2, _SIZE / 2 / reach
    start, stop = middle - _SIZE / 2, middle + _SIZE / 2
    points = "".join(
        f'<circle cx="{middle + scale * value.real:.2f}" cy="{middle - scale * value.imag:.2f}" r="3"/>'
        for value in result.eigenvalues
    )
    return (
        f'<g stroke="{_LINE}" fill="none"><path d="M{start} {middle}H{stop}M{middle} {start}V{stop}" opacity="0.35"/>'
        f'<circle cx="{middle}" cy="{middle}" r="{scale:.2f}"/></g>'
        f'<g class="eigenvalues" fill="{_COLOURS["hybrid"]}" fill-opacity="0.75">{points}</g>'
    )


def _bars(result: FitResult) -> str:
    """Return one SVG bar per measured score: accuracies, R2, or, without labels, agreements with the original."""
    named = {name: score for name, score in result.rows.items() if score is not None}
    left, length, height = _TALL + 75, _WIDE - _TALL - 75 - 55, 18
    bars = []
    for index, (name, share) in enumerate(named.items()):
        y = 26 + 30 * index
        colour = _COLOURS.get(name, _GREY)
        wide = length * min(1.0, max(0.0, share))
        bars.append(
            f'<text x="{left - 8}" y="{y + 13}" text-anchor="end" fill="currentColor">{escape(name)}</text>'
            f'<rect x="{left}" y="{y}" width="{wide:.2f}" height="{height}" fill="{colour}"/>'
            f'<text x="{left + length + 6}" y="{y + 13}" fill="currentColor">{shown(share, result.measure)}</text>'
        )
    return f'<g class="accuracies">{"".join(bars)}</g>'
