"""The curve of hybrid accuracy over delays, with the original above it and the affine map as the mark to beat."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from koopview.gui.history import hybrid_measure
from koopview.gui.looks.theme import LIGHT, Theme
from koopview.gui.plots.plot import dress_plot, plot_pen, quiet_plot
from koopview.gui.widgets.copying import offer_copy
from koopview.study.export import cell_rows
from koopview.study.result import FitResult


class DelayCurve:
    """Owns the plot ``widget``; x are delays h, y percent."""

    def __init__(self) -> None:
        self.widget = quiet_plot("delayCurve", "Hybrid accuracy over delays h")
        self.widget.setMouseEnabled(x=False, y=False)
        self.widget.setMinimumHeight(72)
        self._results: Sequence[FitResult] = ()
        self._range: tuple[int, float] | None = None
        self._original, self._affine = _level(), _level()
        self._now = pg.InfiniteLine(angle=90, movable=False)
        self._line = pg.PlotDataItem()
        self._dots = pg.ScatterPlotItem(pxMode=True)
        self._edited = pg.ScatterPlotItem(pxMode=True, size=11, symbol="d")
        for item in (self._original, self._affine, self._now, self._line, self._dots, self._edited):
            self.widget.addItem(item)
        self.shown = offer_copy(self.widget, "Hybrid accuracy over delays", lambda: cell_rows(self._results))
        self.shown.fills = True
        self.set_theme(LIGHT)

    def show_results(self, results: Sequence[FitResult], shown: FitResult | None) -> None:
        """Draw `results` over their h; `shown` gives the levels, N and the h that is marked.

        A result whose modes are edited is no point of the curve, and stands apart from it as a hollow one.
        """
        self._results = results
        self.widget.setVisible(shown is not None)
        if shown is None:
            return
        delays = np.array([result.settings.delays for result in results])
        heights = 100 * np.array([hybrid_measure(result) for result in results])
        self._line.setData(delays, heights)
        self._dots.setData(x=delays, y=heights, size=np.where(delays == shown.settings.delays, 11, 6))
        edited = [100 * hybrid_measure(shown)] if shown.settings.edits else []
        self._edited.setData(x=[shown.settings.delays] * len(edited), y=edited)
        self._now.setValue(shown.settings.delays)
        levels = [
            _place(self._original, shown.rows["original"]),
            _place(self._affine, shown.rows["affine"]),
        ]
        lowest = min([*heights, *edited, *(level for level in levels if level is not None)])
        self._set_range(shown.settings.steps, lowest)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        dress_plot(self.widget, theme)
        self._original.setPen(plot_pen(theme.original, 1.8, Qt.PenStyle.DashLine))
        self._affine.setPen(plot_pen(theme.muted, 1.4, Qt.PenStyle.DotLine))
        self._now.setPen(plot_pen(theme.hybrid, 1.2, Qt.PenStyle.DotLine))
        self._line.setPen(plot_pen(theme.hybrid, 1.8))
        self._dots.setBrush(QColor(theme.hybrid))
        self._dots.setPen(plot_pen(theme.panel, 1.0))
        self._edited.setBrush(QColor(theme.panel))
        self._edited.setPen(plot_pen(theme.hybrid, 1.8))

    def _set_range(self, steps: int, lowest: float) -> None:
        low = 10 * float(np.floor(max(0.0, lowest - 2) / 10))
        if (steps, low) == self._range:
            return  # new ticks would lay both axes out anew
        self._range = (steps, low)
        spread = 100 - low
        self.widget.setRange(
            xRange=(1 if steps > 1 else 0.5, max(1.5, steps)), yRange=(low, 100 + 0.1 * spread), padding=0.025
        )
        self.widget.getAxis("bottom").setTicks([[(tick, str(tick)) for tick in delay_ticks(steps)]])
        gap = next(gap for gap in (2, 5, 10, 20, 25, 50) if spread / gap <= 4.01 or gap == 50)
        self.widget.getAxis("left").setTicks([[(tick, f"{tick:.0f}") for tick in np.arange(100, low - 0.1, -gap)]])


def delay_ticks(steps: int) -> list[int]:
    """Return the delays labelled on the axis: 1, round ones between, N."""
    gap = next((gap for gap in (1, 2, 5, 10, 20, 50, 100, 200) if steps / gap <= 6), 500)
    return [
        1,
        *(tick for tick in range(gap, steps, gap) if 1 < tick <= steps - 0.5 * gap),
        *([steps] if steps > 1 else []),
    ]


def _level() -> pg.InfiniteLine:
    return pg.InfiniteLine(angle=0, movable=False)


def _place(line: pg.InfiniteLine, fraction: float | None) -> float | None:
    line.setVisible(fraction is not None)
    if fraction is None:
        return None
    line.setValue(100 * fraction)
    return 100 * fraction
