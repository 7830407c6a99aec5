"""A small picture of one sample: the picture that it is, or its place in a plane of inputs."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent

from koopview.gui.looks.pens import pen
from koopview.gui.plots.painted import Painted
from koopview.gui.widgets.sample_pictures import pictures
from koopview.study.sample_answers import SamplesView

SIDE = 72
_RADIUS, _POINT = 6, 4.5


class SamplePicture(Painted):
    """Draws one sample of a view in SIDE x SIDE logical pixels; hidden where there is nothing to draw."""

    def __init__(self, side: int = SIDE, plane: bool = True) -> None:
        super().__init__()
        self._takes_planes = plane
        self.setFixedSize(QSize(side, side))
        self.setAccessibleName("The sample")
        self._view: SamplesView | None = None
        self._image: np.ndarray | None = None
        self._sample = 0

    def show_sample(self, view: SamplesView | None, sample: int) -> None:
        """Draw a sample of `view`; nothing for None."""
        if view is not None and (sample >= len(view.inputs) or (view.plane is not None and not self._takes_planes)):
            view = None
        self._view, self._sample = view, sample
        self._image = None if view is None or view.plane is not None else picture_of(view, sample)
        self.setVisible(view is not None and (view.plane is not None or self._image is not None))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the picture in its proportions, or the plane with the sample's place."""
        painter, frame = QPainter(self), QRectF(0.5, 0.5, self.width() - 1, self.height() - 1)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing)
        if self._view is not None and self._view.plane is not None:
            self._draw_plane(painter, frame)
        elif self._image is not None:
            self._draw_image(painter, frame)

    def _draw_image(self, painter: QPainter, frame: QRectF) -> None:
        assert self._image is not None
        rows, columns, channels = self._image.shape
        kind = QImage.Format.Format_Grayscale8 if channels == 1 else QImage.Format.Format_RGB888
        image = QImage(self._image.tobytes(), columns, rows, columns * channels, kind)
        size = image.size().scaled(frame.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
        box = QRectF(0, 0, size.width(), size.height())
        box.moveCenter(frame.center())
        painter.drawImage(box, image)
        painter.setPen(pen(self._theme.line))
        painter.drawRect(box)

    def _draw_plane(self, painter: QPainter, frame: QRectF) -> None:
        """Draw the original's classes, and a ring where the sample lies."""
        from koopview.gui.plots.class_map import palette_of  # not needed for the first picture

        assert self._view is not None
        assert self._view.plane is not None
        (left, right, low, high), classes = self._view.plane
        pixels = np.ascontiguousarray(palette_of(classes, self._theme)[classes[::-1]])
        rows, columns = classes.shape
        shape = QPainterPath()
        shape.addRoundedRect(frame, _RADIUS, _RADIUS)
        painter.save()
        painter.setClipPath(shape)
        painter.drawImage(frame, QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888))
        painter.restore()
        painter.setPen(pen(self._theme.line))
        painter.drawPath(shape)
        x, y = (float(number) for number in self._view.inputs[self._sample].ravel()[:2])
        at = QPointF(
            frame.left() + frame.width() * (x - left) / (right - left),
            frame.bottom() - frame.height() * (y - low) / (high - low),
        )
        painter.setPen(pen(self._theme.panel, 2))
        painter.setBrush(QColor(self._theme.ink))
        painter.drawEllipse(at, _POINT, _POINT)


def picture_of(view: SamplesView, sample: int) -> np.ndarray | None:
    """Return a sample as a picture, uint8 (rows, columns, 1 or 3), None if it is none."""
    one = np.asarray(view.inputs[sample : sample + 1])
    if view.picture is not None and one[0].size == view.picture[0] * view.picture[1]:
        one = one.reshape(1, *view.picture)
    made = pictures(one)
    return None if made is None else made[0]
