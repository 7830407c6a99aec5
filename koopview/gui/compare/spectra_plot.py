"""Two spectra in one complex plane, and the plan that carries one onto the other."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QToolTip

from koopview.gui.compare.side_looks import side_colours
from koopview.gui.exportable import Exportable
from koopview.gui.looks.pens import plot_pen
from koopview.gui.looks.theme import LIGHT, Theme
from koopview.gui.plots.home_view import ViewRange
from koopview.gui.plots.plot import dress_plot, name_axes, quiet_plot
from koopview.gui.text import eigenvalue, short
from koopview.gui.widgets.save_menu import make_exportable
from koopview.study.comparing import Comparison
from koopview.study.sides import SIDES, UNITS

_CIRCLE = np.exp(2j * np.pi * np.linspace(0, 1, 361))
_FARTHEST, _REACH = 2.0, 10.0
_DISC, _DIAMOND = 8, 13


class SpectraPlot:
    """Owns the plot ``widget``: A's eigenvalues are discs, B's open diamonds, so that equal ones are a disc in one."""

    def __init__(self) -> None:
        self.widget = quiet_plot("comparePlane", "Eigenvalues of both fits")
        self._circle = pg.PlotCurveItem(_CIRCLE.real, _CIRCLE.imag)
        self._lines = pg.PlotCurveItem(connect="pairs")
        self._points = (
            pg.ScatterPlotItem(size=_DISC, pxMode=True, symbol="o"),
            pg.ScatterPlotItem(size=_DIAMOND, pxMode=True, symbol="d", brush=None),
        )
        for item in (self._circle, self._lines, *self._points):
            self.widget.addItem(item)
        self.widget.setAspectLocked(True)
        self._found: Comparison | None = None
        self._unit, self._close_up, self._carried = UNITS[0], False, False
        self._theme = LIGHT
        self.widget.scene().sigMouseMoved.connect(self._hover)
        self.exportable: Exportable = make_exportable(self.widget, "Comparison: eigenvalues", self.rows)
        self.set_theme(LIGHT)
        self._look()

    def show(self, found: Comparison | None, unit: str, close_up: bool, carried: bool) -> None:
        """Draw a comparison in one of UNITS, as large as it fits if `close_up`, with the plan's lines if `carried`."""
        self._found, self._unit, self._close_up, self._carried = found, unit, close_up, carried
        values = self._values()
        for item, one in zip(self._points, values, strict=True):
            item.setData(x=one.real, y=one.imag)
        self._draw_lines(values)
        self.widget.setAccessibleDescription(self._described(values))
        self._look()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._theme = theme
        dress_plot(self.widget, theme)
        name_axes(self.widget, theme, "Im λ", "Re λ")
        first, second = side_colours(theme)
        self._circle.setPen(plot_pen(theme.muted, 1.4))
        self._lines.setPen(plot_pen(theme.muted, 1.0))
        self._points[0].setBrush(first)
        self._points[0].setPen(plot_pen(theme.panel, 0.6))
        self._points[1].setPen(plot_pen(second, 1.8))

    def rows(self) -> list[Sequence[object]]:
        """Return the eigenvalues of both sides as a table, column names first."""
        found: list[Sequence[object]] = [
            ("side", "model", "layer", "delays", "rank", "mode", "real", "imaginary", "modulus", "condition_number")
        ]
        for name, side, values in zip(SIDES, self._found.sides if self._found else (), self._values(), strict=False):
            result, numbers = side.result, side.result.condition_numbers
            own = (name, result.model, result.settings.layer, result.settings.delays, result.rank)
            found += [
                (*own, index, value.real, value.imag, abs(value), numbers[index]) for index, value in enumerate(values)
            ]
        return found

    def tip(self, place: complex, reach: float) -> str:
        """Return the eigenvalues at a place of the plane in words: the nearest of each side, if within `reach`."""
        lines = []
        for name, side, values in zip(SIDES, self._found.sides if self._found else (), self._values(), strict=False):
            index = int(np.abs(values - place).argmin())
            if abs(values[index] - place) <= reach:
                said = eigenvalue(values[index].real, values[index].imag)
                number = short(float(side.result.condition_numbers[index]))
                lines.append(f"<b>{name}</b> λ = {said}, condition number {number}")
        return "<br>".join(lines)

    def _values(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the eigenvalues that are drawn of both sides."""
        if self._found is None:
            return np.zeros(0, complex), np.zeros(0, complex)
        return self._found.one.spectrum(self._unit), self._found.other.spectrum(self._unit)

    def _draw_lines(self, values: tuple[np.ndarray, np.ndarray]) -> None:
        if self._found is None or not self._carried:
            self._lines.setData([], [])
            return
        pairs = self._found.distances[self._unit].transport.pairs
        ends = np.stack([values[0][pairs[:, 0]], values[1][pairs[:, 1]]], 1).ravel()
        self._lines.setData(ends.real, ends.imag)

    def _described(self, values: tuple[np.ndarray, np.ndarray]) -> str:
        """Return the plot in words for a screen reader."""
        if self._found is None:
            return "Nothing is compared yet"
        parts = [
            f"{name} has {len(one)} eigenvalues, the largest modulus {np.abs(one).max():.3f}"
            for name, one in zip(SIDES, values, strict=True)
        ]
        return f"{', '.join(parts)}, distance {self._found.distances[self._unit].transport.distance:.2g}"

    def _look(self) -> None:
        across, upwards = self._range()
        self.widget.getViewBox().set_home(across, upwards)
        self.widget.setRange(xRange=across, yRange=upwards, padding=0)

    def _range(self) -> ViewRange:
        """Return the range to show: the unit circle with all eigenvalues, or only these for a close-up."""
        seen = np.concatenate(self._values())
        near = seen[np.abs(seen) <= _FARTHEST]
        if self._close_up and len(near):
            half = 0.56 * max(np.ptp(near.real), np.ptp(near.imag), 1e-3)
            middle = complex(near.real.min() + near.real.max(), near.imag.min() + near.imag.max()) / 2
            return (middle.real - half, middle.real + half), (middle.imag - half, middle.imag + half)
        home = 1.12 * min(_FARTHEST, max(1.0, float(np.abs(seen).max(initial=0.0))))
        return (-home, home), (-home, home)

    def _hover(self, point: QPointF) -> None:
        view = self.widget.getViewBox()
        here = view.mapSceneToView(point)
        tip = self.tip(complex(here.x(), here.y()), _REACH * view.viewPixelSize()[0]) if self._found else ""
        if tip:
            place = self.widget.viewport().mapToGlobal(self.widget.mapFromScene(point))
            QToolTip.showText(place, tip, self.widget)
        else:
            QToolTip.hideText()
