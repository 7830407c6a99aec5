"""The test samples at which a mode is largest and smallest: pictures, or labels and numbers for other data."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy

from koopview.gui.looks.pens import pen
from koopview.gui.looks.theme import SMALL, UNIT, bold, font
from koopview.gui.plots.classes import class_colour, draw_class_marker
from koopview.gui.plots.painted import Painted
from koopview.gui.text import class_name, minus
from koopview.gui.widgets.sample_pictures import image_of, pictures
from koopview.gui.widgets.save_menu import make_exportable
from koopview.study.views import ModesView

HEADS = ("Re φ largest", "Re φ smallest")
MARKS = ("▲", "▼")
_HEAD, _LABEL, _GAP = 15, 14, 3
_WORDS, _USUAL, _MOST, _WIDE = 36, 27, 92, 700
_LONGEST = 150
"""Room of a class's name at most."""
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
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(
            "Of the first 1,000 test samples those at which the real part of the mode's eigenfunction φ is largest, "
            "and smallest, the extreme one first"
        )
        self._ends: tuple[tuple[ShownSample, ...], ...] = ((), ())
        self._names: tuple[str, ...] = ()
        self.exportable = make_exportable(self, "Samples of the mode", self.rows)

    def show_mode(self, view: ModesView, index: int) -> None:
        """Draw the samples of the mode at `index`; nothing if the view has none."""
        self._ends, self._names = samples_of(view, index), view.class_names
        told = [
            f"{head}: {', '.join(self._label(one) for one in end)}" for head, end in zip(HEADS, self._ends, strict=True)
        ]
        self.setAccessibleName("Test samples at which the mode is largest and smallest")
        self.setAccessibleDescription("; ".join(told))
        self.setFixedHeight(round(_HEAD + self._side() + _LABEL))
        self.update()

    def rows(self) -> list[tuple[str, ...]]:
        """Return end, number of the test sample, class and Re φ, one row each."""
        head = ("end", "test sample", "class", "Re φ")
        told = zip(HEADS, self._ends, strict=True)
        return [
            head,
            *((end, str(one.index + 1), self._label(one), f"{one.value:.6g}") for end, ones in told for one in ones),
        ]

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the preferred room."""
        return QSize(360, _HEAD + _WORDS + _LABEL)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Take the height that the pictures need at this width."""
        super().resizeEvent(event)
        self.setFixedHeight(round(_HEAD + self._side() + _LABEL))

    @property
    def _pictured(self) -> bool:
        return any(one.image is not None for end in self._ends for one in end)

    @property
    def _labelled(self) -> bool:
        return any(one.kind is not None for end in self._ends for one in end)

    def _across(self) -> float:
        """Return the width of a sample's cell."""
        count = max(1, *(len(end) for end in self._ends))
        return min(_MOST if self._pictured else _LONGEST, (self.width() - 2 * UNIT) / (2 * count))

    def _side(self) -> float:
        """Return the side of a picture: large where there is much room, else as high as the words beside it."""
        if not self._pictured:
            return _WORDS if self._labelled else 0
        return min(self._across() - _GAP, _MOST if self.width() > _WIDE else _USUAL)

    def _label(self, sample: ShownSample) -> str:
        return "" if sample.kind is None else class_name(self._names, sample.kind)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw both ends, one cell a sample."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        across, half = self._across(), (self.width() + 2 * UNIT) / 2
        for place, (head, end) in enumerate(zip(HEADS, self._ends, strict=True)):
            if end:
                painter.setFont(bold(SMALL))
                painter.setPen(QColor(self._theme.ink))
                painter.drawText(QRectF(place * half, 0, half, _HEAD), _LEFT, f"{MARKS[place]} {head}")
            for number, sample in enumerate(end):
                cell = QRectF(place * half + number * across, _HEAD, across, self._side() + _LABEL)
                draw = self._draw_words if sample.image is None else self._draw_picture
                draw(painter, sample, cell)

    def _draw_picture(self, painter: QPainter, sample: ShownSample, cell: QRectF) -> None:
        side = self._side()
        box = QRectF(cell.left() + 1, cell.top() + 1, side - 2, side - 2)
        assert sample.image is not None
        painter.fillRect(box.adjusted(-1, -1, 1, 1), QColor(self._theme.line))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
        size = sample.image.size().scaled(box.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
        where = QRectF(0, 0, size.width(), size.height())
        where.moveCenter(box.center())
        painter.drawImage(where, sample.image)
        self._write(painter, QRectF(cell.left(), box.bottom() + 1, side, _LABEL), self._label(sample))

    def _draw_words(self, painter: QPainter, sample: ShownSample, cell: QRectF) -> None:
        """Draw a class's marker, its name, and the value of Re φ below one another; without a class the value alone."""
        value = self._figure(sample, cell.width() - 4)
        if not self._labelled:
            self._write(painter, cell, value)
            return
        line = cell.height() / 3
        if sample.kind is not None:
            painter.setPen(pen(self._theme.muted, 0.8))
            painter.setBrush(class_colour(sample.kind, self._theme))
            draw_class_marker(painter, sample.kind, QPointF(cell.center().x(), cell.top() + line / 2), 9.0)
        self._write(painter, QRectF(cell.left(), cell.top() + line, cell.width(), line), self._label(sample))
        self._write(painter, QRectF(cell.left(), cell.top() + 2 * line, cell.width(), line), value)

    def _figure(self, sample: ShownSample, room: float) -> str:
        """Return a sample's value, with as many decimals as all of its end have room for; empty for none."""
        end = next(end for end in self._ends if sample in end)
        metrics, values = QFontMetrics(font(SMALL)), [one.value for one in end]
        for digits in (3, 2, 1):
            figures = dict(zip(values, alike(values, digits), strict=True))
            if all(metrics.horizontalAdvance(figure) <= room for figure in figures.values()):
                return figures[sample.value]
        return ""  # no digit is better than a cut number; all stand in a saved table

    def _write(self, painter: QPainter, box: QRectF, said: str) -> None:
        painter.setFont(font(SMALL))
        painter.setPen(QColor(self._theme.ink))
        fits = painter.fontMetrics().elidedText(said, Qt.TextElideMode.ElideRight, int(box.width()) - 4)
        painter.drawText(box, _CENTRE, fits)


def alike(values: Sequence[float], digits: int) -> list[str]:
    """Return numbers as text with equally many decimals, so that the largest has so many digits: "11.1", "11.0"."""
    largest = max(map(abs, values), default=0.0)
    if not 1e-3 <= largest < 1e4:
        return [minus(f"{value:.{digits}g}") for value in values]
    decimals = max(0, digits - 1 - math.floor(math.log10(largest)))
    return [minus(f"{round(value, decimals) + 0.0:.{decimals}f}") for value in values]  # + 0.0: no minus zero


def samples_of(view: ModesView, index: int) -> tuple[tuple[ShownSample, ...], tuple[ShownSample, ...]]:
    """Return the ShownSamples at which the mode at `index` is largest, and those at which it is smallest."""
    inputs = view.inputs
    if inputs is None:
        return (), ()
    wanted = [*inputs.most[index].tolist(), *inputs.least[index].tolist()]
    images: list[QImage | None] = [None] * len(wanted)
    if inputs.picture is not None:
        few = inputs.inputs[np.searchsorted(inputs.samples, wanted)]
        made = pictures(few.reshape(len(few), *inputs.picture))
        images = images if made is None else [image_of(one) for one in made]
    known = dict(zip(wanted, images, strict=True))

    def shown(sample: int) -> ShownSample:
        kind = None if view.labels is None else int(view.labels[sample])
        return ShownSample(sample, kind, float(np.real(view.eigenfunctions[sample, index])), known[sample])

    most, least = (tuple(shown(one) for one in end[index].tolist()) for end in (inputs.most, inputs.least))
    return most, least
