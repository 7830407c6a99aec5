"""A heat map of hybrid scores: delays to the right, ranks upwards, each cell with its number if it fits."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF

from koopview.gui.history import gain_of
from koopview.gui.looks.pens import pen
from koopview.gui.plots.cell_map import CENTRE, LEGEND, CellMap, inside
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
from koopview.gui.plots.sweep_scale import scale_of_sweep
from koopview.gui.text import counted, score_figure
from koopview.gui.widgets.save_menu import make_exportable
from koopview.study.export import cell_rows

NOTCH = 5
_RING_INSET, _RING_HEIGHT = 2.5, 15.0
"""Distance of the ring from its cell's edge, and its least height, which a number needs."""


class SweepMap(CellMap):
    """The cells of a sweep: the best one has a ring, and those of a lowered rank a mark."""

    row_title, low_title, legend_tip = "rank r", "h", MAP_TIP
    _cells: Cells

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("sweepPlot")
        self._best: Cell | None = None
        self.exportable = make_exportable(self, "Sweep", self.rows)
        self.exportable.fills = True

    def show_cells(self, cells: Cells, now: Cell | None) -> None:
        """Draw `cells`; the cell `now`, whose result is on screen, has a frame."""
        self._cells, self._now = cells, now
        self._columns, self._rows = axes_of(cells)
        self._scale = scale_of_sweep(cells.values()) if cells else None
        self._best = best_cell(cells)
        self.setAccessibleName(f"Hybrid scores over delays h and ranks r, {counted(len(cells), 'cell')}")
        self.setAccessibleDescription(self._said())
        self.update()

    def rows(self) -> list[Sequence[object]]:
        """Return one row per cell, as in ``koopview sweep --csv``."""
        return cell_rows(result for _, result in sorted(self._cells.items(), key=cell_order))

    def tip(self, cell: Cell) -> str:
        """Return the tooltip of a cell."""
        return cell_tip(cell, self._cells[cell])

    def gain(self, cell: Cell) -> float | None:
        """Return a hybrid's gain over its best affine control, None if it is not known."""
        return gain_of(self._cells[cell])

    def _said(self) -> str:
        """Return in words the meaning of the colours and the ring."""
        gains = [gain_of(result) for result in self._cells.values()]
        if self._scale is None or None in gains:
            return best_words(self._cells)
        below = sum(self._scale.below(gain) for gain in gains)
        return f"{below} of {len(gains)} cells are worse than their best affine control; {best_words(self._cells)}"

    def write(self, painter: QPainter, cell: Cell, ink: QColor) -> None:
        """Write a cell's number if it fits, and mark a lowered rank, with its value if there is room."""
        box, metrics = self.box(cell), painter.fontMetrics()
        lowered, rank = is_lowered(cell, self._cells[cell]), self._cells[cell].rank
        if lowered:
            _draw_notch(painter, inside(box).bottomRight(), ink)
        text = score_figure(self._cells[cell].hybrid, self._cells[cell].measure)
        if metrics.horizontalAdvance(text) + 4 > box.width() or metrics.height() > box.height() + 2:
            return
        if lowered and box.height() >= 2 * metrics.height() and metrics.horizontalAdvance(f"r = {rank}") < box.width():
            text += f"\nr = {rank}"
        painter.setPen(ink)
        painter.drawText(box, CENTRE, text)

    def draw_over(self, painter: QPainter) -> None:
        """Draw a ring into the best cell, in two colours, so that it is visible on any colour."""
        if self._best is None:
            return
        box = self.box(self._best)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        inset = min(_RING_INSET, (box.height() - _RING_HEIGHT) / 2)  # around a low cell, not through its number
        ring = box.adjusted(_RING_INSET, inset, -_RING_INSET, -inset)
        radius = min(ring.width(), ring.height()) / 2
        for colour, width in ((self._theme.panel, 3.4), (self._theme.ink, 1.6)):
            painter.setPen(pen(colour, width))
            painter.drawRoundedRect(ring, radius, radius)

    def column_title(self) -> str:
        """Return the words below the delays."""
        fractions = {cell[0]: result.settings.lift_fraction for cell, result in self._cells.items()}
        lifts = [f"{fractions[delays]:.2f}" for delays in sorted({min(fractions), max(fractions)})]
        return f"delays h  (lift fraction {' → '.join(lifts)})"

    def draw_beside(self, painter: QPainter, area: QRectF) -> None:
        """Explain the mark of a lowered rank where there is one."""
        if any(is_lowered(cell, result) for cell, result in self._cells.items()):
            _draw_notch(painter, QPointF(area.right() + 23, area.bottom() + 14), QColor(self._theme.muted))
            painter.setPen(QColor(self._theme.muted))
            words = QRectF(area.right() + 33, area.bottom() + 3, LEGEND - 33, 14)
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, "r lowered")


def _draw_notch(painter: QPainter, corner: QPointF, colour: QColor) -> None:
    """Draw the mark of a lowered rank into a lower right corner."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPolygon(QPolygonF([corner, corner - QPointF(NOTCH, 0), corner - QPointF(0, NOTCH)]))
