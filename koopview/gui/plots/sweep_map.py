"""A heat map of hybrid scores: delays to the right, ranks upwards, each cell with its number if it fits."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QToolTip

from koopview.gui.history import gain_of
from koopview.gui.looks.pens import pen
from koopview.gui.looks.theme import SMALL, font
from koopview.gui.plots.classes import readable_on
from koopview.gui.plots.painted import Painted
from koopview.gui.plots.sweep_cells import (
    MAP_TIP,
    Cell,
    Cells,
    axes_of,
    best_cell,
    best_words,
    cell_order,
    cell_tip,
    is_lowered,
)
from koopview.gui.plots.sweep_scale import SweepScale, draw_hatch, scale_of_sweep
from koopview.gui.text import counted, score_figure
from koopview.gui.widgets.save_menu import make_exportable
from koopview.study.export import cell_rows
from koopview.study.result import FitResult

LEFT, BELOW, BARELY, LEGEND = 60, 30, 16, 112
"""Room for the ranks at the left (at least), for the delays with and without their name, and for the legend."""

_BESIDE_RANKS = 34
"""Room beside a rank at the left: the vertical "rank r", and the gaps around both."""

_LOW = 120
"""Height below which cells need the room of the words below: the delays are then named only h."""

NOTCH = 5
_RING_INSET, _RING_HEIGHT = 2.5, 15.0
"""Distance of the ring from its cell's edge, and its least height, which a number needs."""

_ROOMY = 14
"""Least height of a cell whose frame has a second line and still shows its colour."""

