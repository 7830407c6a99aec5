"""The legend of right singular vectors."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy

from koopview.gui.looks.pens import pen
from koopview.gui.looks.theme import SMALL, font
from koopview.gui.plots.painted import Painted
from koopview.gui.plots.vector_grid import vector_colour, vector_style

SAMPLE, GAP, ROW = 22, 6, 17
_ACROSS = SAMPLE + GAP + 22
"""Width of an entry in a `flat` legend, which is one line."""
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


class VectorLegend(Painted):
    """A sample line and the name of each vector, and the meaning of strong and faint lines."""

    def __init__(self) -> None:
        super().__init__()
        self._count, self.flat = 0, False
        self._words: tuple[str, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setToolTip("Right singular vectors v = Zᵀ u / σ of the delay snapshots, scaled to root mean square 1")

    def show_vectors(self, count: int, samples: int) -> None:
        """Show the legend of `count` vectors drawn for a number of samples."""
        self._count = count
        self._words = ("strong: mean", f"faint: {samples} sample{'s' if samples > 1 else ''}")
        self.setAccessibleName("Legend: " + ", ".join([*map(self._name, range(count)), *self._words]))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the room that all rows need."""
        metrics = QFontMetrics(font(SMALL))
        if self.flat:
            return QSize(self._count * _ACROSS + metrics.horizontalAdvance(" · ".join(self._words)) + 4, ROW)
        widths = [metrics.horizontalAdvance(text) for text in self._words]
        return QSize(max([SAMPLE + GAP + 20, *widths]) + 4, ROW * (self._count + len(self._words)))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw one row per vector, and the words below."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(SMALL))
        middle = Qt.AlignmentFlag.AlignVCenter
        for index in range(self._count):
            x, y = (index * _ACROSS, ROW / 2) if self.flat else (0, ROW * (index + 0.5))
            painter.setPen(pen(vector_colour(index, self._theme).name(), 2.2, vector_style(index)))
            painter.drawLine(QPointF(x, y), QPointF(x + SAMPLE, y))
            painter.setPen(QColor(self._theme.ink))
            painter.drawText(QRectF(x + SAMPLE + GAP, y - ROW / 2, self.width(), ROW), middle, self._name(index))
        painter.setPen(QColor(self._theme.muted))
        if self.flat:
            beside = QRectF(self._count * _ACROSS, 0, self.width(), ROW)
            painter.drawText(beside, middle, " · ".join(self._words))
            return
        for index, text in enumerate(self._words):
            painter.drawText(QRectF(0, ROW * (self._count + index), self.width(), ROW), middle, text)

    def _name(self, index: int) -> str:
        return "v" + str(index + 1).translate(_SUBSCRIPTS)
