"""Small plots side by side, one a number of delays: right singular vectors along the path (figure 5 of the paper)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from pyqtgraph.functions import arrayToQPolygonF
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QToolTip

from koopview.gui.looks.theme import SMALL, Theme, bold, font
from koopview.gui.plots.classes import seen
from koopview.gui.plots.painted import Painted
from koopview.gui.plots.plot import hair_pen, pen
from koopview.gui.plots.ticks import axis_number, share_text
from koopview.gui.text import minus

LEFT, RIGHT, TITLE, AXIS, INSET = 40, 8, 17, 16, 5
WIDE = 190
"""A plot of so many pixels has room for the whole name of its axis."""
_FAINT = 0.16
_STYLES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine)
_COLOURS = ("#0072b2", "#d55e00", "#cc79a7")
_TEXT_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_TEXT_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_OUTSIDE = 1.0
"""Percent of all values that lie above the plots, and below them: single samples may go farther."""


@dataclass(frozen=True, eq=False)
class Vectors:
    """One plot.

    Attributes
    ----------
    delays : int
    values : array (vectors, samples, windows)
    shares : array (windows,)
        The share s of the path at which each window's newest state stands.
    shown : bool
        Whether these are the delays of the fit on screen.
    """

    delays: int
    values: np.ndarray
    shares: np.ndarray
    shown: bool

    @property
    def across(self) -> np.ndarray:
        """Where each window lies in the plot, from 0 to 1; one window alone at 0."""
        reach = self.shares[-1] - self.shares[0]
        return (self.shares - self.shares[0]) / reach if reach > 0 else np.zeros(len(self.shares))


class VectorGrid(Painted):
    """Draws :class:`Vectors` on one scale: their means strong, single samples faint."""

    def __init__(self) -> None:
        super().__init__()
        self._plots: tuple[Vectors, ...] = ()
        self._low, self._high = -1.0, 1.0
        self.setMouseTracking(True)
        self.setMinimumHeight(84)

    def show_vectors(self, plots: tuple[Vectors, ...]) -> None:
        """Draw `plots` from left to right."""
        self._plots = plots
        self._low, self._high = scale_of(plots)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the room of small plots."""
        return QSize(200 * max(1, len(self._plots)), 140)

    def frames(self) -> list[QRectF]:
        """Return the frame of every plot."""
        width = self.width() / max(1, len(self._plots))
        height = self.height() - TITLE - AXIS
        return [QRectF(i * width + LEFT, TITLE, width - LEFT - RIGHT, height) for i in range(len(self._plots))]

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw every plot."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for plot, frame in zip(self._plots, self.frames(), strict=True):
            self._draw_ground(painter, plot, frame)
            painter.save()
            painter.setClipRect(frame)
            for index, values in enumerate(plot.values):
                self._draw_samples(painter, frame, index, values, plot.across)
            for index, values in enumerate(plot.values):
                painter.setPen(pen(vector_colour(index, self._theme).name(), 2.2, _STYLES[index % len(_STYLES)]))
                painter.drawPolyline(self._line(frame, values.mean(axis=0), plot.across))
            painter.restore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Read the means under the mouse."""
        for plot, frame in zip(self._plots, self.frames(), strict=True):
            if frame.contains(event.position()):
                share = (event.position().x() - frame.left()) / frame.width()
                window = int(np.abs(plot.across - share).argmin())
                QToolTip.showText(event.globalPosition().toPoint(), reading(plot, window), self)

    def _draw_ground(self, painter: QPainter, plot: Vectors, frame: QRectF) -> None:
        theme = self._theme
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen(theme.line))
        painter.drawRect(frame)
        zero = self._height(frame, 0.0)
        painter.drawLine(QPointF(frame.left(), zero), QPointF(frame.right(), zero))
        painter.setFont(bold(SMALL) if plot.shown else font(SMALL))
        painter.setPen(QColor(theme.ink))
        above = QRectF(frame.left(), 0, frame.width(), TITLE - 1)
        painter.drawText(above, Qt.AlignmentFlag.AlignVCenter, f"h = {plot.delays}{' (shown)' if plot.shown else ''}")
        painter.setFont(font(SMALL))
        painter.setPen(QColor(theme.muted))
        for value in {self._low, 0.0, self._high}:
            box = QRectF(frame.left() - LEFT, self._height(frame, value) - 8, LEFT - 6, 16)
            painter.drawText(box, _TEXT_RIGHT, axis_number(value, self._high - self._low))
        self._draw_axis(painter, plot, frame)

    def _draw_axis(self, painter: QPainter, plot: Vectors, frame: QRectF) -> None:
        """Write the share of the path at the first and the last window's newest state, and the axis' name."""
        below = QRectF(frame.left(), frame.bottom() + 1, frame.width() + RIGHT, AXIS)
        painter.drawText(below, _TEXT_LEFT, share_text(plot.shares[0]))
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, "s" if frame.width() < WIDE else "s at the newest state")
        if len(plot.shares) > 1:
            painter.drawText(below, _TEXT_RIGHT, share_text(plot.shares[-1]))

    def _draw_samples(
        self, painter: QPainter, frame: QRectF, index: int, values: np.ndarray, across: np.ndarray
    ) -> None:
        faint = vector_colour(index, self._theme)
        faint.setAlphaF(_FAINT)
        painter.setPen(hair_pen(faint))
        for sample in values:
            painter.drawPolyline(self._line(frame, sample, across))

    def _line(self, frame: QRectF, values: np.ndarray, across: np.ndarray) -> QPolygonF:
        if len(values) == 1:  # one window only: a level line
            values, across = np.repeat(values, 2), np.array([0.0, 1.0])
        return arrayToQPolygonF(frame.left() + frame.width() * across, self._height(frame, values.astype(float)))

    def _height(self, frame: QRectF, values: Any) -> Any:
        """Return where values lie in a frame."""
        share, inner = (values - self._low) / (self._high - self._low), frame.height() - 2 * INSET
        return frame.bottom() - INSET - inner * share


def scale_of(plots: tuple[Vectors, ...]) -> tuple[float, float]:
    """Return the lowest and the highest value that all plots reach: 0, all means, and most samples lie between."""
    means = [
        float(extreme) for plot in plots for extreme in (plot.values.mean(axis=1).min(), plot.values.mean(axis=1).max())
    ]
    everything = np.concatenate([plot.values.ravel() for plot in plots]) if plots else np.ones(1)
    low, high = np.percentile(everything, [_OUTSIDE, 100 - _OUTSIDE])
    low, high = min([0.0, float(low), *means]), max([0.0, float(high), *means])
    return (low, high) if high > low else (-1.0, 1.0)


def vector_colour(index: int, theme: Theme) -> QColor:
    """Return the colour of the vector of a place, seen on the panel's ground."""
    return seen(QColor(_COLOURS[index % len(_COLOURS)]), theme)


def vector_style(index: int) -> Qt.PenStyle:
    """Return the line style of the vector of a place."""
    return _STYLES[index % len(_STYLES)]


def reading(plot: Vectors, window: int) -> str:
    """Return the means of all vectors at a window."""
    lines = [f"v{i + 1}: {minus(f'{value:.3f}')}" for i, value in enumerate(plot.values.mean(axis=1)[:, window])]
    where = f"<b>h = {plot.delays}, z[{window}]</b> up to s = {plot.shares[window]:.2f}"
    return f"{where}, mean of {plot.values.shape[1]} samples<br>" + "<br>".join(lines)
