"""A heat map of a table's cells, coloured by their gain over a control: columns to the right, rows upwards."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip

from koopview.gui.looks.pens import pen
from koopview.gui.looks.theme import SMALL, font
from koopview.gui.plots.classes import readable_on
from koopview.gui.plots.painted import Painted
from koopview.gui.plots.sweep_scale import SweepScale, draw_hatch

LEFT, BELOW, BARELY, LEGEND = 60, 30, 16, 112
"""Room for the rows' names at the left (at least), for the columns' with and without a title, and for the legend."""

_BESIDE_ROWS = 34
"""Room beside a row's name at the left: the vertical title, and the gaps around both."""

_LOW = 120
"""Height below which cells need the room of the words below: the columns' title is then shortened."""

_ROOMY = 14
"""Least height of a cell whose frame has a second line and still shows its colour."""

_ARROWS = {Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTRE = Qt.AlignmentFlag.AlignCenter


class CellMap(Painted):
    """``picked`` carries the cell, a pair (column, row), that a click or an arrow key chooses.

    Each kind of map says what its cells mean: it has `gain`, `tip`, `write` and `column_title`.
    """

    picked = Signal(object)
    row_title = low_title = legend_tip = ""
    """What the rows are, what the columns are in few letters, and the legend's tooltip."""

    def __init__(self) -> None:
        super().__init__()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumHeight(86)
        self._cells: Mapping[Any, Any] = {}
        self._now: Any = None
        self._columns: Sequence[Hashable] = ()
        self._rows: Sequence[Hashable] = ()
        self._scale: SweepScale | None = None

    def gain(self, cell: Any) -> float | None:
        """Return a cell's gain over its best control, None if it is not known."""
        raise NotImplementedError

    def tip(self, cell: Any) -> str:
        """Return the tooltip of a cell."""
        raise NotImplementedError

    def write(self, painter: QPainter, cell: Any, ink: QColor) -> None:
        """Write what there is room for into a cell."""
        raise NotImplementedError

    def column_title(self) -> str:
        """Return the words below the columns' names."""
        raise NotImplementedError

    def column_name(self, column: Any) -> str:
        """Return the name of a column."""
        return str(column)

    def draw_over(self, painter: QPainter) -> None:
        """Draw what stands over the cells."""

    def draw_beside(self, painter: QPainter, area: QRectF) -> None:
        """Draw what stands below the legend, at the right of the cells' area."""

    def box(self, cell: Any) -> QRectF:
        """Return the rectangle of a cell."""
        column, row = self._columns.index(cell[0]), self._rows.index(cell[1])
        area = self._area()
        width, height = area.width() / len(self._columns), area.height() / len(self._rows)
        return QRectF(area.left() + column * width, area.bottom() - (row + 1) * height, width, height)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Show the numbers of the cell under the mouse."""
        cell = self.cell_at(event.position())
        self.setCursor(Qt.CursorShape.ArrowCursor if cell is None else Qt.CursorShape.PointingHandCursor)
        over_legend = event.position().x() > self._area().right()
        said = self.legend_tip if over_legend else "" if cell is None else self.tip(cell)
        QToolTip.showText(event.globalPosition().toPoint(), said, self)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Pick the cell under the mouse."""
        cell = self.cell_at(event.position())
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(cell)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Pick the next cell in the direction of an arrow."""
        by = _ARROWS.get(Qt.Key(event.key()))
        if by is None or self._now not in self._cells:
            super().keyPressEvent(event)
            return
        column, row = self._columns.index(self._now[0]) + by[0], self._rows.index(self._now[1]) + by[1]
        if 0 <= column < len(self._columns) and 0 <= row < len(self._rows):
            cell = (self._columns[column], self._rows[row])
            if cell in self._cells:
                self.picked.emit(cell)

    def cell_at(self, point: QPointF) -> Any:
        """Return the cell (column, row) under a point, None if there is none."""
        area = self._area()
        if not self._cells or not area.contains(point):
            return None
        column = int((point.x() - area.left()) / area.width() * len(self._columns))
        row = int((area.bottom() - point.y()) / area.height() * len(self._rows))
        cell = (self._columns[min(column, len(self._columns) - 1)], self._rows[min(row, len(self._rows) - 1)])
        return cell if cell in self._cells else None

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw every cell, the axes and the legend."""
        if self._scale is None:
            return
        painter = QPainter(self)
        painter.setFont(font(SMALL))
        gains = {cell: self.gain(cell) for cell in self._cells}
        grounds = {cell: self._scale.colour(gain, self._theme) for cell, gain in gains.items()}
        for cell, ground in grounds.items():
            painter.fillRect(inside(self.box(cell)), ground)
        hatched = [inside(self.box(cell)) for cell, gain in gains.items() if self._scale.below(gain)]
        draw_hatch(painter, hatched, self._theme)
        for cell, ground in grounds.items():
            self.write(painter, cell, readable_on(ground))
        if self._now in self._cells:
            self._frame(painter, self.box(self._now))
        self.draw_over(painter)
        self._draw_axes(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = self._area()
        self._scale.draw_legend(painter, QRectF(area.right() + 14, area.top(), 9, area.height()), self._theme)
        self.draw_beside(painter, area)

    def _area(self) -> QRectF:
        below = BARELY if self._is_low() else BELOW
        left = self._left()
        return QRectF(left, 4, max(20, self.width() - left - LEGEND), max(20, self.height() - below - 4))

    def _left(self) -> int:
        """Return the room of the rows' names at the left, in pixels."""
        metrics = QFontMetrics(font(SMALL))
        return max([LEFT, *(metrics.horizontalAdvance(str(row)) + _BESIDE_ROWS for row in self._rows)])

    def _is_low(self) -> bool:
        return self.height() < _LOW

    def _frame(self, painter: QPainter, box: QRectF) -> None:
        """Frame the cell on screen so that the frame is visible on any colour."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        lines = ((self._theme.panel, 2.0, 1.4), (self._theme.ink, 0.5, 2.0))
        for colour, inset, width in lines if box.height() >= _ROOMY else lines[1:]:
            painter.setPen(pen(colour, width))
            painter.drawRect(box.adjusted(inset, inset, -inset, -inset))

    def _draw_axes(self, painter: QPainter) -> None:
        painter.setPen(QColor(self._theme.muted))
        area, metrics = self._area(), painter.fontMetrics()
        width = area.width() / len(self._columns)
        names = [self.column_name(column) for column in self._columns]
        every = int(np.ceil((max(map(metrics.horizontalAdvance, names)) + 6) / width))
        for index, name in enumerate(names):
            if index % every == 0:
                x = area.left() + index * width
                painter.drawText(QRectF(x - 20, area.bottom() + 1, width + 40, 14), CENTRE, name)
        if self._is_low():
            painter.drawText(QRectF(0, area.bottom() + 1, area.left() - 6, 14), _RIGHT, self.low_title)
        else:
            words = self.column_title()
            wide = metrics.horizontalAdvance(words) + 2.0
            left = max(0.0, min(area.center().x() - wide / 2, self.width() - wide))  # words may be wider than the area
            painter.drawText(QRectF(left, area.bottom() + 14, wide, 15), CENTRE, words)
        height = area.height() / len(self._rows)
        last, every = len(self._rows) - 1, int(np.ceil(12 / height))
        for index, row in enumerate(self._rows):
            if (last - index) % every:
                continue
            y = area.bottom() - (index + 0.5) * height
            painter.drawText(QRectF(0, y - 8, area.left() - 6, 16), _RIGHT, str(row))
        painter.save()
        painter.translate(14, area.center().y())
        painter.rotate(-90)
        painter.drawText(QRectF(-40, -8, 80, 16), CENTRE, self.row_title)
        painter.restore()


def inside(box: QRectF) -> QRectF:
    """Return the part of a cell's rectangle that is coloured."""
    return box.adjusted(0.5, 0.5, -0.5, -0.5)
