"""The margins and overlays of a heat map: the lift, appended entries, the colour bar."""

import math
from dataclasses import dataclass
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QGraphicsRectItem, QGraphicsSimpleTextItem

from koopview.gui.looks.pens import pen, plot_pen
from koopview.gui.looks.theme import LIGHT, SMALL, Theme, font
from koopview.gui.plots.ticks import axis_number
from koopview.gui.text import short

STRIP, BRACKET, EDGE = 14, 86, 8
"""Room for the lift's strip, for words about appended entries, and for the edge if there are none."""

BAR, BAR_WORDS, BAR_NUMBERS, HATCH = 8, 21, 46, 8
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class Appended:
    """Entries appended at an end of the path: the rows from `first` to `last`, counted from 1, and the step."""

    first: int
    last: int
    step: int
    words: str


class Margin(pg.AxisItem):
    """A side of a plot without numbers, whose drawing follows the visible range."""

    def __init__(self, side: str, size: int) -> None:
        super().__init__(side)
        self.theme = LIGHT
        self.set_size(size)

    def set_size(self, size: int) -> None:
        """Set the width or height in logical pixels."""
        self.setWidth(size) if self.orientation in ("left", "right") else self.setHeight(size)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self.theme = theme
        self.update()

    def place(self, value: float) -> float:
        """Return the position of an axis value along this side, clipped to its ends."""
        first, last = self.range
        share = min(1.0, max(0.0, (value - first) / (last - first)))
        size = self.size()
        return float(size.height() * (1 - share) if self.orientation in ("left", "right") else size.width() * share)


class LiftStrip(Margin):
    """The part of the path that the lift evaluates, up to s_{h-1}."""

    lift = 0.0

    def __init__(self) -> None:
        super().__init__("top", STRIP)

    def paint(self, painter: QPainter, option: Any, widget: Any) -> None:
        """Draw the strip and mark its end."""
        start, end = self.place(0.0), self.place(self.lift)
        painter.fillRect(QRectF(start, 0, end - start, STRIP - 2), QColor(self.theme.shade))
        painter.setPen(pen(self.theme.hybrid, 1.4))
        painter.drawLine(QPointF(end, 0), QPointF(end, STRIP))


class AppendedMargin(Margin):
    """The margin that names the rows of appended entries and their value."""

    entries: tuple[Appended, ...] = ()

    def __init__(self) -> None:
        super().__init__("right", EDGE)

    def show_entries(self, entries: tuple[Appended, ...]) -> None:
        """Draw the words about `entries`; take no room if there are none."""
        self.entries = entries
        self.set_size(BRACKET if entries else EDGE)
        self.update()

    def paint(self, painter: QPainter, option: Any, widget: Any) -> None:
        """Draw a line along the visible rows, and words beside it."""
        painter.setFont(font(SMALL))
        for entry in self.entries:
            top, bottom = self.place(entry.first - 0.5), self.place(entry.last + 0.5)
            if bottom - top < 1:
                continue
            painter.setPen(pen(self.theme.muted, 1.4))
            painter.drawLine(QPointF(5, top + 1), QPointF(5, bottom - 1))
            painter.setPen(QColor(self.theme.muted))
            middle = min(max((top + bottom) / 2, 14), self.size().height() - 14)
            painter.drawText(QRectF(11, middle - 15, BRACKET - 14, 30), _LEFT, entry.words)


class Hatch(QGraphicsRectItem):
    """Hatching over cells, with the same spacing at any zoom; a hatched brush would be stretched with them."""

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self.setPen(plot_pen(theme.ink, 1.2))

    def paint(self, painter: QPainter, option: Any, widget: Any = None) -> None:
        """Draw the rectangle, and diagonal lines HATCH pixels apart."""
        box, seen = self.rect(), painter.worldTransform()
        apart, slant = HATCH / abs(seen.m11()), box.height() * abs(seen.m22() / seen.m11())
        painter.setPen(self.pen())
        painter.drawRect(box)
        painter.setPen(plot_pen(self.pen().color(), 0.8))
        for index in range(1, math.ceil((box.width() + slant) / apart)):  # unclipped: some SVG readers do not clip
            x = box.left() + index * apart
            start, end = max(0.0, (x - box.right()) / slant), min(1.0, (x - box.left()) / slant)
            ends = (QPointF(x - share * slant, box.top() + share * box.height()) for share in (start, end))
            painter.drawLine(*ends)


class ColourBar(pg.ColorBarItem):
    """The colour bar of an image, from a negative value through 0 to a positive one of equal size."""

    def __init__(self) -> None:
        super().__init__(interactive=False, width=BAR, colorMapMenu=False)
        self.layout.setContentsMargins(0, 0, 0, 4)
        self.layout.setRowFixedHeight(0, BAR_WORDS)
        self._words = QGraphicsSimpleTextItem("state", self)
        self._words.setFont(font(SMALL))
        for name in ("left", "top", "bottom"):
            self.hideAxis(name)
        self.axis.setStyle(tickFont=font(SMALL), tickLength=0, tickTextOffset=5, hideOverlappingLabels=False)
        self.axis.setWidth(BAR_NUMBERS)

    def show_reach(self, reach: float, largest: float) -> None:
        """Let the deepest colours mean `reach`, and mark this if values are larger."""
        beyond = ("≥ ", "≤ ") if largest > reach else ("", "")
        told = [axis_number(value, reach) if reach < 1e4 else short(value) for value in (reach, 0.0, -reach)]
        self.setLevels((-reach, reach))
        self.axis.setTicks([[(reach, beyond[0] + told[0]), (0.0, told[1]), (-reach, beyond[1] + told[2])]])

    def set_theme(self, theme: Theme, colours: pg.ColorMap) -> None:
        """Take the colours of `theme`, and for the image those of `colours`."""
        self.setColorMap(colours)
        self._words.setBrush(QColor(theme.muted))
        self.getViewBox().setBorder(plot_pen(theme.line))
        self.axis.setPen(plot_pen(theme.line))
        self.axis.setTextPen(plot_pen(theme.muted))
