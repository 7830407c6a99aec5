"""The classes that a mode separates: its eigenfunction by class, and the accuracy that each class loses without it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QResizeEvent

from koopview.gui.looks.pens import pen
from koopview.gui.looks.theme import SMALL, bold, font
from koopview.gui.plots.classes import class_colour, draw_class_marker, readable_on
from koopview.gui.plots.painted import Painted
from koopview.gui.text import class_name, minus, score_figure, short
from koopview.gui.widgets.save_menu import make_exportable

HEAD, AXIS, ROW, MOST_ROW = 14, 14, 10, 34
_SHARES = (5, 25, 50, 75, 95)
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_LEAST_BOXES = 44
"""Room below which the figures stand alone, without boxes that none could tell apart."""
_NAMES = 72
"""Room of names, with their marker, that no narrow plot cuts further."""

_FIGURE, _CHANGE, _LOSS, _SHORT_LOSS, _NARROW = 40, 84, 104, 20, 420


@dataclass(frozen=True)
class Strip:
    """One class (no index: all samples): percentiles 5, 25, 50, 75, 95 of its eigenfunction, and its loss.

    `score` is that with the mode, None if it is not known.
    """

    name: str
    index: int | None
    percentiles: tuple[float, ...]
    loss: float | None
    score: float | None = None


class ClassStrips(Painted):
    """One row per class: box and whiskers on a shared axis, and a bar of the score lost."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("eigenfunctionPlot")
        self._strips: tuple[Strip, ...] = ()
        self._caption, self._measure = "", "accuracy"
        self.setToolTip(
            "Box: half of a class's samples, line: their median, whiskers: from 5 to 95 %. "
            "Bar: what the class loses of the score when this mode alone is removed, with its group"
        )
        self.exportable = make_exportable(self, "Eigenfunction", self.rows)
        self.exportable.least_width = 520

    def show_strips(self, strips: Sequence[Strip], caption: str, measure: str = "accuracy") -> None:
        """Draw `strips`; `caption` names the axis, `measure` the score that is lost."""
        self._strips, self._caption, self._measure = tuple(strips), caption, measure
        said = ", ".join(f"{strip.name} median {short(strip.percentiles[2])}" for strip in strips)
        self.setAccessibleName(f"{caption} by class")
        self.setAccessibleDescription(said)
        self._take_room()
        self.update()

    def rows(self) -> list[tuple[str, ...]]:
        """Return class, percentiles and loss, one row each."""
        head = ("class", *(f"{share} %" for share in _SHARES), f"{self._measure} lost")
        return [
            head,
            *(
                (
                    strip.name,
                    *(f"{value:.6g}" for value in strip.percentiles),
                    "" if strip.loss is None else f"{strip.loss:.6g}",
                )
                for strip in self._strips
            ),
        ]

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the preferred room of the rows."""
        return QSize(360, HEAD + AXIS + 18 * len(self._strips))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Take the height that the rows need at this width."""
        super().resizeEvent(event)
        self._take_room()

    def _take_room(self) -> None:
        """Ask for the least height of the rows, and of the axis where there is room for boxes."""
        axis = AXIS if self._strips and self._areas()[0].width() else 0
        self.setMinimumHeight(HEAD + axis + ROW * len(self._strips))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the column names, one row per class, and the axis below them."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._strips:
            return
        boxes, losses = self._areas()
        low, high = self._range()
        painter.setFont(font(SMALL))
        painter.setPen(QColor(self._theme.muted))
        above_boxes, above_losses = self.heads()
        painter.drawText(QRectF(boxes.left(), 0, boxes.width(), HEAD), _LEFT, above_boxes)
        painter.drawText(QRectF(losses.left(), 0, losses.width() + self._figure, HEAD), _LEFT, above_losses)
        height = min(MOST_ROW, boxes.height() / len(self._strips))
        most = max([abs(strip.loss or 0.0) for strip in self._strips] + [0.01])
        for row_index, strip in enumerate(self._strips):
            row = QRectF(boxes.left(), boxes.top() + row_index * height, boxes.width(), height)
            self._draw_name(painter, strip, row)
            if boxes.width():
                self._draw_box(painter, strip, row, low, high)
            if strip.loss is not None:
                self._draw_loss(painter, strip, QRectF(losses.left(), row.top(), losses.width(), height), most)
        if boxes.width():
            below = QRectF(boxes.left(), boxes.top(), boxes.width(), height * len(self._strips))
            self._draw_axis(painter, below, low, high)

    def heads(self) -> tuple[str, str]:
        """Return what stands above boxes and bars, in as many words as have room: how far whiskers go, what bars are.

        The largest and the smallest values, which a mode's samples show, lie beyond the whiskers.
        """
        boxes, losses = self._areas()
        caption, unit = self._caption, "R²" if self._measure == "r2" else "%"
        gains = " (grey: gained)" if any((strip.loss or 0.0) < 0 for strip in self._strips) else ""
        bars = [f"lost{gains} without it, {unit}", f"without it, {unit}"]
        if self._figure == _FIGURE:
            bars = [f"{'points' if unit == '%' else unit} lost without it"]
        return (
            self._longest(boxes.width(), f"{caption}, whiskers 5–95 %", caption, caption.partition(" of ")[0]),
            self._longest(losses.width() + self._figure, *bars),
        )

    def _longest(self, room: float, *ways: str) -> str:
        """Return the first of some words, ever fewer, that has room, else the last; none where there is no room."""
        metrics = QFontMetrics(font(SMALL))
        return next((words for words in ways if metrics.horizontalAdvance(words) <= room), ways[-1]) if room else ""

    def least_width(self, boxes: bool) -> int:
        """Return the width that names and figures need, in pixels, with `boxes` or without."""
        if not self._strips:
            return 0
        figures = _SHORT_LOSS + self._figure if self._figure == _CHANGE else self._right
        return min(self._names, _NAMES) + figures + (_LEAST_BOXES + 16 if boxes else 4)

    @property
    def _names(self) -> int:
        """Room of the longest name and its marker."""
        return max(self.fontMetrics().horizontalAdvance(strip.name) for strip in self._strips) + 24

    @property
    def _known(self) -> bool:
        return any(strip.loss is not None for strip in self._strips)

    @property
    def _right(self) -> int:
        """Room of bars and figures."""
        return (self._bar + self._figure + 16) if self._known else 8

    def _areas(self) -> tuple[QRectF, QRectF]:
        known = self._known
        names = min(float(self._names), max(_NAMES, self.width() / 4))
        room = self.width() - names - self._right
        across = 0.0 if known and room < _LEAST_BOXES else max(20.0, room)
        height = max(1.0, self.height() - HEAD - (AXIS if across else 0))
        boxes = QRectF(names, HEAD, across, height)
        return boxes, QRectF(boxes.right() + (10 if boxes.width() else 2), HEAD, self._bar if known else 0, height)

    @property
    def _figure(self) -> int:
        """Room of the figures: of a loss, or of the score with and without the mode."""
        return _FIGURE if all(strip.score is None for strip in self._strips) else _CHANGE

    @property
    def _bar(self) -> int:
        """Length of the bars of losses; beside both scores they are short where there is little room."""
        return _SHORT_LOSS if self._figure == _CHANGE and self.width() < _NARROW else _LOSS

    def _range(self) -> tuple[float, float]:
        ends = np.array([strip.percentiles for strip in self._strips])
        low, high = float(np.nanmin(ends)), float(np.nanmax(ends))
        room = 0.05 * (high - low) or 0.5 * max(abs(high), 1e-6)
        return low - room, high + room

    def _draw_name(self, painter: QPainter, strip: Strip, row: QRectF) -> None:
        painter.setPen(QColor(self._theme.ink))
        painter.setFont(bold(SMALL) if strip.index is None else font(SMALL))
        box = QRectF(0, row.top(), row.left() - 18, row.height())
        painter.drawText(
            box, _RIGHT, painter.fontMetrics().elidedText(strip.name, Qt.TextElideMode.ElideRight, int(box.width()))
        )
        if strip.index is not None:
            painter.setPen(pen(self._theme.muted, 0.8))
            painter.setBrush(self._colour(strip))
            draw_class_marker(painter, strip.index, QPointF(row.left() - 10, row.center().y()), 8.0)

    def _colour(self, strip: Strip) -> QColor:
        return QColor(self._theme.hybrid) if strip.index is None else class_colour(strip.index, self._theme)

    def _draw_box(self, painter: QPainter, strip: Strip, row: QRectF, low: float, high: float) -> None:
        if not np.isfinite(strip.percentiles).all():
            return
        p5, p25, p50, p75, p95 = (row.left() + (v - low) / (high - low) * row.width() for v in strip.percentiles)
        y, thick = row.center().y(), min(14.0, row.height() - 4)
        painter.setPen(pen(self._theme.muted, 1.2))
        painter.drawLine(QPointF(p5, y), QPointF(p95, y))
        painter.setBrush(self._colour(strip))
        painter.setPen(pen(self._theme.muted, 1.0))
        painter.drawRect(QRectF(p25, y - thick / 2, max(1.0, p75 - p25), thick))
        painter.setPen(pen(readable_on(self._colour(strip)).name(), 2.0))
        painter.drawLine(QPointF(p50, y - thick / 2), QPointF(p50, y + thick / 2))

    def _draw_loss(self, painter: QPainter, strip: Strip, row: QRectF, most: float) -> None:
        loss, thick = strip.loss or 0.0, min(14.0, row.height() - 4)
        track = QRectF(row.left(), row.center().y() - thick / 2, row.width(), thick)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.track))
        painter.drawRoundedRect(track, 2, 2)
        painter.setBrush(QColor(self._theme.hybrid if loss > 0 else self._theme.baseline))
        painter.drawRoundedRect(QRectF(track.left(), track.top(), track.width() * abs(loss) / most, thick), 2, 2)
        painter.setPen(QColor(self._theme.ink))
        painter.setFont(font(SMALL))
        figure = minus(score_figure(loss, self._measure))
        if strip.score is not None:
            scores = (strip.score, strip.score - loss)
            figure = " → ".join(minus(score_figure(score, self._measure)) for score in scores)
        painter.drawText(QRectF(track.right(), row.top(), self._figure, row.height()), _RIGHT, figure)

    def _draw_axis(self, painter: QPainter, area: QRectF, low: float, high: float) -> None:
        painter.setPen(pen(self._theme.grid))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        if low < 0 < high:
            x = area.left() - low / (high - low) * area.width()
            painter.setPen(pen(self._theme.baseline, 1.0, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        painter.setPen(QColor(self._theme.muted))
        painter.setFont(font(SMALL))
        below = QRectF(area.left(), area.bottom() + 1, area.width(), AXIS)
        ends = [short(low), short(high)]
        if sum(painter.fontMetrics().horizontalAdvance(end) for end in ends) + 8 > area.width():
            ends = [minus(f"{end:.0f}" if abs(end) >= 10 else f"{end:.1f}") for end in (low, high)]
        for end, side in zip(ends, (_LEFT, _RIGHT), strict=True):
            painter.drawText(below, side, end)


def strips_of(
    values: np.ndarray,
    labels: np.ndarray | None,
    names: Sequence[str],
    loss: float,
    losses: np.ndarray,
    score: float = float("nan"),
    scores: Sequence[float] = (),
) -> list[Strip]:
    """Return a Strip of all samples and, if there are labels, one per class.

    Parameters
    ----------
    values : array (samples,)
        The values on the axis.
    labels : int array (samples,) or None
    names : class names, empty if there are none
    loss : float
        Accuracy lost overall.
    losses : array (classes,)
        Accuracy lost by each class; empty without labels.
    score : float
        The score with the mode, NaN if it is not known.
    scores : accuracies of the classes with the mode, empty if they are not known
    """
    strips = [Strip("all", None, _percentiles(values), loss, _known(score))]
    if labels is None:
        return strips
    for index in range(max(int(labels.max(initial=-1)) + 1, len(losses))):
        lost = float(losses[index]) if index < len(losses) and np.isfinite(losses[index]) else None
        known = _known(scores[index]) if index < len(scores) else None
        strips.append(Strip(class_name(names, index), index, _percentiles(values[labels == index]), lost, known))
    return strips


def _known(score: float) -> float | None:
    return float(score) if np.isfinite(score) else None


def _percentiles(values: np.ndarray) -> tuple[float, ...]:
    if not len(values):
        return (float("nan"),) * len(_SHARES)
    return tuple(float(value) for value in np.percentile(values, _SHARES))
