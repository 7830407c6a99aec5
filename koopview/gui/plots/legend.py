"""The legend of a plot: a short sample of a line or an area, and its meaning."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy

from koopview.gui.looks.pens import pen
from koopview.gui.looks.theme import SMALL, font
from koopview.gui.plots.painted import Painted

SAMPLE, GAP, GAP_BETWEEN = 18, 4, 10
_SHORT_SAMPLE, _SHORT_GAP = 14, 4
"""Those of a row without room for all its entries, so that no line of the plot stays without a name."""
LegendEntry = tuple[str, str, Qt.PenStyle | None]
"""Text, the theme's colour by its name, and the line's style (None: an area)."""


class Legend(Painted):
    """Entries side by side, or below each other if `column`."""

    def __init__(self, column: bool = False) -> None:
        super().__init__()
        self._column = column
        self._entries: tuple[LegendEntry, ...] = ()
        self.covers = False
        """Whether it lies over a plot, whose lines end at its edge."""
        self.setSizePolicy(QSizePolicy.Policy.Fixed if column else QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def show_entries(self, *entries: LegendEntry) -> None:
        """Show `entries` in their order."""
        self._entries = entries
        self.setAccessibleName("Legend: " + ", ".join(entry[0] for entry in entries))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the room that all entries need."""
        widths = [self._width(entry[0]) for entry in self._entries]
        line = QFontMetrics(font(SMALL)).height() + 2
        if self._column:
            return QSize(max(widths, default=0), line * len(widths))
        return QSize(sum(widths) + GAP_BETWEEN * max(0, len(widths) - 1), line)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return no width for a row: entries without room are left out."""
        return self.sizeHint() if self._column else QSize(0, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw every sample and its text."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(SMALL))
        if self.covers:
            painter.fillRect(self.rect(), QColor(self._theme.panel))
        sample, _ = self._spacing()
        for entry, box in self.placed():
            self._draw(painter, entry, box, sample)

    def placed(self) -> list[tuple[LegendEntry, QRectF]]:
        """Return the entries that have room, and their places."""
        sample, between = self._spacing()
        x, y, line = 0, 0, QFontMetrics(font(SMALL)).height() + 2
        placed = []
        for entry in self._entries:
            width = self._width(entry[0], sample)
            if x + width > self.width():
                break
            placed.append((entry, QRectF(x, y, width, line)))
            x, y = (x, y + line) if self._column else (x + width + between, y)
        return placed

    def _spacing(self) -> tuple[int, int]:
        """Return the length of samples and the gap of entries, less of both in a row without room for all."""
        roomy = self._column or self.sizeHint().width() <= self.width()
        return (SAMPLE, GAP_BETWEEN) if roomy else (_SHORT_SAMPLE, _SHORT_GAP)

    def _draw(self, painter: QPainter, entry: LegendEntry, box: QRectF, sample: int) -> None:
        text, colour, style = entry
        shade = getattr(self._theme, colour)
        if style is None:
            area = QRectF(box.x(), box.center().y() - 5, sample, 10)
            painter.fillRect(area, QColor(shade))
            painter.setPen(pen(self._theme.line))
            painter.drawRect(area)
        else:
            painter.setPen(pen(shade, 2.0, style))
            painter.drawLine(round(box.x()), round(box.center().y()), round(box.x()) + sample, round(box.center().y()))
        painter.setPen(QColor(self._theme.muted))
        painter.drawText(box.adjusted(sample + GAP, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, text)

    def _width(self, text: str, sample: int = SAMPLE) -> int:
        return sample + GAP + QFontMetrics(font(SMALL)).horizontalAdvance(text) + 2
