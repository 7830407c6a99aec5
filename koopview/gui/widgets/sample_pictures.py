"""The first samples of a data set as small pictures, each with its label below."""

from collections.abc import Sequence
from math import isqrt

import numpy as np
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from koopview.gui.looks.appearance import theme_in_use
from koopview.gui.looks.theme import SMALL, UNIT, font

SIDE = 52
"""Side of a picture, in logical pixels."""

LEAST_FLAT = 256
"""Fewest numbers of a flat sample that is drawn as a square picture: 16 x 16."""

_COLOURS = 3
_LEFT = 12
_LABEL = 16


def pictures(samples: np.ndarray) -> np.ndarray | None:
    """Return samples as pictures (samples, rows, columns, 1 or 3) of bytes, None if they are none.

    A sample is a picture with two axes longer than 1, or with three of which the first or last counts colours. A flat
    one is taken as a square picture where its numbers make one.
    """
    axes = [axis for axis in samples.shape[1:] if axis != 1]
    side = isqrt(axes[0]) if len(axes) == 1 else 0
    if side * side >= LEAST_FLAT and side * side == axes[0]:
        axes = [side, side]
    stacked = samples.reshape(len(samples), *axes)
    if len(axes) == 2:
        stacked = stacked[..., None]
    elif len(axes) == 3 and axes[0] == _COLOURS:
        stacked = np.moveaxis(stacked, 1, -1)
    elif len(axes) != 3 or axes[-1] != _COLOURS:
        return None
    return _bytes(stacked)


def _bytes(numbers: np.ndarray) -> np.ndarray:
    """Return numbers as bytes: the least of all is 0, the largest 255."""
    values = np.nan_to_num(numbers.astype(np.float64), posinf=0.0, neginf=0.0)
    low, high = float(values.min(initial=0.0)), float(values.max(initial=0.0))
    return np.ascontiguousarray(255 * (values - low) / (high - low or 1.0)).astype(np.uint8)


class SamplePictures(QWidget):
    """Draws as many of the pictures as have room."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("First samples")
        self.setToolTip("The first samples of the file, each with its label")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._images: list[QImage] = []
        self._labels: Sequence[str] = ()

    def show_samples(self, shown: np.ndarray, labels: Sequence[str]) -> None:
        """Draw pictures as :func:`pictures` gives them, with their labels."""
        self._images = [image_of(one) for one in shown]
        self._labels = labels
        self.setAccessibleDescription(f"{len(shown)} pictures, labels {', '.join(labels)}" if labels else "")
        self.update()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the room of one picture with its label."""
        return QSize(SIDE, SIDE + _LABEL)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the pictures in rows."""
        painter, theme = QPainter(self), theme_in_use()
        painter.setFont(font(SMALL))
        across = max(1, (self.width() - _LEFT + UNIT) // (SIDE + UNIT))
        high = SIDE + _LABEL + UNIT // 2
        for index, image in enumerate(self._images[: across * max(1, (self.height() + UNIT // 2) // high)]):
            box = QRect(_LEFT + index % across * (SIDE + UNIT), 1 + index // across * high, SIDE, SIDE)
            draw_picture(painter, box, image, theme.line)
            painter.setPen(QColor(theme.muted))
            said = self._labels[index] if index < len(self._labels) else ""
            words = QFontMetrics(font(SMALL)).elidedText(said, Qt.TextElideMode.ElideRight, SIDE)
            below = QRect(box.left(), box.bottom() + 1, SIDE, _LABEL)
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, words)


def draw_picture(painter: QPainter, box: QRect, image: QImage, line: str) -> None:
    """Draw an image in a thin frame, as large as `box` lets it be in its proportions; few pixels stay sharp squares."""
    size = image.size().scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio)
    where = QRect(box.topLeft(), size.expandedTo(QSize(1, 1)))
    where.moveCenter(box.center())
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, max(image.width(), image.height()) > SIDE)
    painter.fillRect(where.adjusted(-1, -1, 1, 1), QColor(line))
    painter.drawImage(where, image)


def image_of(picture: np.ndarray) -> QImage:
    """Return one picture (rows, columns, 1 or 3) of bytes as a QImage."""
    rows, columns, channels = picture.shape
    kind = QImage.Format.Format_RGB888 if channels == _COLOURS else QImage.Format.Format_Grayscale8
    return QImage(picture.tobytes(), columns, rows, columns * channels, kind).copy()
