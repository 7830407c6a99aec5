"""The hybrid's decision boundary with a ring around each test sample whose answer it changes."""

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QToolTip

from koopview.gui.looks.pens import pen
from koopview.gui.plots.class_map import ClassMap
from koopview.gui.plots.meaning_marks import draw_ring
from koopview.gui.plots.meaning_words import sample_words, spoken_change, verdict
from koopview.study.views import ChangedView

_RADIUS, _SMALL = 9.0, 2.8
"""Radii of rings on a large and on a small plane, in logical pixels."""
_APART = 3.2
"""Least distance of two rings, in radii: one of each crowd is ringed, the most surprising."""
_NEAR = 10.0
_STEPS = {
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Up: -1,
}


class ChangedMap(ClassMap):
    """A class map whose rings can be clicked, and gone through with the arrow keys, the most surprising first."""

    chosen = Signal(int)  # position in the view
    ringed_anew = Signal()

    def __init__(self, accessible: str, reading: Callable[[float, float], str]) -> None:
        super().__init__(accessible, reading, strong=True, fills=True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._view: ChangedView | None = None
        self._chosen = -1
        self.ringed: list[int] = []
        """Positions of the samples with a ring."""

    def show_changed(self, view: ChangedView, chosen: int) -> None:
        """Mark the changed samples of `view`, the one at the position `chosen` as chosen (-1: none)."""
        if view is not self._view and view.points is not None:
            self.ringed = spread(self._at(view.points), _APART * self._radius())
        self._view, self._chosen = view, chosen
        self.setAccessibleDescription("" if chosen < 0 else spoken_change(view, chosen))
        self.update()

    def marks(self) -> np.ndarray:
        """Return where the rings are in the widget, float64 (rings, 2)."""
        view = self._view
        return np.zeros((0, 2)) if view is None or view.points is None else self._at(view.points[self.ringed])

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Ring as many samples as have room, and say that their number may be another."""
        super().resizeEvent(event)
        if self._view is not None and self._view.points is not None:
            self.ringed = spread(self._at(self._view.points), _APART * self._radius())
            self.ringed_anew.emit()

    def _at(self, points: np.ndarray) -> np.ndarray:
        """Return where points (points, 2) of the plane are in the widget."""
        frame, (x_low, x_high, y_low, y_high) = self.frame(), self._extent
        across = frame.left() + (points[:, 0].astype(float) - x_low) / (x_high - x_low) * frame.width()
        return np.column_stack([across, frame.bottom() - (points[:, 1] - y_low) / (y_high - y_low) * frame.height()])

    def _radius(self) -> float:
        return float(np.clip(self.frame().height() / 45, _SMALL, _RADIUS))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the classes and then the rings, the chosen one last."""
        super().paintEvent(event)
        view, marks = self._view, self.marks()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus():
            painter.setPen(pen(self._theme.accent, 2))
            painter.drawRoundedRect(self.frame().adjusted(1, 1, -1, -1), 6, 6)
        if view is None:
            return
        radius = self._radius()
        for position, mark in zip(self.ringed, marks.tolist(), strict=True):
            chosen = position == self._chosen
            draw_ring(painter, QPointF(*mark), radius + 1.5 * chosen, verdict(view, position), self._theme, chosen)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Name the ring under the mouse, or the answers there."""
        position = self.nearest(event.position())
        self.setCursor(Qt.CursorShape.ArrowCursor if position is None else Qt.CursorShape.PointingHandCursor)
        if position is None or self._view is None:
            super().mouseMoveEvent(event)
        else:
            QToolTip.showText(event.globalPosition().toPoint(), sample_words(self._view, position), self)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Choose the ring under the mouse."""
        position = self.nearest(event.position())
        if event.button() == Qt.MouseButton.LeftButton and position is not None:
            self.chosen.emit(position)
        else:
            super().mousePressEvent(event)

    def nearest(self, point: QPointF) -> int | None:
        """Return the position of the ring nearest to a point of the widget, None if none is near."""
        marks = self.marks()
        if not len(marks):
            return None
        gaps = np.hypot(marks[:, 0] - point.x(), marks[:, 1] - point.y())
        found = int(gaps.argmin())
        return self.ringed[found] if gaps[found] <= _NEAR else None

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Go to the next or the previous ring, the first or the last."""
        last = len(self.ringed) - 1
        ends = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: last}
        key = Qt.Key(event.key())
        if last < 0 or (key not in _STEPS and key not in ends):
            super().keyPressEvent(event)
            return
        now = self.ringed.index(self._chosen) if self._chosen in self.ringed else -1
        aim = ends[key] if key in ends else now + _STEPS[key]
        self.chosen.emit(self.ringed[min(last, max(0, aim))])

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Show that keys are taken."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Show that keys are taken no more."""
        super().focusOutEvent(event)
        self.update()


def spread(places: np.ndarray, apart: float) -> list[int]:
    """Return the indices of `places` (places, 2), in their order, that are `apart` or more from all before."""
    free, found = np.ones(len(places), dtype=bool), []
    while free.any():
        first = int(free.argmax())
        found.append(first)
        free &= np.hypot(*(places - places[first]).T) >= apart
        free[first] = False
    return found
