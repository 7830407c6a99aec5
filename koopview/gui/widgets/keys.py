"""The key of a plot: a short sample of a line or an area, and what it stands for."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from koopview.gui.theme import SMALL, UNIT, Theme, font
from koopview.gui.widgets.plots import pen

SAMPLE, GAP = 16, 5
Entry = tuple[str, str, Qt.PenStyle | None]
"""Text, the theme's colour by its name, and the line's style (None: an area)."""


class Key(QWidget):
    """Entries side by side, or below each other where `column`."""

    def __init__(self, column: bool = False) -> None:
        super().__init__()
        self._column = column
        self._entries: tuple[Entry, ...] = ()
        self._theme: Theme | None = None
        self.setFont(font(SMALL))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_entries(self, *entries: Entry) -> None:
        """Show `entries` in their order."""
        self._entries = entries
        self.setAccessibleName("Key: " + ", ".join(entry[0] for entry in entries))
        self.updateGeometry()
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the room that all entries need."""
        widths = [self._width(entry[0]) for entry in self._entries]
        line = self.fontMetrics().height() + 2
        if self._column:
            return QSize(max(widths, default=0), line * len(widths))
        return QSize(sum(widths) + 2 * UNIT * max(0, len(widths) - 1), line)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the same: a key is never clipped."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw every sample and its text."""
        if self._theme is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(SMALL))
        x, y, line = 0, 0, self.fontMetrics().height() + 2
        for entry in self._entries:
            self._draw(painter, entry, QRectF(x, y, self._width(entry[0]), line))
            if self._column:
                y += line
            else:
                x += self._width(entry[0]) + 2 * UNIT

    def _draw(self, painter: QPainter, entry: Entry, box: QRectF) -> None:
        text, colour, style = entry
        shade = getattr(self._theme, colour)
        if style is None:
            area = QRectF(box.x(), box.center().y() - 5, SAMPLE, 10)
            painter.fillRect(area, QColor(shade))
            painter.setPen(pen(getattr(self._theme, "line")))
            painter.drawRect(area)
        else:
            painter.setPen(pen(shade, 2.0, style))
            painter.drawLine(round(box.x()), round(box.center().y()), round(box.x()) + SAMPLE, round(box.center().y()))
        painter.setPen(QColor(getattr(self._theme, "muted")))
        painter.drawText(box.adjusted(SAMPLE + GAP, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, text)

    def _width(self, text: str) -> int:
        return SAMPLE + GAP + self.fontMetrics().horizontalAdvance(text) + 2
