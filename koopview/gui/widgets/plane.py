"""The complex plane with the unit circle and the eigenvalues on it."""

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QMouseEvent
from PySide6.QtWidgets import QToolTip

from koopview.gui.text import eigenvalue, short
from koopview.gui.theme import LIGHT, Theme
from koopview.gui.widgets.colours import Scale, brushes, viridis
from koopview.gui.widgets.plots import dress_plot, plot_pen, quiet_parts, quiet_plot

_REACH, FARTHEST = 9.0, 2.0
_CIRCLE = np.exp(2j * np.pi * np.linspace(0, 1, 361))


class Plane:
    """Owns the plot ``widget``; points are one scatter item with shared brushes."""

    def __init__(self) -> None:
        self.widget = _PlaneWidget()
        self._values = np.zeros(0, complex)
        self._residuals = np.zeros(0)
        self._home = 1.0
        self._brushes = [QBrush(QColor(*(int(part) for part in colour))) for colour in viridis()]
        self._circle = pg.PlotCurveItem(_CIRCLE.real, _CIRCLE.imag)
        self._points = pg.ScatterPlotItem(size=9, pxMode=True)
        self._ring = pg.ScatterPlotItem(size=17, pxMode=True, brush=None)
        for item in (self._circle, self._points, self._ring):
            self.widget.addItem(item)
        self.widget.setAspectLocked(True)
        self.widget.hovered.connect(self._hover)
        self.widget.reset_asked.connect(self.reset_view)
        self.set_theme(LIGHT)
        self.reset_view()

    def show_values(self, values: np.ndarray, residuals: np.ndarray, scale: Scale) -> None:
        """Draw eigenvalues (r,) coloured by their residuals (r,); the view moves only where they leave it."""
        self._values, self._residuals = values, residuals
        self._ring.setData([], [])
        self._points.setData(
            x=values.real, y=values.imag, size=_size(len(values)), brush=brushes(residuals, scale, self._brushes)
        )
        home = min(FARTHEST, max(1.0, float(np.abs(values).max(initial=0.0))))
        if home != self._home:
            self._home = home
            self.reset_view()

    def reset_view(self) -> None:
        """Show the unit circle and all eigenvalues up to modulus FARTHEST."""
        reach = 1.12 * self._home
        self.widget.setRange(xRange=(-reach, reach), yRange=(-reach, reach), padding=0)

    def zoom_in(self) -> None:
        """Show the eigenvalues within reach as large as they fit."""
        near = self._values[np.abs(self._values) <= FARTHEST]
        if len(near):
            margin = 0.02 + 0.1 * float(np.ptp(near.imag))
            ranges = [(float(part.min()) - margin, float(part.max()) + margin) for part in (near.real, near.imag)]
            self.widget.setRange(xRange=ranges[0], yRange=ranges[1], padding=0)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        dress_plot(self.widget, theme)
        self._circle.setPen(plot_pen(theme.muted, 1.4))
        self._points.setPen(plot_pen(theme.muted, 1.0))
        self._ring.setPen(plot_pen(theme.ink, 1.6))
        self.widget.setLabel("left", "Im λ", color=theme.muted)
        self.widget.setLabel("bottom", "Re λ", color=theme.muted)

    def tip(self, index: int) -> str:
        """Return what hovering over an eigenvalue says."""
        value, pair = self._values[index], self._pair(index)
        angle = np.degrees(np.angle(value))
        return (
            f"<b>λ = {eigenvalue(value.real, value.imag, len(pair) > 1)}</b><br>"
            f"|λ| {abs(value):.4f} &nbsp; angle {'±' if len(pair) > 1 else ''}{abs(angle):.2f}°<br>"
            f"residual {short(float(self._residuals[index]))}"
        )

    def _pair(self, index: int) -> list[int]:
        value = self._values[index]
        if value.imag == 0:
            return [index]
        gaps = np.abs(self._values - np.conj(value))
        other = int(gaps.argmin())
        return [index, other] if gaps[other] <= 1e-6 * max(1.0, abs(value)) and other != index else [index]

    def _hover(self, event: QMouseEvent) -> None:
        index = self._nearest(event.position())
        if index is None:
            self._ring.setData([], [])
            QToolTip.hideText()
            return
        pair = self._values[self._pair(index)]
        self._ring.setData(pair.real, pair.imag)
        QToolTip.showText(event.globalPosition().toPoint(), self.tip(index), self.widget)

    def _nearest(self, point: QPointF) -> int | None:
        if not len(self._values):
            return None
        view = self.widget.getViewBox()
        here = view.mapSceneToView(self.widget.mapToScene(point.toPoint()))
        width, height = view.viewPixelSize()
        gaps = np.hypot((self._values.real - here.x()) / width, (self._values.imag - here.y()) / height)
        nearest = int(gaps.argmin())
        return nearest if gaps[nearest] <= _REACH else None


def _size(points: int) -> int:
    """Return a diameter in pixels at which so many points can still be told apart."""
    return 9 if points <= 80 else 7 if points <= 250 else 5


class _PlaneWidget(pg.PlotWidget):
    """A plot widget that tells of the mouse: ``hovered`` carries the event, ``reset_asked`` a double click."""

    hovered = Signal(object)
    reset_asked = Signal()

    def __init__(self) -> None:
        super().__init__(**quiet_parts())
        quiet_plot("eigenvaluePlot", "Eigenvalues in the complex plane with the unit circle", self)
        self.setMouseTracking(True)
        self.setToolTip("")

    def mouseMoveEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        """Pan as pyqtgraph does; without a button held, read the point."""
        super().mouseMoveEvent(event)
        if event.buttons() == Qt.MouseButton.NoButton:
            self.hovered.emit(event)

    def mouseDoubleClickEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        """Ask for the whole view."""
        self.reset_asked.emit()
