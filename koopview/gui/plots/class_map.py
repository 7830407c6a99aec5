"""A plane of inputs, coloured by the class that a network predicts there (figure 3 of the paper)."""

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip

from koopview.gui.looks.pens import pen
from koopview.gui.looks.theme import SMALL, UNIT, Theme, bold, font
from koopview.gui.plots.classes import channels, class_fill, draw_class_marker
from koopview.gui.plots.painted import Painted

CAPTION, SIDES = 20, 9
"""Height of the caption, and most markers along each side of the plane."""
_APART = 20
"""Least distance of markers, so that a small plane is not full of them."""
_RADIUS, _FAINT = 6, 0.36
Extent = tuple[float, float, float, float]


class ClassMap(Painted):
    """Draws predicted classes; regions show their class's marker, `border` draws the boundaries of another network.

    It takes no more width than the plane's proportions need, unless it `fills` its room and stands in the middle of it.
    """

    def __init__(
        self, accessible: str, reading: Callable[[float, float], str], strong: bool = False, fills: bool = False
    ) -> None:
        super().__init__()
        self._fills = fills
        self.setAccessibleName(accessible)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._reading, self._strong = reading, strong
        self._classes = np.zeros((0, 0), dtype=int)
        self._border: np.ndarray | None = None
        self._extent: Extent = (0.0, 1.0, 0.0, 1.0)
        self._caption = self._shorter = ""

    def show_classes(
        self, classes: np.ndarray, extent: Extent, caption: str, border: np.ndarray | None = None, shorter: str = ""
    ) -> None:
        """Draw `classes` (rows, columns), the first row at the bottom, and over them the boundaries in `border`.

        `shorter` is the caption where `caption` has no room.
        """
        self._classes, self._extent, self._border = classes, extent, border
        self._caption, self._shorter = caption, shorter or caption
        self._bound()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the room of a small picture."""
        return QSize(160, 140 + CAPTION)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the least room in which shapes can be recognised."""
        return QSize(100, 70 + CAPTION)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Limit the width to the plane's proportions."""
        self._bound()

    def frame(self) -> QRectF:
        """Return the plane's rectangle, in its proportions."""
        room, ratio = QRectF(0, 2, self.width(), max(1.0, self.height() - CAPTION - 2)), self._ratio()
        width = min(room.width(), room.height() * ratio)
        return QRectF((room.width() - width) / 2, room.top(), width, width / ratio)

    def caption(self) -> str:
        """Return the caption as it has room."""
        fits = self._face().horizontalAdvance(self._caption) <= self.width()
        return self._caption if fits else self._shorter

    def _face(self) -> QFontMetrics:
        return QFontMetrics(bold(SMALL) if self._strong else font(SMALL))

    def _bound(self) -> None:
        if self._fills:
            return
        words = QFontMetrics(bold(SMALL)).horizontalAdvance(self._caption) + UNIT
        self.setMaximumWidth(max(words, round((self.height() - CAPTION - 2) * self._ratio())))

    def _ratio(self) -> float:
        """Return the plane's width over its height, limited to a readable range."""
        x_low, x_high, y_low, y_high = self._extent
        return float(np.clip((x_high - x_low) / (y_high - y_low), 0.4, 2.5))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw regions, markers, border and caption."""
        if not self._classes.size:
            return
        painter, frame = QPainter(self), self.frame()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.LosslessImageRendering)
        shape = QPainterPath()
        shape.addRoundedRect(frame, _RADIUS, _RADIUS)
        painter.save()
        painter.setClipPath(shape)
        painter.drawImage(frame, self._image())
        self._draw_markers(painter, frame)
        if self._border is not None:
            painter.setPen(pen(self._theme.ink, 1.2))
            painter.drawLines(border_lines(self._border, frame))
        painter.restore()
        painter.setPen(pen(self._theme.line))
        painter.drawPath(shape)
        painter.setFont(bold(SMALL) if self._strong else font(SMALL))
        painter.setPen(QColor(self._theme.ink if self._strong else self._theme.muted))
        below = QRectF(0, frame.bottom() + 2, self.width(), CAPTION - 2)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, self.caption())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Show the prediction under the mouse."""
        frame, point = self.frame(), event.position()
        if self._classes.size and frame.contains(point):
            QToolTip.showText(event.globalPosition().toPoint(), self._reading(*self.place(point)), self)

    def place(self, point: QPointF) -> tuple[float, float]:
        """Return the coordinates in the plane of a `point` of the widget."""
        frame, (x_low, x_high, y_low, y_high) = self.frame(), self._extent
        across = (point.x() - frame.left()) / frame.width()
        up = (frame.bottom() - point.y()) / frame.height()
        return x_low + across * (x_high - x_low), y_low + up * (y_high - y_low)

    def _image(self) -> QImage:
        """Return the classes as a QImage with one pixel per cell."""
        pixels = np.ascontiguousarray(palette_of(self._classes, self._theme)[self._classes[::-1]])
        rows, columns = self._classes.shape
        return QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888).copy()

    def _draw_markers(self, painter: QPainter, frame: QRectF) -> None:
        rows, columns = self._classes.shape
        faint = QColor(self._theme.ink)
        faint.setAlphaF(_FAINT)
        painter.setPen(faint)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        longest = max(frame.width(), frame.height())
        most = min(SIDES, longest / _APART)
        across = max(2, round(most * frame.width() / longest))
        down = max(2, round(most * frame.height() / longest))
        for i in range(across):
            for j in range(down):
                x, y = (i + 0.5) / across, (j + 0.5) / down
                found = int(self._classes[int(y * rows), int(x * columns)])
                at = QPointF(frame.left() + x * frame.width(), frame.bottom() - y * frame.height())
                draw_class_marker(painter, found, at, UNIT / 2)


def palette_of(classes: np.ndarray, theme: Theme) -> np.ndarray:
    """Return one colour per class, uint8 (classes, 4)."""
    colours = [(*channels(class_fill(index, theme)), 1.0) for index in range(int(classes.max()) + 1)]
    return np.round(255 * np.array(colours)).astype(np.uint8)


def border_lines(classes: np.ndarray, frame: QRectF) -> list[QLineF]:
    """Return the edges between cells of different classes (rows, columns), as lines in `frame`."""
    rows, columns = classes.shape
    width, height = frame.width() / columns, frame.height() / rows
    lines = []
    for row, column in np.argwhere(classes[:, :-1] != classes[:, 1:]).tolist():
        x, y = frame.left() + (column + 1) * width, frame.bottom() - row * height
        lines.append(QLineF(x, y, x, y - height))
    for row, column in np.argwhere(classes[:-1] != classes[1:]).tolist():
        x, y = frame.left() + column * width, frame.bottom() - (row + 1) * height
        lines.append(QLineF(x, y, x + width, y))
    return lines


def at_place(classes: np.ndarray, extent: Sequence[float], x: float, y: float) -> int:
    """Return the class of the cell in which (x, y) lies."""
    x_low, x_high, y_low, y_high = extent
    rows, columns = classes.shape
    row = min(rows - 1, max(0, int((y - y_low) / (y_high - y_low) * rows)))
    column = min(columns - 1, max(0, int((x - x_low) / (x_high - x_low) * columns)))
    return int(classes[row, column])
