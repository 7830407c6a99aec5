"""The rows' scores of both fits as pairs of markers on one axis, and their difference with its error."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy

from koopview.gui.compare.side_looks import GLYPHS, draw_marker, side_colours
from koopview.gui.history import CLEARLY
from koopview.gui.looks.pens import pen
from koopview.gui.looks.theme import SMALL, bold, font
from koopview.gui.plots.painted import Painted
from koopview.gui.text import gain, row_name, score, score_figure
from koopview.gui.widgets.save_menu import make_exportable
from koopview.study.comparing import Comparison, RowDifference, comparison_rows
from koopview.study.sides import SIDES
from koopview.words import MISSING

_NAME, _FIGURE, _GAP, _HEAD, _LOWEST = 86, 46, 10, 20, 17
_LEAST_AXIS = 76
_MIDDLE = Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | _MIDDLE


class ScorePairs(Painted):
    """A row for each network compared with: A's and B's marker on an axis, both scores, and B − A ± its error."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("compareScores")
        self._found: Comparison | None = None
        self.setAccessibleName("Scores of both fits")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        make_exportable(self, "Comparison: scores", lambda: [] if self._found is None else comparison_rows(self._found))

    def show_comparison(self, found: Comparison | None) -> None:
        """Draw the scores of a comparison, nothing for None."""
        self._found = found
        self.setAccessibleDescription(". ".join(self.words()))
        self.setToolTip("" if found is None else _tip(found))
        self.update()

    def words(self) -> list[str]:
        """Return one sentence a row: both scores and the difference."""
        if self._found is None:
            return []
        return [f"{row_name(row.name)}: {self._said(row)}" for row in self._found.rows]

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the room that all rows want."""
        return QSize(440, _HEAD + 8 * 26)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the least room in which all rows can be read."""
        return QSize(360, _HEAD + 7 * _LOWEST)

    def _said(self, row: RowDifference) -> str:
        assert self._found is not None
        sides = zip(SIDES, self._found.sides, row.scores, strict=True)
        told = [f"{name} {score(value, side.result.measure)}" for name, side, value in sides]
        return f"{', '.join(told)}, difference {self._difference(row)}"

    def _difference(self, row: RowDifference) -> str:
        measure = None if self._found is None else self._found.measure
        return MISSING if row.difference is None or measure is None else gain(*row.difference, measure)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the heads and every row."""
        if self._found is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(SMALL))
        lead = max(QFontMetrics(font(SMALL)).horizontalAdvance(self._difference(row)) for row in self._found.rows)
        lead = max(lead, QFontMetrics(font(SMALL)).horizontalAdvance("B − A, unpaired error")) + 4
        axis = QRectF(_NAME, _HEAD, self.width() - _NAME - 2 * _FIGURE - lead - 3 * _GAP, self.height() - _HEAD)
        self._draw_heads(painter, axis, lead)
        height = axis.height() / len(self._found.rows)
        low, high = self._ends()
        for index, row in enumerate(self._found.rows):
            band = QRectF(0, _HEAD + index * height, self.width(), height)
            self._draw_row(painter, row, band, axis, (low, high), lead)

    def _ends(self) -> tuple[float, float]:
        """Return the ends of the axis: 0 and 1, lower if a score is negative (R2)."""
        known = [
            value for row in (self._found.rows if self._found else ()) for value in row.scores if value is not None
        ]
        return max(-1.0, min(0.0, *known)) if known else 0.0, 1.0

    def _columns(self, band: QRectF, axis: QRectF, lead: float) -> list[QRectF]:
        """Return the boxes of A's score, B's score and the difference in a band."""
        left = axis.right() + _GAP
        widths = (_FIGURE, _FIGURE, lead)
        boxes = []
        for width in widths:
            boxes.append(QRectF(left, band.top(), width, band.height()))
            left += width + (0 if len(boxes) == 1 else _GAP)
        return boxes

    def _draw_heads(self, painter: QPainter, axis: QRectF, lead: float) -> None:
        assert self._found is not None
        painter.setPen(QColor(self._theme.muted))
        kind = "paired" if self._found.paired else "unpaired"
        texts = (*(f"{glyph} {name}" for glyph, name in zip(GLYPHS, SIDES, strict=True)), f"B − A, {kind} error")
        inks = (*side_colours(self._theme), self._theme.muted)
        for text, ink, box in zip(texts, inks, self._columns(QRectF(0, 0, 0, _HEAD), axis, lead), strict=True):
            painter.setPen(QColor(ink))
            painter.drawText(box, _RIGHT, text)
        painter.setPen(QColor(self._theme.muted))
        head = QRectF(axis.left(), 0, axis.width(), _HEAD)
        low, high = self._ends()
        if axis.width() < _LEAST_AXIS:  # its ends would be written over each other
            return
        for value, side in ((low, Qt.AlignmentFlag.AlignLeft), (high, Qt.AlignmentFlag.AlignRight)):
            painter.drawText(head, side | _MIDDLE, score(value, self._found.one.result.measure))

    def _draw_row(
        self,
        painter: QPainter,
        row: RowDifference,
        band: QRectF,
        axis: QRectF,
        ends: tuple[float, float],
        lead: float,
    ) -> None:
        assert self._found is not None
        strong = row.name == "hybrid"
        painter.setFont(bold(SMALL) if strong else font(SMALL))
        painter.setPen(QColor(self._theme.ink))
        painter.drawText(QRectF(0, band.top(), _NAME - _GAP, band.height()), _MIDDLE, row_name(row.name))
        middle, places = band.center().y(), []
        painter.setPen(pen(self._theme.grid, 3.0))
        painter.drawLine(QPointF(axis.left(), middle), QPointF(axis.right(), middle))
        for value in row.scores:
            share = None if value is None else (min(max(value, ends[0]), ends[1]) - ends[0]) / (ends[1] - ends[0])
            places.append(None if share is None else QPointF(axis.left() + share * axis.width(), middle))
        self._draw_pair(painter, places)
        measures = [side.result.measure for side in self._found.sides]
        texts: Sequence[str] = [score_figure(value, one) for value, one in zip(row.scores, measures, strict=True)]
        inks = (self._theme.ink, self._theme.ink, self._theme.ink if is_clear(row) else self._theme.muted)
        boxes = self._columns(band, axis, lead)
        for text, ink, box in zip((*texts, self._difference(row)), inks, boxes, strict=True):
            painter.setPen(QColor(ink))
            painter.drawText(box, _RIGHT, text)

    def _draw_pair(self, painter: QPainter, places: Sequence[QPointF | None]) -> None:
        """Draw the line between both markers, then these."""
        first, second = places
        if first is not None and second is not None:
            painter.setPen(pen(self._theme.muted, 1.6))
            painter.drawLine(first, second)
        for side, place in enumerate(places):
            if place is not None:
                draw_marker(painter, self._theme, side, place)


def is_clear(row: RowDifference) -> bool:
    """Return whether a difference is more than CLEARLY errors: only such are written in ink."""
    return row.difference is not None and abs(row.difference[0]) > CLEARLY * row.difference[1]


def _tip(found: Comparison) -> str:
    """Return how the errors are to be read."""
    paired = "Both were measured on the same test samples: the error is that of the paired difference"
    unpaired = "The test samples differ: the error is that of two independent scores, larger than a paired one"
    return f"{paired if found.paired else unpaired}. What is within two errors is grey"
