"""A confusion matrix: counts by true class (rows) and predicted class (columns), and each row's recall."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip

from koopview.gui.looks.theme import SMALL, UNIT, bold, font
from koopview.gui.plots.classes import mixed, readable_on
from koopview.gui.plots.painted import Painted
from koopview.gui.text import count
from koopview.words import MISSING, percent, percent_figure

TITLE, LINE, HEAD, RECALL = 18, 14, 15, 48
LOWEST_ROW, HIGHEST_ROW, TALL_ROW = 14, 44, 32
"""Heights of a row: least, most, and the least with room for two lines."""
_LOWEST_CELL, _USUAL_CELL, _WIDEST_CELL, _WIDEST_NAME = 22, 46, 96, 90
"""Widths of a cell: least, with room for two lines, most; and most of a name."""
_BRIGHTEST = 0.85
_CENTRE = Qt.AlignmentFlag.AlignCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ConfusionMatrix(Painted):
    """Draws counts; a cell's colour is as deep as the root of its share of the row, so that small shares show."""

    def __init__(self, accessible: str, colour: str, strong: bool = False) -> None:
        super().__init__()
        self.setAccessibleName(accessible)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._colour, self._strong = colour, strong
        self._counts = np.zeros((0, 0), dtype=int)
        self._names: tuple[str, ...] = ()
        self._title, self._axes = "", ""

    def show_counts(self, counts: np.ndarray, names: Sequence[str], title: str, axes: str = "") -> None:
        """Draw `counts` (classes, classes), whose classes are called `names`; `axes` says what rows and columns are."""
        self._counts, self._names, self._title, self._axes = counts, tuple(names), title, axes
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the room in which every count can be read."""
        classes = len(self._counts)
        return QSize(self._name_width() + classes * _USUAL_CELL + RECALL, self._above() + classes * 22)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the least room in which rows can be distinguished, without the recalls."""
        classes = len(self._counts)
        return QSize(self._least_width(), self._above() + classes * LOWEST_ROW)

    def titles(self) -> list[str]:
        """Return the lines of the title: one, or two where one has no room."""
        whole = ": ".join(filter(None, (self._title, self._axes)))
        face = QFontMetrics(bold(SMALL) if self._strong else font(SMALL))
        return [whole] if face.horizontalAdvance(whole) <= self.width() else [self._title, self._axes]

    def cell(self, row: int, column: int) -> QRectF:
        """Return the rectangle of a count; column = classes is the row's recall."""
        classes = max(1, len(self._counts))
        height = min(HIGHEST_ROW, (self.height() - self._above()) / classes)
        width = min(_WIDEST_CELL, (self.width() - self._name_width() - self._recall_width()) / classes)
        left = self._name_width() + column * width
        return QRectF(left, self._above() + row * height, RECALL if column == classes else width, height)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw title, names, counts and recalls."""
        if not self._counts.size:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_words(painter)
        for row in range(len(self._counts)):
            for column in range(len(self._counts)):
                self._draw_cell(painter, row, column)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Show the count under the mouse in words."""
        classes = range(len(self._counts))
        point = event.position()
        found = next(((i, j) for i in classes for j in classes if self.cell(i, j).contains(point)), None)
        if found:
            QToolTip.showText(event.globalPosition().toPoint(), self.reading(*found), self)

    def reading(self, row: int, column: int) -> str:
        """Return a count in words."""
        share = shares_of(self._counts)[row, column]
        return (
            f"{count(int(self._counts[row, column]))} samples of <b>{self._names[row]}</b> ({percent(float(share))}) "
            f"predicted as <b>{self._names[column]}</b>"
        )

    def _draw_words(self, painter: QPainter) -> None:
        theme, classes = self._theme, len(self._counts)
        painter.setFont(bold(SMALL) if self._strong else font(SMALL))
        painter.setPen(QColor(theme.ink if self._strong else theme.muted))
        last = self.cell(0, classes)
        for line, said in enumerate(self.titles()):
            place = self._place_of_title(painter.fontMetrics(), said, last.left())
            painter.drawText(place.translated(0, line * LINE), _CENTRE, said)
        painter.setFont(font(SMALL))
        painter.setPen(QColor(theme.muted))
        metrics, elide = QFontMetrics(font(SMALL)), Qt.TextElideMode.ElideRight
        heads = self._above() - HEAD
        above = QRectF(last.left(), heads, RECALL, HEAD)
        if self._recall_width():
            painter.drawText(above, _RIGHT, "recall")
        for index, share in enumerate(np.diag(shares_of(self._counts))):
            cell, name = self.cell(index, index), self._names[index]
            head = QRectF(cell.left(), heads, cell.width(), HEAD)
            painter.setPen(QColor(theme.muted))
            painter.drawText(head, _CENTRE, metrics.elidedText(name, elide, round(cell.width()) - 2))
            beside = QRectF(0, cell.top(), self._name_width() - UNIT, cell.height())
            painter.drawText(beside, _RIGHT, metrics.elidedText(name, elide, round(beside.width())))
            painter.setPen(QColor(theme.ink))
            if self._recall_width():
                recall = MISSING if np.isnan(share) else percent_figure(float(share))
                painter.drawText(self.cell(index, classes), _RIGHT, f"{recall} %")

    def _draw_cell(self, painter: QPainter, row: int, column: int) -> None:
        theme, cell = self._theme, self.cell(row, column).adjusted(0.5, 0.5, -0.5, -0.5)
        share = float(np.nan_to_num(shares_of(self._counts)[row, column]))
        ground = mixed(QColor(theme.track), QColor(getattr(theme, self._colour)), _BRIGHTEST * np.sqrt(share))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(cell, 2, 2)
        found = int(self._counts[row, column])
        painter.setPen(readable_on(ground) if found else QColor(theme.muted))
        painter.setFont(font(SMALL))
        text = count(found)
        if painter.fontMetrics().horizontalAdvance(text) > cell.width() - 2:
            text = str(found)
        if cell.height() >= TALL_ROW and cell.width() >= _USUAL_CELL - 1:
            text += f"\n{percent(share)}" if found else ""
        painter.drawText(cell, _CENTRE | Qt.TextFlag.TextDontClip, text if found else "0")

    def _above(self) -> int:
        """Return the height of what stands above the cells: the title's lines and the names."""
        return TITLE + LINE * (len(self.titles()) - 1) + HEAD

    def _place_of_title(self, metrics: QFontMetrics, said: str, right: float) -> QRectF:
        """Return the room of a title: above the cells, or from the left edge where it is longer than they are."""
        left, width = float(self._name_width()), metrics.horizontalAdvance(said)
        if width > right - left:
            left, right = 0.0, max(float(self.width()), 1.0)
        return QRectF(left, 0, right - left, TITLE - 2)

    def _least_cell(self) -> int:
        """Return the width in which the largest count has room."""
        largest = str(int(self._counts.max(initial=0)))
        return max(_LOWEST_CELL, QFontMetrics(font(SMALL)).horizontalAdvance(largest) + 1)

    def _least_width(self) -> int:
        return self._name_width() + len(self._counts) * self._least_cell()

    def _recall_width(self) -> int:
        """Return the width of the recalls beside the counts: none where these need it all."""
        return RECALL if self.width() >= self._least_width() + RECALL else 0

    def _name_width(self) -> int:
        metrics = QFontMetrics(font(SMALL))
        return min(_WIDEST_NAME, max((metrics.horizontalAdvance(name) for name in self._names), default=0)) + UNIT + 2


def shares_of(counts: np.ndarray) -> np.ndarray:
    """Return each count's share of its row, NaN in a row without samples."""
    totals = counts.sum(axis=1, keepdims=True)
    return np.divide(counts, totals, out=np.full(counts.shape, np.nan), where=totals > 0)
