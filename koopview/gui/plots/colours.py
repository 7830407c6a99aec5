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
    """The residuals' colours from small (top, bright) to large (bottom, dark)."""

    def __init__(self) -> None:
        super().__init__()
        self._scale = Scale(0.0, 1.0, False)
        self._colours = [QColor(*(int(value) for value in colour)) for colour in viridis()]
        self.setFixedWidth(70)
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
        """Draw the title, the bar, and its two ends."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bar = QRectF(self.width() - 20, 50, 8, min(130.0, self.height() - (74.0 if self._rings else 56.0)))
        gradient = QLinearGradient(bar.topLeft(), bar.bottomLeft())
        for index, colour in enumerate(self._colours):
            gradient.setColorAt(index / (STEPS - 1), colour)
        painter.setPen(pen(self._theme.line))
        painter.setBrush(gradient)
        painter.drawRoundedRect(bar, 2, 2)
        painter.setFont(font(SMALL))
        painter.setPen(QColor(self._theme.muted))
        right = Qt.AlignmentFlag.AlignRight
        for line, words in enumerate(("residual", "over the", "layer, log" if self._scale.log else "layer")):
            painter.drawText(QRectF(0, 2 + 13 * line, self.width() - 10, 14), right, words)
        painter.drawText(QRectF(0, bar.top() - 2, bar.left() - 5, 14), right, _end(self._scale.low))
        painter.drawText(QRectF(0, bar.bottom() - 11, bar.left() - 5, 14), right, _end(self._scale.high))
        if self._rings:
            self._draw_rings(painter, bar.bottom() + 8)

    def _draw_rings(self, painter: QPainter, top: float) -> None:
        """Draw a ring, and its explanation beside it."""
        box = QRectF(0, top, self.width() - 10, 14)
        painter.drawText(box, Qt.AlignmentFlag.AlignRight, self._rings)
        left = box.right() - painter.fontMetrics().horizontalAdvance(self._rings) - 11
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen(self._theme.muted, 2))
        painter.drawEllipse(QRectF(left, top + 3.5, 7, 7))


def _end(value: float) -> str:
    """Return an end of the bar as a short text that has room beside it."""
    return minus(f"{value:.0e}".replace("e-0", "e-")) if 0 < value < 1e-2 else f"{value:.2g}"
