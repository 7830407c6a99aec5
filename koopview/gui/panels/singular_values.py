"""The singular values of the fit on a logarithmic scale, with the ranks chosen among them."""

import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QGridLayout, QWidget

from koopview.gui.history import numerical_rank
from koopview.gui.looks.pens import plot_pen
from koopview.gui.looks.theme import LIGHT, UNIT, Theme
from koopview.gui.plots.legend import Legend
from koopview.gui.plots.plot import dress_plot, name_axes, quiet_plot
from koopview.gui.plots.ticks import power_of_ten
from koopview.gui.widgets.save_menu import make_exportable
from koopview.gui.widgets.veil import Veil
from koopview.study.result import FitResult

_MOST_DOTS = 120
_FREE_CORNER = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight
"""Where no singular value is, as they fall from the left to the right."""
_STYLES = {
    "rank": ("hybrid", Qt.PenStyle.SolidLine),
    "threshold": ("scaled", Qt.PenStyle.DashLine),
    "numerical": ("muted", Qt.PenStyle.DotLine),
}


class SingularValuePanel(QWidget):
    """One line of singular values; three vertical lines mark rank, Gavish and Donoho's threshold, numerical rank."""

    def __init__(self) -> None:
        super().__init__()
        self._result: FitResult | None = None
        self.plot = quiet_plot("singularValuePlot", "Singular values on a logarithmic scale")
        self.plot.setLogMode(y=True)
        self.plot.setMouseEnabled(x=True, y=False)
        self.plot.getAxis("left").number(22, lambda power: power_of_ten(round(power)), whole=True)
        self.plot.getAxis("bottom").number(44, landmarks=(1,), whole=True)
        self._line = pg.PlotDataItem(symbol="o", symbolSize=4, pxMode=True)
        self.plot.addItem(self._line)
        self._marks = {name: pg.InfiniteLine(angle=90, movable=False) for name in _STYLES}
        for mark in self._marks.values():
            self.plot.addItem(mark)
        self.legend = Legend(column=True)
        self.legend.covers = True
        layout = QGridLayout(self)
        layout.setContentsMargins(UNIT, 2, UNIT, 2)
        layout.addWidget(self.plot, 0, 0)
        layout.addWidget(
            self.legend, 0, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight
        )  # where no value is
        self._veil = Veil(self)
        make_exportable(self.plot, "Singular values", self.rows, self).fills = True
        self.set_theme(LIGHT)
        self.show_result(None)

    def rows(self) -> list[tuple[str, str]]:
        """Return index and singular value, one row each."""
        values = [] if self._result is None else self._result.singular_values.tolist()
        return [("#", "singular value"), *((str(index), f"{value:.9g}") for index, value in enumerate(values, 1))]

    def show_result(self, result: FitResult | None) -> None:
        """Draw the singular values of `result`; nothing for None."""
        before, self._result = self._result, result
        self.plot.setVisible(result is not None)
        self.legend.setVisible(result is not None)
        if result is None:
            return
        if before is None or not same_values(before, result):
            self._draw_values(result)
        self._mark(result, len(result.singular_values))

    def _draw_values(self, result: FitResult) -> None:
        values = np.asarray(result.singular_values, float)
        known = result.numerical_rank or len(values)
        top, last = float(values.max(initial=1e-300)), float(values[min(len(values), known) - 1])
        below = len(values) > known  # below the cut-off there is only rounding
        floor = max(last / 100 if below else last, 1e-16 * top)
        symbol = "o" if len(values) <= _MOST_DOTS else None
        self._line.setData(np.arange(1, len(values) + 1), np.maximum(values, floor), symbol=symbol)
        height = math.log10(max(floor, 1e-300)), math.log10(max(top, 1e-300))
        self.plot.getViewBox().set_home((0.5, len(values) + 0.5), _with_room(*height), padding=0.01)

    def set_stale(self, stale: bool) -> None:
        """Dim the picture while it does not match the controls."""
        self._veil.drop(stale)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        dress_plot(self.plot, theme)
        name_axes(self.plot, theme, "singular value", "number, from the largest")
        self._line.setPen(plot_pen(theme.hybrid, 1.4))
        self._line.setSymbolBrush(QColor(theme.hybrid))
        self._line.setSymbolPen(None)
        for name, (colour, style) in _STYLES.items():
            self._marks[name].setPen(plot_pen(getattr(theme, colour), 1.6, style))
        self.legend.set_theme(theme)
        self._veil.set_theme(theme)

    def _mark(self, result: FitResult, shown: int) -> None:
        ranks = {
            "rank": (f"rank r = {result.rank}", result.rank),
            "threshold": (f"Gavish–Donoho {result.gavish_donoho_rank}", result.gavish_donoho_rank),
            "numerical": (f"numerical rank {numerical_rank(result)}", result.numerical_rank),
        }
        entries = []
        for name, (text, rank) in ranks.items():
            self._marks[name].setVisible(rank is not None and 0 < rank <= shown)
            if rank is not None:
                self._marks[name].setValue(rank + 0.5)
                entries.append((text, *_STYLES[name]))
        self.legend.show_entries(*entries)


def same_values(one: FitResult, other: FitResult) -> bool:
    """Return whether two results have the same singular values and cut-off, as fits at two ranks do."""
    return one.numerical_rank == other.numerical_rank and np.array_equal(one.singular_values, other.singular_values)


def _with_room(low: float, high: float) -> tuple[float, float]:
    room = 0.05 * (high - low) or 0.5
    return low - room, high + room