_ARROWS = {Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_CENTRE = Qt.AlignmentFlag.AlignCenter


class SweepMap(Painted):
    """``picked`` carries the cell that a click, or Return after arrow keys, chooses."""

    picked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("sweepPlot")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumHeight(86)
        self._cells: Cells = {}
        self._now: Cell | None = None
        self._delays: list[int] = []
        self._ranks: list[int | str] = []
        self._scale: SweepScale | None = None
        self._best: Cell | None = None
        self.exportable = make_exportable(self, "Sweep", self.rows)
        self.exportable.fills = True

    def show_cells(self, cells: Cells, now: Cell | None) -> None:
        """Draw `cells`; the cell `now`, whose result is on screen, has a frame."""
        self._cells, self._now = cells, now
        self._delays, self._ranks = axes_of(cells)
        self._scale = scale_of_sweep(cells.values()) if cells else None
        self._best = best_cell(cells)
        self.setAccessibleName(f"Hybrid scores over delays h and ranks r, {counted(len(cells), 'cell')}")
        self.setAccessibleDescription(self._said())
        self.update()

    def rows(self) -> list[Sequence[object]]:
        """Return one row per cell, as in ``koopview sweep --csv``."""
        return cell_rows(result for _, result in sorted(self._cells.items(), key=cell_order))

    def box(self, cell: Cell) -> QRectF:
        """Return the rectangle of a cell."""
        column, row = self._delays.index(cell[0]), self._ranks.index(cell[1])
        area = self._area()
        width, height = area.width() / len(self._delays), area.height() / len(self._ranks)
        return QRectF(area.left() + column * width, area.bottom() - (row + 1) * height, width, height)

    def tip(self, cell: Cell) -> str:
        """Return the tooltip of a cell."""
        return cell_tip(cell, self._cells[cell])

    def _is_below(self, result: FitResult) -> bool:
        return self._scale is not None and self._scale.below(gain_of(result))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Show the numbers of the cell under the mouse."""
        cell = self.cell_at(event.position())
        self.setCursor(Qt.CursorShape.ArrowCursor if cell is None else Qt.CursorShape.PointingHandCursor)
        over_legend = event.position().x() > self._area().right()
        said = MAP_TIP if over_legend else "" if cell is None else self.tip(cell)
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
        column, row = self._delays.index(self._now[0]) + by[0], self._ranks.index(self._now[1]) + by[1]
        if 0 <= column < len(self._delays) and 0 <= row < len(self._ranks):
            cell = (self._delays[column], self._ranks[row])
            if cell in self._cells:
                self.picked.emit(cell)

    def cell_at(self, point: QPointF) -> Cell | None:
        """Return the Cell under a point, None if there is none."""
        area = self._area()
        if not self._cells or not area.contains(point):
            return None
        column = int((point.x() - area.left()) / area.width() * len(self._delays))
        row = int((area.bottom() - point.y()) / area.height() * len(self._ranks))
        cell = (self._delays[min(column, len(self._delays) - 1)], self._ranks[min(row, len(self._ranks) - 1)])
        return cell if cell in self._cells else None

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw every cell, the axes and the legend."""
        if self._scale is None:
            return
        painter = QPainter(self)
        painter.setFont(font(SMALL))
        grounds = {cell: self._scale.colour(gain_of(result), self._theme) for cell, result in self._cells.items()}
        for cell, ground in grounds.items():
            painter.fillRect(_inside(self.box(cell)), ground)
        hatched = [_inside(self.box(cell)) for cell, result in self._cells.items() if self._is_below(result)]
        draw_hatch(painter, hatched, self._theme)
        for cell, ground in grounds.items():
            self._write(painter, cell, readable_on(ground))
        if self._now in self._cells:
            self._frame(painter, self.box(self._now))
        if self._best is not None:
            self._ring(painter, self.box(self._best))
        self._draw_axes(painter)
        self._draw_legend(painter, self._scale)

    def _said(self) -> str:
        """Return in words the meaning of the colours and the ring."""
        gains = [gain_of(result) for result in self._cells.values()]
        if self._scale is None or None in gains:
            return best_words(self._cells)
        below = sum(self._scale.below(gain) for gain in gains)
        return f"{below} of {len(gains)} cells are worse than their best affine control; {best_words(self._cells)}"

    def _area(self) -> QRectF:
        below = BARELY if self._is_low() else BELOW
        left = self._left()
        return QRectF(left, 4, max(20, self.width() - left - LEGEND), max(20, self.height() - below - 4))

    def _left(self) -> int:
        """Return the room of the ranks at the left, in pixels."""
        metrics = QFontMetrics(font(SMALL))
        return max([LEFT, *(metrics.horizontalAdvance(str(rank)) + _BESIDE_RANKS for rank in self._ranks)])

    def _is_low(self) -> bool:
        return self.height() < _LOW

    def _write(self, painter: QPainter, cell: Cell, ink: QColor) -> None:
        """Write a cell's number if it fits, and mark a lowered rank, with its value if there is room."""
        box, metrics = self.box(cell), painter.fontMetrics()
        lowered, rank = is_lowered(cell, self._cells[cell]), self._cells[cell].rank
        if lowered:
            _draw_notch(painter, _inside(box).bottomRight(), ink)
        text = score_figure(self._cells[cell].hybrid, self._cells[cell].measure)
        if metrics.horizontalAdvance(text) + 4 > box.width() or metrics.height() > box.height() + 2:
            return
        if lowered and box.height() >= 2 * metrics.height() and metrics.horizontalAdvance(f"r = {rank}") < box.width():
            text += f"\nr = {rank}"
        painter.setPen(ink)
        painter.drawText(box, _CENTRE, text)

    def _frame(self, painter: QPainter, box: QRectF) -> None:
        """Frame the cell on screen so that the frame is visible on any colour."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        lines = ((self._theme.panel, 2.0, 1.4), (self._theme.ink, 0.5, 2.0))
        for colour, inset, width in lines if box.height() >= _ROOMY else lines[1:]:
            painter.setPen(pen(colour, width))
            painter.drawRect(box.adjusted(inset, inset, -inset, -inset))

    def _ring(self, painter: QPainter, box: QRectF) -> None:
        """Draw a ring into the best cell, in two colours, so that it is visible on any colour."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        inset = min(_RING_INSET, (box.height() - _RING_HEIGHT) / 2)  # around a low cell, not through its number
        inside = box.adjusted(_RING_INSET, inset, -_RING_INSET, -inset)
        radius = min(inside.width(), inside.height()) / 2
        for colour, width in ((self._theme.panel, 3.4), (self._theme.ink, 1.6)):
            painter.setPen(pen(colour, width))
            painter.drawRoundedRect(inside, radius, radius)

    def _draw_axes(self, painter: QPainter) -> None:
        painter.setPen(QColor(self._theme.muted))
        area, metrics = self._area(), painter.fontMetrics()
        width = area.width() / len(self._delays)
        every = int(np.ceil((metrics.horizontalAdvance(str(self._delays[-1])) + 6) / width))
        for index, delays in enumerate(self._delays):
            if index % every == 0:
                x = area.left() + index * width
                painter.drawText(QRectF(x - 20, area.bottom() + 1, width + 40, 14), _CENTRE, str(delays))
        if self._is_low():
            painter.drawText(QRectF(0, area.bottom() + 1, area.left() - 6, 14), _RIGHT, "h")
        else:
            words = self._delay_words()
            wide = metrics.horizontalAdvance(words) + 2.0
            left = max(0.0, min(area.center().x() - wide / 2, self.width() - wide))  # words may be wider than the area
            painter.drawText(QRectF(left, area.bottom() + 14, wide, 15), _CENTRE, words)
        height = area.height() / len(self._ranks)
        last, every = len(self._ranks) - 1, int(np.ceil(12 / height))
        for index, rank in enumerate(self._ranks):
            if (last - index) % every:
                continue
            y = area.bottom() - (index + 0.5) * height
            painter.drawText(QRectF(0, y - 8, area.left() - 6, 16), _RIGHT, str(rank))
        painter.save()
        painter.translate(14, area.center().y())
        painter.rotate(-90)
        painter.drawText(QRectF(-40, -8, 80, 16), _CENTRE, "rank r")
        painter.restore()

    def _delay_words(self) -> str:
        """Return the words below the delays."""
        fractions = {cell[0]: result.settings.lift_fraction for cell, result in self._cells.items()}
        lifts = [f"{fractions[delays]:.2f}" for delays in sorted({self._delays[0], self._delays[-1]})]
        return f"delays h  (lift fraction {' → '.join(lifts)})"

    def _draw_legend(self, painter: QPainter, scale: SweepScale) -> None:
        area = self._area()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scale.draw_legend(painter, QRectF(area.right() + 14, area.top(), 9, area.height()), self._theme)
        if any(is_lowered(cell, result) for cell, result in self._cells.items()):
            _draw_notch(painter, QPointF(area.right() + 23, area.bottom() + 14), QColor(self._theme.muted))
            painter.setPen(QColor(self._theme.muted))
            words = QRectF(area.right() + 33, area.bottom() + 3, LEGEND - 33, 14)
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, "r lowered")


def _inside(box: QRectF) -> QRectF:
    return box.adjusted(0.5, 0.5, -0.5, -0.5)


def _draw_notch(painter: QPainter, corner: QPointF, colour: QColor) -> None:
    """Draw the mark of a lowered rank into a lower right corner."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPolygon(QPolygonF([corner, corner - QPointF(NOTCH, 0), corner - QPointF(0, NOTCH)]))
