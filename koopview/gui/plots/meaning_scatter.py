"""Real outputs of original and hybrid: predicted against target, or one's error against the other's."""

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QCursor, QKeyEvent
from PySide6.QtWidgets import QToolTip

from koopview.gui.looks.pens import plot_pen
from koopview.gui.looks.theme import LIGHT, Theme
from koopview.gui.plots.meaning_words import DRAWN, sample_words
from koopview.gui.plots.plain_plot import PlainPlotWidget
from koopview.gui.plots.plot import dress_plot, name_axes, quiet_plot
from koopview.study.views import MovedView

_NEAR, _SIZE = 10.0, 5
_STEPS = {Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1}


class MovedScatter(PlainPlotWidget):
    """A point a sample and network, the line where both are equal, and arrow keys from one sample to the next."""

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        quiet_plot("movedPlot", "Outputs of original and hybrid on the test samples", self)
        self._view: MovedView | None = None
        self._position, self._theme = -1, LIGHT
        self.equal = pg.InfiniteLine(angle=45)
        self.original = pg.ScatterPlotItem(pxMode=True, size=_SIZE + 1, symbol="o")
        self.hybrid = pg.ScatterPlotItem(pxMode=True, size=_SIZE, symbol="d")
        self.ring = pg.ScatterPlotItem(pxMode=True, size=14, symbol="o")
        for item in (self.equal, self.original, self.hybrid, self.ring):
            self.addItem(item)
        self.scene().sigMouseMoved.connect(self._hover)
        self.scene().sigMouseClicked.connect(self._click)

    def show_moved(self, view: MovedView, chosen: int) -> None:
        """Draw `view` with the sample at the position `chosen` ringed (-1: none)."""
        if view is not self._view:
            self._view = view
            x, y = self._places()
            self.hybrid.setData(x, y)
            self.original.setData(*((x, view.original[:DRAWN]) if view.targets is not None else ([], [])))
            self._set_range(x, y)
            self._name_axes()
        self._position = chosen
        x, y = self._places()
        self.ring.setData(x[chosen : chosen + 1], y[chosen : chosen + 1]) if chosen >= 0 else self.ring.setData([], [])
        self.setAccessibleDescription("" if chosen < 0 else sample_words(view, chosen))

    def legend(self) -> str:
        """Return what the marks mean, as rich text."""
        marks = [("◆", self._theme.hybrid, "hybrid"), ("┄", self._theme.muted, "equal")]
        if self._view is not None and self._view.targets is not None:
            marks.insert(0, ("○", self._theme.original, "original"))
        return " &nbsp;".join(f'<span style="color:{colour}">{mark}</span>&nbsp;{name}' for mark, colour, name in marks)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._theme = theme
        dress_plot(self, theme)
        self.equal.setPen(plot_pen(theme.muted, 1.2, Qt.PenStyle.DashLine))
        self.original.setPen(plot_pen(theme.original, 1.2))
        self.original.setBrush(QColor(0, 0, 0, 0))
        faint = QColor(theme.hybrid)
        faint.setAlphaF(0.7)
        self.hybrid.setPen(plot_pen(theme.hybrid, 0.5))
        self.hybrid.setBrush(faint)
        self.ring.setPen(plot_pen(theme.ink, 1.8))
        self.ring.setBrush(QColor(0, 0, 0, 0))
        self._name_axes()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Go to the sample that is moved next less or more."""
        key, view = Qt.Key(event.key()), self._view
        if view is None or key not in _STEPS or not len(view.samples):
            super().keyPressEvent(event)
            return
        last = min(DRAWN, len(view.samples)) - 1
        self.chosen.emit(min(last, max(0, self._position + _STEPS[key])))

    def _places(self) -> tuple[np.ndarray, np.ndarray]:
        """Return where the hybrid's points are: its outputs over the targets, or over what the original has."""
        view = self._view
        assert view is not None
        return (view.original if view.targets is None else view.targets)[:DRAWN], view.hybrid[:DRAWN]

    def _set_range(self, x: np.ndarray, y: np.ndarray) -> None:
        if not len(x):
            return
        low, high = float(min(x.min(), y.min())), float(max(x.max(), y.max()))
        room = 0.05 * (high - low) or 0.5
        self.getViewBox().set_home((low - room, high + room), (low - room, high + room))

    def _name_axes(self) -> None:
        view = self._view
        if view is not None:
            names = ("hybrid's error", "original's error") if view.errors else ("hybrid", "original")
            name_axes(self, self._theme, *(names if view.targets is None else ("predicted", "target")))

    def _near(self, scene: QPointF) -> int | None:
        """Return the position of the sample at a place of the scene, None if none is near."""
        if self._view is None or not len(self._view.samples):
            return None
        box = self.getViewBox()
        here, (width, height), (x, y) = box.mapSceneToView(scene), box.viewPixelSize(), self._places()
        gaps = np.hypot((x - here.x()) / width, (y - here.y()) / height)
        found = int(gaps.argmin())
        return found if gaps[found] <= _NEAR else None

    def _hover(self, scene: QPointF) -> None:
        position = self._near(scene)
        if position is not None and self._view is not None:
            QToolTip.showText(QCursor.pos(), sample_words(self._view, position), self)

    def _click(self, event: Any) -> None:
        position = self._near(event.scenePos())
        if position is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(position)
