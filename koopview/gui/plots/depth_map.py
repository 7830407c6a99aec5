"""A heat map of blocks, or time steps, replaced by one operator: the first to the right, their number upwards."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter

from koopview.gui.looks.pens import pen
from koopview.gui.plots.cell_map import CENTRE, CellMap, inside
from koopview.gui.plots.sweep_scale import scale_of
from koopview.gui.text import change, counted, gain, score
from koopview.gui.widgets.save_menu import make_exportable
from koopview.study.depth_result import DepthResult, depth_rows

DepthCell = tuple[int, int]
"""Index of the first block, and number of blocks."""

LEGEND_TIP = (
    "<b>Blue</b>: better than every control of the same cell; the deeper, the more<br>"
    "<b>Grey, hatched</b>: worse than the best of them: one affine map, one a block, the blocks left out, the mean<br>"
    "The number in a cell is the difference to that control, in points (of R² as it is)<br>"
    "The ends of the scale are what the controls leave to gain and to lose, whatever the cells do"
)


class DepthMap(CellMap):
    """The cells of one stream's table; those still to come have an outline."""

    legend_tip = LEGEND_TIP
    _cells: Mapping[DepthCell, DepthResult]

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("depthPlot")
        self._names: Sequence[str] = ()
        self._unit = "block"
        self._starts: Sequence[int] = ()
        self._numbers: Sequence[int] = ()
        self.exportable = make_exportable(self, "Depth", self.rows)
        self.exportable.fills = True

    def show_cells(self, cells: Mapping[DepthCell, DepthResult], now: DepthCell | None) -> None:
        """Draw `cells`; the cell `now`, whose numbers are shown, has a frame."""
        self._cells, self._now, self._scale = cells, now, None
        if cells:
            some = list(cells.values())
            self._names, self._unit = some[0].stream, some[0].unit
            self._starts, self._numbers = self._columns, self._rows = some[0].grid
            self.row_title = {"block": "blocks p"}.get(self._unit, "steps p")  # there is room for few letters
            self._scale = scale_of(
                [level for cell in some if (level := best_level(cell)) is not None],
                [cell.rows for cell in some],
                some[0].measure,
            )
        self.setAccessibleName(
            f"Score over first {self._unit} and number of {self._unit}s, {counted(len(cells), 'cell')}"
        )
        self.setAccessibleDescription(self._said())
        self.update()

    def rows(self) -> list[Sequence[object]]:
        """Return one row per cell, as in ``koopview depth --csv``."""
        return list(depth_rows([self._cells[cell] for cell in sorted(self._cells, key=lambda cell: cell[::-1])]))

    def gain(self, cell: DepthCell) -> float | None:
        """Return the operator's lead over the best control of the cell, None if nothing is measured."""
        found = self._cells[cell].above_best_control
        return None if found is None else found.value

    def tip(self, cell: DepthCell) -> str:
        """Return the tooltip of a cell: all its scores, and the lead."""
        result = self._cells[cell]
        known = {name: value for name, value in result.rows.items() if value is not None}
        rows = "".join(
            f"<tr><td>{row_name(name, result.unit)}&nbsp;</td>"
            f"<td align='right'>{score(value, result.measure)}</td></tr>"
            for name, value in known.items()
        )
        return f"{blocks_words(result)}<table>{rows}</table>above best control {lead_words(result)}"

    def write(self, painter: QPainter, cell: DepthCell, ink: QColor) -> None:
        """Write a cell's lead, and its score below if there is room."""
        box, metrics, result = self.box(cell), painter.fontMetrics(), self._cells[cell]
        value = self.gain(cell)
        told = score(result.rows["koopman"], result.measure)
        text = told if value is None else change(value, result.measure).removesuffix(" points")
        if metrics.horizontalAdvance(text) + 4 > box.width() or metrics.height() > box.height() + 2:
            return
        if value is not None and box.height() >= 2 * metrics.height() and metrics.horizontalAdvance(told) < box.width():
            text += f"\n{told}"
        painter.setPen(ink)
        painter.drawText(box, CENTRE, text)

    def column_title(self) -> str:
        """Return the words below the blocks' names."""
        return f"first {self._unit} that is replaced"

    def column_name(self, column: int) -> str:
        """Return the name of a block, or the number of a time step."""
        return self._names[column]

    def draw_over(self, painter: QPainter) -> None:
        """Outline the cells that are still to come."""
        painter.setPen(pen(self._theme.track, 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for start in self._starts:
            for blocks in self._numbers:
                if start + blocks <= len(self._names) and (start, blocks) not in self._cells:
                    painter.drawRect(inside(self.box((start, blocks))).adjusted(1, 1, -1, -1))

    def _said(self) -> str:
        """Return in words how many cells are better than their controls."""
        gains = [value for cell in self._cells if (value := self.gain(cell)) is not None]
        below = sum(value < 0 for value in gains)
        return f"{below} of {counted(len(gains), 'cell')} are worse than their best control" if gains else ""


def best_level(cell: DepthResult) -> float | None:
    """Return the score of the best control, None if nothing is measured."""
    found = cell.above_best_control
    return None if found is None else cell.rows[found.control]


def row_name(name: str, unit: str = "block") -> str:
    """Return the displayed name of one of DEPTH_ROWS: "affine a block", or "affine a step" where the unit is one."""
    known = {"koopman": "Kᵖ", "affine_blocks": "affine a block" if unit == "block" else "affine a step"}
    return known.get(name, name)


def blocks_words(cell: DepthResult) -> str:
    """Return the replaced blocks in words: "blocks 1 to 3", "time step 7"."""
    names = cell.blocks
    return f"{cell.unit} {names[0]}" if len(names) == 1 else f"{cell.unit}s {names[0]} to {names[-1]}"


def lead_words(cell: DepthResult) -> str:
    """Return the lead over the best control with its standard error and that control: "−2.5 ± 0.3 points (mean)"."""
    found = cell.above_best_control
    return (
        "–"
        if found is None
        else f"{gain(found.value, found.error, cell.measure)} ({row_name(found.control, cell.unit)})"
    )
