"""Gestures of mouse and keys in the complex plane: point, choose, encircle, drag, pan."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent

from koopview.gui.looks.pens import plot_pen
from koopview.gui.looks.theme import Theme
from koopview.gui.plots.plain_plot import PlainPlotWidget
from koopview.gui.plots.plot import quiet_plot

_STILL = 4.0
"""A press that moves less than this, in pixels, is a click."""

_STEPS = {Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1}
_REMOVES = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
_CTRL, _SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


class GesturePlot(PlainPlotWidget):
    """A plot widget that emits a person's gestures as signals.

    A drag pans, as in pyqtgraph. If it begins on a point that `grips` grabs, it drags this point; with Shift or `lasso`
    it draws around points; with Ctrl it opens a rubber band. ``encircled`` carries plot coordinates.
    """

    hovered = Signal(object)
    reset_asked = Signal()
    clicked = Signal(QPointF, bool)  # position in pixels; whether to add to the selection
    encircled = Signal(object, bool)  # corners (n, 2) in the plot; whether to add to the selection
    dragged = Signal(complex)  # target, in plot coordinates
    released = Signal()  # a drag has ended
    stepped = Signal(int)
    remove_asked = Signal()
    all_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        quiet_plot("eigenvaluePlot", "Eigenvalues in the complex plane with the unit circle", self)
        self.setMouseTracking(True)
        self.setToolTip("")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.grips: Callable[[QPointF], bool] = lambda point: False
        self.lasso = False
        self._outline = pg.PlotCurveItem()
        self.addItem(self._outline)
        self._pressed: QPointF | None = None
        self._gesture = ""
        self._corners: list[QPointF] = []

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._outline.setPen(plot_pen(theme.ink, 1.6, Qt.PenStyle.DashLine))

    def in_plot(self, point: QPointF) -> QPointF:
        """Return a point of the widget in plot coordinates."""
        return self.getViewBox().mapSceneToView(self.mapToScene(point.toPoint()))

    def mousePressEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        """Begin the gesture of this press; by default a pan."""
        self._pressed, self._gesture = event.position(), ""
        if event.button() == Qt.MouseButton.LeftButton:
            self._gesture = self._meant(event)
        if self._gesture in ("", "pan"):
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        """Continue the gesture; without a pressed button, show the point under the mouse."""
        if self._gesture in ("lasso", "band"):
            self._draw_round(event.position())
        elif self._gesture == "drag":
            if self._has_moved(event.position()):
                place = self.in_plot(event.position())
                self.dragged.emit(complex(place.x(), place.y()))
        else:
            super().mouseMoveEvent(event)
            if event.buttons() == Qt.MouseButton.NoButton:
                self.hovered.emit(event)

    def mouseReleaseEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        """End the gesture: select the encircled points, or click if the mouse did not move."""
        gesture, self._gesture = self._gesture, ""
        adds = bool(event.modifiers() & (_CTRL | _SHIFT))
        if gesture in ("", "pan"):
            super().mouseReleaseEvent(event)
        if gesture == "drag":
            self.released.emit()
        if gesture and not self._has_moved(event.position()):
            self.clicked.emit(event.position(), adds)
        elif gesture in ("lasso", "band"):
            self.encircled.emit(np.array([(point.x(), point.y()) for point in self._corners]), adds)
        self._corners = []
        self._outline.setData([], [])

    def mouseDoubleClickEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        """Show the whole view."""
        self.reset_asked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Step through the modes, remove the selected ones, or select all."""
        key = Qt.Key(event.key())
        if key in _STEPS:
            self.stepped.emit(_STEPS[key])
        elif key in _REMOVES:
            self.remove_asked.emit()
        elif key == Qt.Key.Key_A and event.modifiers() & _CTRL:
            self.all_asked.emit()
        else:
            super().keyPressEvent(event)

    def _meant(self, event: QMouseEvent) -> str:
        modifiers = event.modifiers()
        if modifiers & _SHIFT or (self.lasso and not modifiers & _CTRL and not self.grips(event.position())):
            return "lasso"
        if modifiers & _CTRL:
            return "band"
        return "drag" if self.grips(event.position()) else "pan"

    def _has_moved(self, point: QPointF) -> bool:
        if self._corners:
            return True
        pressed = self._pressed if self._pressed is not None else point
        moved = (point - pressed).manhattanLength() >= _STILL
        if moved:
            self._pressed = QPointF(-1e9, -1e9)  # a drag that returns to its start is still a drag
        return moved

    def _draw_round(self, point: QPointF) -> None:
        if self._pressed is None or not (self._corners or (point - self._pressed).manhattanLength() >= _STILL):
            return
        first, here = self.in_plot(self._pressed), self.in_plot(point)
        if self._gesture == "band":
            self._corners = [first, QPointF(here.x(), first.y()), here, QPointF(first.x(), here.y())]
        else:
            self._corners = [*(self._corners or [first]), here]
        closed = [*self._corners, self._corners[0]]
        self._outline.setData([point.x() for point in closed], [point.y() for point in closed])


def inside(values: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Return which complex `values` (n,) lie inside the closed polygon with these `corners` (m, 2), by crossings."""
    x, y = values.real[:, None], values.imag[:, None]
    (x0, y0), (x1, y1) = corners.T, np.roll(corners, -1, axis=0).T
    straddles = (y0 > y) != (y1 > y)
    with np.errstate(divide="ignore", invalid="ignore"):
        crosses = x < x0 + (y - y0) * (x1 - x0) / (y1 - y0)
    return np.asarray((straddles & crosses).sum(axis=1) % 2 == 1)
