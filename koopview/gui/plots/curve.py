"""The curve of the hybrid's score over delays, beside the original and both affine maps."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen

from koopview.gui.history import hybrid_measure
from koopview.gui.looks.pens import plot_pen
from koopview.gui.looks.theme import LIGHT, Theme
from koopview.gui.plots.legend import LegendEntry
from koopview.gui.plots.plot import dress_plot, enlarge_plot, quiet_plot
from koopview.gui.plots.ticks import ticks
from koopview.gui.text import minus, row_name, title_of
from koopview.gui.widgets.save_menu import make_exportable
from koopview.hybrid.rows import AFFINE_CONTROLS
from koopview.study.export import cell_rows
from koopview.study.result import FitResult

_STYLES = {
    "original": ("original", Qt.PenStyle.DashLine),
    "hybrid": ("hybrid", Qt.PenStyle.SolidLine),
    "lift_affine": ("muted", Qt.PenStyle.DashDotLine),
    "affine": ("muted", Qt.PenStyle.DotLine),
}
"""Colour and line of each network that is drawn."""


@dataclass(frozen=True)
class _Scale:
    """How a measure is drawn: axis units per unit of score, least height, lowest start of the axis, decimals."""

    units: float
    floor: float
    step: float
    digits: int

    @property
    def top(self) -> float:
        """The height of a perfect score."""
        return self.units


_SHARES = _Scale(100.0, 0.0, 10.0, 0)
_R2 = _Scale(1.0, -1.0, 0.1, 2)
_MOST_DELAYS, _MOST_HEIGHTS = 6, 4
"""Most gaps between the numbers of each axis."""

_ROOMY, _CLEAR = 18, 14
"""Distance of numbers that stand at ease, one above the other, and the least of two, in logical pixels."""

_HALF = 5
"""Half the height of a number; one that would reach beyond the plot is left out."""

_BEYOND = 0.02
"""How far a plot that is written larger reaches beyond the last delay, for its number, in parts of all delays."""

ROOM_ABOVE = 1.1
"""How far the plot reaches, in parts of what it shows: a line at the top lies below the edge."""


class DelayCurve:
    """Owns the plot ``widget``; x are delays h, y per cent or R2."""

    def __init__(self) -> None:
        self.widget = quiet_plot("delayCurve", "Hybrid accuracy over delays h")
        self.widget.setMouseEnabled(x=False, y=False)
        self.widget.setMinimumHeight(58)
        self._results: Sequence[FitResult] = ()
        self._shown: FitResult | None = None
        self._zoom = 1.0
        self._range: tuple[int, float, _Scale] | None = None
        self._heights: tuple[float, ...] = ()
        self.widget.getViewBox().sigResized.connect(self._number_heights)
        self._original, self._affine = _level(), _level()
        self._now = pg.InfiniteLine(angle=90, movable=False)
        self._line, self._lift = pg.PlotDataItem(), pg.PlotDataItem(symbol="s", symbolSize=4)
        self._dots = pg.ScatterPlotItem(pxMode=True)
        self._edited = pg.ScatterPlotItem(pxMode=True, size=11, symbol="d")
        for item in (self._original, self._affine, self._now, self._lift, self._line, self._dots, self._edited):
            self.widget.addItem(item)
        self.exportable = make_exportable(self.widget, "Hybrid accuracy over delays", lambda: cell_rows(self._results))
        self.exportable.fills = True
        self.set_theme(LIGHT)

    def show_results(self, results: Sequence[FitResult], shown: FitResult | None) -> None:
        """Draw `results` over their h; `shown` provides the levels, N and the marked h.

        A result with edited modes is not on the curve, but a separate hollow point. The affine map of the lift is a
        separate curve: it uses as much of the path as each hybrid does.
        """
        self._results, self._shown = results, shown
        self.widget.setVisible(shown is not None)
        if shown is None:
            return
        scale = _R2 if shown.measure == "r2" else _SHARES
        self.exportable.title = f"{title_of(shown.measure)} over delays"
        self.widget.setAccessibleName(f"{self.exportable.title} h, beside the affine map of the lift at each h")
        delays = np.array([result.settings.delays for result in results])
        heights = scale.units * np.array([hybrid_measure(result) for result in results])
        self._line.setData(delays, heights)
        self._dots.setData(x=delays, y=heights, size=self._zoom * np.where(delays == shown.settings.delays, 11, 6))
        edited = [scale.units * hybrid_measure(shown)] if shown.settings.edits else []
        self._edited.setData(x=[shown.settings.delays] * len(edited), y=edited)
        self._now.setValue(shown.settings.delays)
        lift = {result.settings.delays: result.rows["lift_affine"] for result in results}
        controls = [scale.units * score for score in lift.values() if score is not None]
        self._lift.setData([delay for delay, score in lift.items() if score is not None], controls)
        levels = [
            _place(self._original, shown.rows["original"], scale.units),
            _place(self._affine, shown.rows["affine"], scale.units),
        ]
        lowest = min([*heights, *edited, *controls, *(level for level in levels if level is not None)])
        self._set_range(shown.settings.steps, lowest, scale)

    def set_zoom(self, zoom: float) -> None:
        """Enlarge texts and markers `zoom` times, for a projector; lines follow with the next theme."""
        self._zoom = zoom
        enlarge_plot(self.widget, zoom)
        self._lift.setSymbolSize(4 * zoom)
        self._edited.setSize(11 * zoom)
        self._range = None
        self.show_results(self._results, self._shown)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        dress_plot(self.widget, theme)
        self._original.setPen(_pen_of("original", theme, 1.8))
        self._affine.setPen(_pen_of("affine", theme, 1.4))
        self._lift.setPen(_pen_of("lift_affine", theme, 1.4))
        self._lift.setSymbolBrush(QColor(theme.muted))
        self._lift.setSymbolPen(None)
        self._now.setPen(plot_pen(theme.hybrid, 1.2, Qt.PenStyle.DotLine))
        self._line.setPen(_pen_of("hybrid", theme, 1.8))
        self._dots.setBrush(QColor(theme.hybrid))
        self._dots.setPen(plot_pen(theme.panel, 1.0))
        self._edited.setBrush(QColor(theme.panel))
        self._edited.setPen(plot_pen(theme.hybrid, 1.8))

    def _set_range(self, steps: int, lowest: float, scale: _Scale) -> None:
        low = scale.step * float(np.floor(max(scale.floor, lowest - 0.2 * scale.step) / scale.step))
        if (steps, low, scale) == self._range:
            return  # new ticks would lay both axes out anew
        self._range, spread = (steps, low, scale), scale.top - low
        self.widget.setRange(
            xRange=(1 if steps > 1 else 0.5, max(1.5, steps) + (self._zoom > 1) * self._zoom * _BEYOND * steps),
            yRange=(low, low + ROOM_ABOVE * spread),
            padding=0.025,
        )
        delays = ticks(1, steps, steps / _MOST_DELAYS, landmarks=(1, steps), whole=True)
        self.widget.getAxis("bottom").setTicks([[(delay, f"{delay:.0f}") for delay in delays]])
        self._number_heights()

    def _number_heights(self) -> None:
        """Write as many heights beside the plot as stand clear of each other."""
        if self._range is None:
            return
        _, low, scale = self._range
        heights = seen_heights(low, scale.top, self.widget.getViewBox().height() / self._zoom, scale.digits)
        if heights != self._heights:
            self._heights = heights
            self.widget.getAxis("left").setTicks([[(one, minus(f"{one:.{scale.digits}f}")) for one in heights]])


def seen_heights(low: float, top: float, height: float, digits: int) -> tuple[float, ...]:
    """Return the numbers beside a plot of so many pixels from `low` to `top`: all round ones, or the outermost two.

    None needs more decimals than `digits`.
    """
    spread = top - low
    pixel = ROOM_ABOVE * spread / max(1.0, height)
    lowest, highest = low + _HALF * pixel, low + ROOM_ABOVE * spread - _HALF * pixel
    for gaps in (_MOST_HEIGHTS, 2 * _MOST_HEIGHTS):
        seen = tuple(one for one in _written(low, top, spread / gaps, digits) if lowest <= one <= highest)
        if len(seen) > 1 and seen[1] - seen[0] >= _ROOMY * pixel:
            return seen
        if len(seen) > 1 and seen[-1] - seen[0] >= _CLEAR * pixel:
            return seen[0], seen[-1]
    return (top,)


def _written(low: float, top: float, least: float, digits: int) -> tuple[float, ...]:
    """Return round numbers at least `least` apart, farther where they need more decimals than `digits`: no 97.5."""
    heights = ticks(low, top, least)
    between = any(abs(one - round(one, digits)) > 1e-6 for one in heights)
    return ticks(low, top, 1.01 * least) if between else heights


def curve_legend(result: FitResult) -> list[LegendEntry]:
    """Return the legend's entries for the known networks besides the hybrid, which the caption names."""
    known = [name for name in ("original", *AFFINE_CONTROLS) if result.rows[name] is not None]
    return [(row_name(name), *_STYLES[name]) for name in known]


def curve_words(result: FitResult) -> tuple[str, str]:
    """Return a caption that says which grey line is which, where no legend has room; and a shorter one."""
    marks = {"lift_affine": "■", "affine": "┄"}
    known = " ".join(f"{marks[name]} {row_name(name)}" for name in AFFINE_CONTROLS if result.rows[name] is not None)
    said = ["over delays h", *([known] if known else [])]
    return " · ".join([*said, f"lift fraction {result.settings.lift_fraction:.2f}"]), " · ".join(said)


def _pen_of(name: str, theme: Theme, width: float) -> QPen:
    colour, style = _STYLES[name]
    return plot_pen(getattr(theme, colour), width, style)


def _level() -> pg.InfiniteLine:
    return pg.InfiniteLine(angle=0, movable=False)


def _place(line: pg.InfiniteLine, score: float | None, units: float) -> float | None:
    """Place a level at `score` and return its height; hide it and return None without a score."""
    line.setVisible(score is not None)
    if score is None:
        return None
    line.setValue(units * score)
    return units * score
