"""Residuals as colours: viridis in shared steps, and the bar that explains it."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QLinearGradient, QPainter, QPaintEvent

from koopview.gui.looks.theme import SMALL, font
from koopview.gui.plots.painted import Painted
from koopview.gui.plots.plot import pen
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
        """Return where `values` lie between low (0) and high (1)."""
        low, high = self.low, self.high
        if self.log:
            values, low, high = np.log(np.maximum(values, self.low)), np.log(low), np.log(high)
        return np.clip((values - low) / (high - low), 0, 1) if high > low else np.zeros(len(values))


def scale_of(residuals: np.ndarray) -> Scale:
    """Return the scale that fits: logarithmic where the residuals span more than 50 to 1, else linear from 0."""
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
    """Return STEPS colours (STEPS, 3), 0 to 255; the first is the brightest, for the smallest residual. Only to read.

    Made once: pyqtgraph reads them from a file each time.
    """
    return pg.colormap.get("viridis").getLookupTable(1.0, 0.0, STEPS)[:, :3]


def brushes(residuals: np.ndarray, scale: Scale, shared: list[QBrush]) -> list[QBrush]:
    """Return one of the `shared` brushes a residual; the darkest where it is not known."""
    shares = np.nan_to_num(scale.shares(residuals), nan=1.0)
    return [shared[index] for index in np.round(shares * (len(shared) - 1)).astype(int)]


class ColourBar(Painted):
    """The residuals' colours from small (above, bright) to large (below, dark)."""

    def __init__(self) -> None:
        super().__init__()
        self._scale = Scale(0.0, 1.0, False)
        self._colours = [QColor(*(int(value) for value in colour)) for colour in viridis()]
        self.setFixedWidth(70)
        self.setToolTip("Residual of an eigenvalue on samples that took no part in the fit: small is trustworthy")

    def show_scale(self, scale: Scale) -> None:
        """Label the bar with `scale`."""
        self._scale = scale
        self.setAccessibleName(f"Residual, colours from {short(scale.low)} to {short(scale.high)}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the title, the bar, and its two ends."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bar = QRectF(self.width() - 20, 36, 8, min(130.0, self.height() - 80.0))
        gradient = QLinearGradient(bar.topLeft(), bar.bottomLeft())
        for index, colour in enumerate(self._colours):
            gradient.setColorAt(index / (STEPS - 1), colour)
        painter.setPen(pen(self._theme.line))
        painter.setBrush(gradient)
        painter.drawRoundedRect(bar, 2, 2)
        painter.setFont(font(SMALL))
        painter.setPen(QColor(self._theme.muted))
        right = Qt.AlignmentFlag.AlignRight
        painter.drawText(QRectF(0, 2, self.width() - 10, 14), right, "residual")
        painter.drawText(QRectF(0, 15, self.width() - 10, 14), right, "log" if self._scale.log else "")
        painter.drawText(QRectF(0, bar.top() - 2, bar.left() - 5, 14), right, _end(self._scale.low))
        painter.drawText(QRectF(0, bar.bottom() - 11, bar.left() - 5, 14), right, _end(self._scale.high))


def _end(value: float) -> str:
    """Return an end of the bar in the few characters that have room beside it."""
    return minus(f"{value:.0e}".replace("e-0", "e-")) if 0 < value < 1e-2 else f"{value:.2g}"
