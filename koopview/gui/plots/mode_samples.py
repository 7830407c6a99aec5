"""The test samples at which a mode is largest and smallest: pictures, or labels and numbers for other data."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy

from koopview.gui.looks.pens import pen
from koopview.gui.looks.theme import SMALL, UNIT, bold, font
from koopview.gui.plots.classes import class_colour, draw_class_marker
from koopview.gui.plots.painted import Painted
from koopview.gui.text import class_name, minus
from koopview.gui.widgets.sample_pictures import image_of, pictures
from koopview.gui.widgets.save_menu import make_exportable
from koopview.study.views import ModesView

HEADS = ("φ largest", "φ smallest")
_HEAD, _LABEL, _CHIP = 15, 14, 17
_LEAST, _MOST = 30, 92
_GAP = 3
_CENTRE = Qt.AlignmentFlag.AlignCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, eq=False)
class ShownSample:
    """One test sample: its index, its class (None without labels), the real part of φ there, and its picture if any."""

    index: int
    kind: int | None
    value: float
    image: QImage | None


class ModeSamples(Painted):
    """The samples of largest real part of φ on the left, those of smallest on the right."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("modeSamplesPlot")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setToolTip(
            "The test samples at which the real part of the mode's eigenfunction φ is largest, and smallest, "
            "the extreme one first"
        )
        self._ends: tuple[tuple[ShownSample, ...], ...] = ((), ())
        self._names: tuple[str, ...] = ()
        self.exportable = make_exportable(self, "Samples of the mode", self.rows)

    def show_mode(self, view: ModesView, index: int) -> None:
        """Draw the samples of the mode at `index`; nothing if the view has none."""
        self._ends, self._names = samples_of(view, index), view.class_names
        told = [f"{head}: {', '.join(self._label(one) for one in end)}" for head, end in zip(HEADS, self._ends, strict=True)]
        self.setAccessibleName("Test samples at which the mode is largest and smallest")
        self.setAccessibleDescription("; ".join(told))
        self.updateGeometry()
        self.update()

    def rows(self) -> list[tuple[str, ...]]:
        """Return end, number of the test sample, class and Re φ, one row each."""
        head = ("end", "test sample", "class", "Re φ")
        told = zip(HEADS, self._ends, strict=True)
        return [head, *((end, str(one.index + 1), self._label(one), f"{one.value:.6g}") for end, ones in told for one in ones)]

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the room that the pictures take at this width."""
        return QSize(360, round(_HEAD + (self._side() + _LABEL if self._pictured else 5 * _CHIP)))

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        """Return that the height follows from the width."""
        return False

    @property
    def _pictured(self) -> bool:
        return any(one.image is not None for end in self._ends for one in end)

    def _side(self) -> float:
        count = max(1, *(len(end) for end in self._ends))
        across = (self.width() / 2 - UNIT) / count - _GAP
        return max(_LEAST, min(_MOST, across, self.height() - _HEAD - _LABEL if self.height() > 60 else _MOST))

    def _label(self, sample: ShownSample) -> str:
        return "" if sample.kind is None else class_name(self._names, sample.kind)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw both ends."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        half = (self.width() + UNIT) / 2
        for place, (head, end) in enumerate(zip(HEADS, self._ends, strict=True)):
            if end:
                painter.setFont(bold(SMALL))
                painter.setPen(QColor(self._theme.ink))
                painter.drawText(QRectF(place * half, 0, half, _HEAD), _LEFT, head)
            for number, sample in enumerate(end):
                draw = self._draw_picture if sample.image is not None else self._draw_chip
                draw(painter, sample, number, place * half)

    def _draw_picture(self, painter: QPainter, sample: ShownSample, number: int, left: float) -> None:
        side = self._side()
        box = QRectF(left + number * (side + _GAP) + 1, _HEAD + 1, side - 2, side - 2)
        assert sample.image is not None
        painter.fillRect(box.adjusted(-1, -1, 1, 1), QColor(self._theme.line))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
        size = sample.image.size().scaled(box.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
        where = QRectF(0, 0, size.width(), size.height())
        where.moveCenter(box.center())
        painter.drawImage(where, sample.image)
        painter.setFont(font(SMALL))
        painter.setPen(QColor(self._theme.ink))
        below = QRectF(box.left() - 1, box.bottom() + 1, side, _LABEL)
        said = painter.fontMetrics().elidedText(self._label(sample), Qt.TextElideMode.ElideRight, int(side))
        painter.drawText(below, _CENTRE, said)

    def _draw_chip(self, painter: QPainter, sample: ShownSample, number: int, left: float) -> None:
        row = QRectF(left, _HEAD + number * _CHIP, self.width() / 2 - UNIT, _CHIP)
        inset = 0.0
        if sample.kind is not None:
            painter.setPen(pen(self._theme.muted, 0.8))
            painter.setBrush(class_colour(sample.kind, self._theme))
            draw_class_marker(painter, sample.kind, QPointF(row.left() + 6, row.center().y()), 8.0)
            inset = 16.0
        painter.setFont(font(SMALL))
        painter.setPen(QColor(self._theme.ink))
        said = f"{self._label(sample)}  {minus(f'{sample.value:+.2f}')}".strip()
        painter.drawText(row.adjusted(inset, 0, 0, 0), _LEFT, said)
        painter.setPen(QColor(self._theme.muted))
        beside = row.adjusted(inset + painter.fontMetrics().horizontalAdvance(said) + UNIT, 0, 0, 0)
        painter.drawText(beside, _LEFT, f"sample {sample.index + 1}")


def samples_of(view: ModesView, index: int) -> tuple[tuple[ShownSample, ...], tuple[ShownSample, ...]]:
    """Return the ShownSamples at which the mode at `index` is largest, and those at which it is smallest."""
    inputs = view.inputs
    if inputs is None:
        return (), ()
    images: list[QImage | None] = [None] * len(inputs.samples)
    if inputs.picture is not None:
        made = pictures(inputs.inputs.reshape(len(inputs.inputs), *inputs.picture))
        images = images if made is None else [image_of(one) for one in made]
    known = dict(zip(inputs.samples.tolist(), images, strict=True))

    def shown(sample: int) -> ShownSample:
        kind = None if view.labels is None else int(view.labels[sample])
        return ShownSample(sample, kind, float(np.real(view.eigenfunctions[sample, index])), known[sample])

    most, least = (tuple(shown(one) for one in end[index].tolist()) for end in (inputs.most, inputs.least))
    return most, least
