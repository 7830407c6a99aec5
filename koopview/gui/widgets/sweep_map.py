"""A heat map of hybrid accuracy: delays to the right, ranks upwards, each cell with its figure where it fits."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from koopview.gui.history import has_labels, hybrid_measure
from koopview.gui.looks.theme import LIGHT, SMALL, Theme, font
from koopview.gui.text import percent, percent_figure
from koopview.gui.widgets.colours import viridis
from koopview.gui.widgets.copying import offer_copy
from koopview.gui.widgets.plots import pen
from koopview.study.result import FitResult

Cell = tuple[int, int | None]
"""Delays and the rank asked for, None for the automatic one."""
Cells = dict[Cell, FitResult]

LEFT, BELOW, SCALE = 46, 30, 76
_ARROWS = {Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_CENTRE = Qt.AlignmentFlag.AlignCenter


class SweepMap(QWidget):
    """``picked`` carries the cell that a click, or Return after arrow keys, chooses."""

    picked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("sweepPlot")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumHeight(90)
        self._cells: Cells = {}
        self._now: Cell | None = None
        self._delays: list[int] = []
        self._ranks: list[int | None] = []
        self._theme = LIGHT
        self._colours = [QColor(*(int(part) for part in colour)) for colour in viridis()[::-1]]
        offer_copy(self, "Sweep", self.rows)

    def show_cells(self, cells: Cells, now: Cell | None) -> None:
        """Draw `cells`; the one at `now`, which is on screen, bears a frame."""
        self._cells, self._now = cells, now
        self._delays, self._ranks = axes_of(cells)
        self.setAccessibleName(f"Hybrid accuracy over delays h and ranks r, {len(cells)} cells")
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._theme = theme
        self.update()

    def rows(self) -> list[tuple[object, ...]]:
        """Return one row a cell: h, r asked for, r used, lift fraction, fraction of 1."""
        head = ("h", "r", "r used", "lift fraction", "hybrid")
        return [head, *(self._row(cell, result) for cell, result in sorted(self._cells.items(), key=_order))]

    @staticmethod
    def _row(cell: Cell, result: FitResult) -> tuple[object, ...]:
        lift = f"{result.settings.lift_fraction:.6g}"
        return (cell[0], cell[1] or "auto", result.rank, lift, f"{hybrid_measure(result):.6g}")

    def box(self, cell: Cell) -> QRectF:
        """Return where a cell lies."""
        column, row = self._delays.index(cell[0]), self._ranks.index(cell[1])
        area = self._area()
        width, height = area.width() / len(self._delays), area.height() / len(self._ranks)
        return QRectF(area.left() + column * width, area.bottom() - (row + 1) * height, width, height)

    def tip(self, cell: Cell) -> str:
        """Return what hovering over a cell says."""
        result = self._cells[cell]
        lowered = "" if cell[1] in (None, result.rank) else f", lowered to the numerical rank {result.rank}"
        rank = f"auto, {result.rank}" if cell[1] is None else f"{cell[1]}{lowered}"
        beside = ""
        if has_labels(result):
            beside = f"<br>original {percent(result.accuracy['original'])}, affine {percent(result.accuracy['affine'])}"
        name = "hybrid" if has_labels(result) else "agreement"
        return (
            f"<b>{name} {percent(hybrid_measure(result))}</b>{beside}<br>"
            f"h = {cell[0]}, r = {rank}<br>lift fraction {result.settings.lift_fraction:.2f}"
        )

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Tell the numbers of the cell below."""
        cell = self.cell_at(event.position())
        self.setCursor(Qt.CursorShape.ArrowCursor if cell is None else Qt.CursorShape.PointingHandCursor)
        if cell is None:
            QToolTip.hideText()
        else:
            QToolTip.showText(event.globalPosition().toPoint(), self.tip(cell), self)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Pick the cell below."""
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
        """Return the cell under a point, None where there is none."""
        area = self._area()
        if not self._cells or not area.contains(point):
            return None
        column = int((point.x() - area.left()) / area.width() * len(self._delays))
        row = int((area.bottom() - point.y()) / area.height() * len(self._ranks))
        cell = (self._delays[min(column, len(self._delays) - 1)], self._ranks[min(row, len(self._ranks) - 1)])
        return cell if cell in self._cells else None

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw every cell, the axes and the scale."""
        if not self._cells:
            return
        painter = QPainter(self)
        painter.setFont(font(SMALL))
        measures = {cell: hybrid_measure(result) for cell, result in self._cells.items()}
        low, high = min(measures.values()), max(measures.values())
        for cell, measure in measures.items():
            self._draw_cell(painter, self.box(cell), measure, (measure - low) / ((high - low) or 1.0))
        if self._now in self._cells:
            painter.setPen(pen(self._theme.ink, 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.box(self._now).adjusted(0, 0, -1, -1))
        self._draw_axes(painter)
        self._draw_scale(painter, low, high)

    def _area(self) -> QRectF:
        return QRectF(LEFT, 4, max(20, self.width() - LEFT - SCALE), max(20, self.height() - BELOW - 4))

    def _draw_cell(self, painter: QPainter, box: QRectF, measure: float, share: float) -> None:
        colour = self._colours[round(share * (len(self._colours) - 1))]
        painter.fillRect(box.adjusted(0.5, 0.5, -0.5, -0.5), colour)
        text = percent_figure(measure)
        metrics = painter.fontMetrics()
        if metrics.horizontalAdvance(text) + 4 <= box.width() and metrics.height() <= box.height() + 2:
            painter.setPen(QColor("#1c1f24" if colour.lightness() > 110 else "#ffffff"))
            painter.drawText(box, _CENTRE, text)

    def _draw_axes(self, painter: QPainter) -> None:
        painter.setPen(QColor(self._theme.muted))
        area, metrics = self._area(), painter.fontMetrics()
        width = area.width() / len(self._delays)
        every = int(np.ceil((metrics.horizontalAdvance(str(self._delays[-1])) + 6) / width))
        for place, delays in enumerate(self._delays):
            if place % every == 0:
                x = area.left() + place * width
                painter.drawText(QRectF(x - 20, area.bottom() + 1, width + 40, 14), _CENTRE, str(delays))
        first = self._cells[next(iter(self._cells))].settings
        caption = f"delays h  (lift fraction 0 → {(first.steps - 1) / first.steps:.2f})"
        painter.drawText(QRectF(area.left(), area.bottom() + 14, area.width(), 15), _CENTRE, caption)
        height = area.height() / len(self._ranks)
        last, every = len(self._ranks) - 1, int(np.ceil(12 / height))
        for place, rank in enumerate(self._ranks):
            if (last - place) % every:
                continue
            y = area.bottom() - (place + 0.5) * height
            text = f"{'r = ' if place == last else ''}{'auto' if rank is None else rank}"
            painter.drawText(QRectF(0, y - 8, LEFT - 6, 16), _RIGHT, text)

    def _draw_scale(self, painter: QPainter, low: float, high: float) -> None:
        area = self._area()
        bar = QRectF(area.right() + 14, area.top() + 16, 8, max(20, area.height() - 32))
        steps = len(self._colours)
        for place, colour in enumerate(self._colours):
            y = bar.bottom() - (place + 1) * bar.height() / steps
            painter.fillRect(QRectF(bar.left(), y, bar.width(), bar.height() / steps + 1), colour)
        painter.setPen(QColor(self._theme.muted))
        for y, text in ((bar.top() - 15, percent(high)), (bar.bottom() + 1, percent(low))):
            painter.drawText(QRectF(bar.left() - 4, y, SCALE - 10, 14), Qt.AlignmentFlag.AlignLeft, text)


def axes_of(cells: Cells) -> tuple[list[int], list[int | None]]:
    """Return the delays and the ranks that `cells` have, rising, the automatic rank last."""
    ranks = {rank for _, rank in cells}
    return sorted({delays for delays, _ in cells}), sorted(ranks, key=lambda rank: (rank is None, rank or 0))


def _order(item: tuple[Cell, FitResult]) -> tuple[int, bool, int]:
    (delays, rank), _ = item
    return delays, rank is None, rank or 0
