"""Residuals as colours: viridis in discrete steps, and its colour bar."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent

from koopview.gui.looks.pens import pen
from koopview.gui.looks.theme import SMALL, font
from koopview.gui.plots.painted import Painted
from koopview.gui.text import minus, short

STEPS = 48
_LOG_SPAN = 50.0
_LINE, _RING, _SPACE = 22, 7, 8
_END, _LEAST_BAR, _BAR = 38, 40, 110
"""Room of a number at either end of the bar, and the bar's least and largest length."""


@dataclass(frozen=True)
class Scale:
    """A range of residuals, linear or logarithmic."""

    low: float
    high: float
    log: bool

    def shares(self, values: np.ndarray) -> np.ndarray:
        """Return the positions of `values` between low (0) and high (1), an array."""
        low, high = self.low, self.high
        if self.log:
            values, low, high = np.log(np.maximum(values, self.low)), np.log(low), np.log(high)
        return np.clip((values - low) / (high - low), 0, 1) if high > low else np.zeros(len(values))


def scale_of(residuals: np.ndarray) -> Scale:
    """Return the Scale of residuals: logarithmic if they span more than 50 to 1, else linear from 0."""
    finite = residuals[np.isfinite(residuals)]
    if not len(finite):
        return Scale(0.0, 1.0, False)
    high = float(finite.max())
    positive = finite[finite > 0]
    if len(positive) and high / float(positive.min()) > _LOG_SPAN:
        return Scale(max(float(positive.min()), high * 1e-8), high, True)
    return Scale(0.0, high if high > 0 else 1.0, False)


@cache
def viridis() -> np.ndarray:
    """Return STEPS colours (STEPS, 3), 0 to 255; the first is the brightest, for the smallest residual. Read only.

    The array is cached: pyqtgraph reads it from a file each time.
    """
    return pg.colormap.get("viridis").getLookupTable(1.0, 0.0, STEPS)[:, :3]


def colour_indices(residuals: np.ndarray, scale: Scale) -> np.ndarray:
    """Return the index of each residual's colour among STEPS; the darkest one if it is not known."""
    return np.round(np.nan_to_num(scale.shares(residuals), nan=1.0) * (STEPS - 1)).astype(int)


class ColourBar(Painted):
    """The residuals' colours from small (left, bright) to large (right, dark), in one line below a plane."""

    def __init__(self) -> None:
        super().__init__()
        self._scale = Scale(0.0, 1.0, False)
        self._colours = [QColor(*(int(value) for value in colour)) for colour in viridis()]
        self.setFixedHeight(_LINE)
        self.setMinimumWidth(2 * _END + _LEAST_BAR)
        self._rings = ""
        self.setToolTip(
            "Residual of an eigenvalue over the whole layer, on samples that took no part in the fit: small is "
            "trustworthy. A ring is ill-conditioned: it says nothing alone"
        )

    def show_scale(self, scale: Scale, rings: str = "") -> None:
        """Label the bar with `scale`, and explain rings by the text `rings`, if there are any."""
        self._scale, self._rings = scale, rings
        named = f"Residual over the layer, colours from {short(scale.low)} to {short(scale.high)}"
        self.setAccessibleName(f"{named}; rings: {rings}" if rings else named)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the title, the bar between its two ends, and the rings, as far as there is room."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(SMALL))
        painter.setPen(QColor(self._theme.muted))
        left, room = 0.0, self.width() - (2 * _END + _LEAST_BAR)
        for words in self._titles():
            width = painter.fontMetrics().horizontalAdvance(words) + _SPACE
            if width <= room:
                painter.drawText(QRectF(0, 0, width, _LINE), Qt.AlignmentFlag.AlignVCenter, words)
                left, room = width, room - width
                break
        rings = painter.fontMetrics().horizontalAdvance(self._rings) + 2 * _SPACE + _RING if self._rings else 0
        bar = _LEAST_BAR + min(_BAR - _LEAST_BAR, max(0.0, room - rings))
        self._draw_bar(painter, QRectF(left + _END, _LINE / 2 - 4, bar, 8))
        if self._rings and rings <= room:
            self._draw_rings(painter, left + 2 * _END + bar + _SPACE)

    def _titles(self) -> tuple[str, ...]:
        """Return the words that name the bar, the longest first."""
        scale = ", log" if self._scale.log else ""
        return f"residual over the layer{scale}", f"residual{scale}", "residual"

    def _draw_bar(self, painter: QPainter, bar: QRectF) -> None:
        for text, box, side in (
            (_end(self._scale.low), QRectF(bar.left() - _END, 0, _END - 5, _LINE), Qt.AlignmentFlag.AlignRight),
            (_end(self._scale.high), QRectF(bar.right() + 5, 0, _END - 5, _LINE), Qt.AlignmentFlag.AlignLeft),
        ):
            painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter, text)
        gradient = QLinearGradient(bar.topLeft(), bar.topRight())
        for index, colour in enumerate(self._colours):
            gradient.setColorAt(index / (STEPS - 1), colour)
        painter.setPen(pen(self._theme.line))
        painter.setBrush(gradient)
        painter.drawRoundedRect(bar, 2, 2)

    def _draw_rings(self, painter: QPainter, left: float) -> None:
        """Draw a ring, and its explanation beside it."""
        painter.setPen(QColor(self._theme.muted))
        box = QRectF(left + _RING + 4, 0, self.width(), _LINE)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, self._rings)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen(self._theme.muted, 2))
        painter.drawEllipse(QRectF(left, (_LINE - _RING) / 2, _RING, _RING))


def _end(value: float) -> str:
    """Return an end of the bar as a short text that has room beside it."""
    return minus(f"{value:.0e}".replace("e-0", "e-")) if 0 < value < 1e-2 else f"{value:.2g}"
