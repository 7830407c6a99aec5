"""The legend of classes: marker and colour, name, and a note for each."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy

from koopview.gui.looks.pens import pen
from koopview.gui.looks.theme import SMALL, font
from koopview.gui.plots.classes import class_fill, class_line, draw_class_marker
from koopview.gui.plots.painted import Painted

SWATCH, ROW, GAP, BETWEEN = 14, 18, 8, 18
_WIDEST_NAME = 150
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class ClassLegend(Painted):
    """One row per class, in as many columns as the height requires; swatches for areas, markers for lines."""

    def __init__(self, areas: bool) -> None:
        super().__init__()
        self._areas = areas
        self._names: tuple[str, ...] = ()
        self._notes: tuple[str, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the classes shown."""
        return self._names

    def show_classes(self, names: Sequence[str], notes: Sequence[str] = ()) -> None:
        """Show one row per name, with its note."""
        self._names, self._notes = tuple(names), tuple(notes)
        rows = [" ".join(filter(None, pair)) for pair in zip(names, notes or ("",) * len(names), strict=True)]
        self.setAccessibleName("Classes: " + ", ".join(rows))
        self.setToolTip("<br>".join(rows))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the room of one column, or of two for many classes."""
        columns = 1 if len(self._names) <= 5 else 2
        rows = math.ceil(len(self._names) / columns)
        return QSize(columns * self._width() + BETWEEN * (columns - 1), rows * ROW)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the height of one row: rows without room move to the next column."""
        return QSize(self._width(), ROW)

    def places(self) -> list[QRectF]:
        """Return the rectangle of each class's row, column by column from the top."""
        rows = max(1, min(len(self._names), self.height() // ROW))
        step = self._width() + BETWEEN
        return [QRectF(i // rows * step, i % rows * ROW, self._width(), ROW) for i in range(len(self._names))]

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw every row that has room."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(SMALL))
        for index, place in enumerate(self.places()):
            self._draw(painter, index, place)

    def _draw(self, painter: QPainter, index: int, place: QRectF) -> None:
        theme = self._theme
        swatch = QRectF(place.left(), place.center().y() - SWATCH / 2, SWATCH, SWATCH)
        line = class_line(index, theme)
        if self._areas:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(class_fill(index, theme))
            painter.drawRoundedRect(swatch, 3, 3)
            painter.setPen(pen(theme.ink, 1.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            draw_class_marker(painter, index, swatch.center(), 6)
        else:
            painter.setPen(pen(line.name(), 1.6))
            painter.drawLine(
                QPointF(swatch.left() - 1, swatch.center().y()), QPointF(swatch.right() + 1, swatch.center().y())
            )
            painter.setPen(pen(line.name(), 1.0))
            painter.setBrush(line)
            draw_class_marker(painter, index, swatch.center(), 8)
        metrics, x = QFontMetrics(font(SMALL)), swatch.right() + GAP
        painter.setPen(QColor(theme.ink))
        name = metrics.elidedText(self._names[index], Qt.TextElideMode.ElideRight, _WIDEST_NAME)
        painter.drawText(QRectF(x, place.top(), self._name_width(), ROW), _LEFT, name)
        if self._notes:
            painter.setPen(QColor(theme.muted))
            rest = QRectF(x + self._name_width() + GAP, place.top(), place.width(), ROW)
            painter.drawText(rest, _LEFT, self._notes[index])

    def _name_width(self) -> int:
        metrics = QFontMetrics(font(SMALL))
        return min(_WIDEST_NAME, max((metrics.horizontalAdvance(name) for name in self._names), default=0)) + 1

    def _width(self) -> int:
        metrics = QFontMetrics(font(SMALL))
        note = max((metrics.horizontalAdvance(text) for text in self._notes), default=0)
        return SWATCH + GAP + self._name_width() + (GAP + note if note else 0) + 2
