"""A grid of small complex planes, ranks upwards and delays to the right (figure 4 of the paper)."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent

from koopview.gui.looks.theme import SMALL, bold, font
from koopview.gui.plots.painted import Painted
from koopview.gui.plots.small_plane import Seen, draw_numbers, draw_plane
from koopview.gui.plots.sweep_cells import Cell, Cells, axes_of
from koopview.gui.session.sweeping import spread
from koopview.gui.text import score
from koopview.gui.widgets.save_menu import make_exportable
from koopview.study.export import SETTINGS, settings_columns

SMALLEST, HEAD = 72, 28
"""Least side of a plane, and height of its caption."""

LARGEST = 180
"""Largest side of a plane in a figure."""

LEFT, BELOW = 44, 18
"""Room for the numbers and names of the axes beside the outer planes."""


class EigenvalueGrid(Painted):
    """Draws as many cells as have room, spread over both axes; ``picked`` carries a clicked cell."""

    picked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("eigenvalueGrid")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMinimumHeight(86)
        self._cells: Cells = {}
        self._now: Cell | None = None
        self.exportable = make_exportable(self, "Eigenvalues over r and h", self.rows)

    def show_cells(self, cells: Cells, now: Cell | None) -> None:
        """Draw `cells`; the cell `now`, whose result is on screen, is always drawn."""
        self._cells, self._now = cells, now
        self.setAccessibleName(f"Eigenvalues for {len(cells)} pairs of rank r and delays h")
        self.update()

    def rows(self) -> list[Sequence[object]]:
        """Return one row per eigenvalue of the cells drawn: settings, real and imaginary part."""
        rows: list[Sequence[object]] = [(*SETTINGS, "Re λ", "Im λ")]
        for cell, _ in self.boxes():
            result = self._cells[cell]
            settings = settings_columns(result.summary()).values()
            rows += [(*settings, f"{value.real:.9g}", f"{value.imag:.9g}") for value in result.eigenvalues]
        return rows

    def boxes(self) -> list[tuple[Cell, QRectF]]:
        """Return the cells drawn and their rectangles."""
        delays, ranks = axes_of(self._cells)
        if not delays:
            return []
        left, below = self.width() - LEFT, self.height() - BELOW
        columns = spread(delays, max(1, left // SMALLEST), None if self._now is None else self._now[0])
        rank = ranks[-1] if self._now is None or self._now[1] not in ranks else self._now[1]
        rows = spread(ranks, max(1, below // (SMALLEST + HEAD)), rank)  # one row alone is no lone eigenvalue's
        width, height = left / len(columns), below / len(rows)
        return [
            ((h, r), QRectF(LEFT + column * width, (len(rows) - 1 - row) * height, width, height))
            for column, h in enumerate(columns)
            for row, r in enumerate(rows)
            if (h, r) in self._cells
        ]

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Pick the plane under the mouse."""
        found = [cell for cell, box in self.boxes() if box.contains(event.position())]
        if found and event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(found[0])

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw every plane, and numbers beside the outer ones."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        boxes = self.boxes()
        if not boxes:
            return
        seen = Seen.of([self._cells[cell].eigenvalues for cell, _ in boxes])
        left, lowest = min(box.left() for _, box in boxes), max(box.bottom() for _, box in boxes)
        for cell, box in boxes:
            plane = plane_in(box)
            self._caption(painter, cell, box)
            draw_plane(painter, self._theme, plane, seen, self._cells[cell].eigenvalues, cell == self._now)
            if box.left() == left:
                draw_numbers(painter, self._theme, plane, seen, upwards=True)
            if box.bottom() == lowest:
                draw_numbers(painter, self._theme, plane, seen, upwards=False)
        self._name_axes(painter, [plane_in(box) for _, box in boxes])

    def _name_axes(self, painter: QPainter, planes: Sequence[QRectF]) -> None:
        """Write the axes' names beside the numbers of the upper and the lower plane at the left."""
        painter.setPen(QColor(self._theme.muted))
        left = min(plane.left() for plane in planes)
        upper, lower = min(plane.center().y() for plane in planes), max(plane.bottom() for plane in planes)
        for top, name in ((upper - 7, "Im λ"), (lower + 1, "Re λ")):
            painter.drawText(QRectF(left - LEFT, top, LEFT - 16, 14), Qt.AlignmentFlag.AlignRight, name)

    def _caption(self, painter: QPainter, cell: Cell, box: QRectF) -> None:
        theme, result, shown = self._theme, self._cells[cell], cell == self._now
        caption = f"h {cell[0]}, r {result.rank}\n{score(result.hybrid, result.measure)}"
        painter.setFont(bold(SMALL) if shown else font(SMALL))
        painter.setPen(QColor(theme.ink if shown else theme.muted))
        painter.drawText(QRectF(box.left(), box.top(), box.width(), HEAD), Qt.AlignmentFlag.AlignCenter, caption)
        painter.setFont(font(SMALL))


def height_of(cells: Cells, width: int) -> int:
    """Return the height at which all `cells` are square for a `width`, and no larger than `LARGEST`."""
    delays, ranks = axes_of(cells)
    side = min(LARGEST, (width - LEFT) // max(1, len(delays)))
    return BELOW + max(1, len(ranks)) * (HEAD + side)


def plane_in(box: QRectF) -> QRectF:
    """Return the square below the caption of a cell."""
    side = min(box.width(), box.height() - HEAD) - 6
    middle = QPointF(box.center().x(), box.top() + HEAD + (box.height() - HEAD) / 2)
    return QRectF(middle.x() - side / 2, middle.y() - side / 2, side, side)
