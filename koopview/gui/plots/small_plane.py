"""A small complex plane in a grid of many: dots, the unit circle, and numbers beside outer planes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF

from koopview.gui.looks.pens import pen
from koopview.gui.looks.theme import Theme
from koopview.gui.plots.plane import crowded
from koopview.gui.plots.ticks import ticks
from koopview.gui.text import minus

REACH = 1.18
"""Largest real or imaginary part in a plane with the unit circle."""

INSET, FROM = 0.46, 90
"""Side of an inset as a share of its plane's, and the least side of a plane, in pixels, with room for one."""

_LADDER = (100, 50, 20, 10, 5, 4, 3, 2)
"""Magnifications of an inset; crowded eigenvalues always fit at the last one."""


@dataclass(frozen=True)
class Seen:
    """The visible square of the complex plane: its centre, and half its side.

    If a spectrum is crowded in one spot, its plane has an inset, magnified `times`: the same for all planes of a grid,
    so that they can be compared.
    """

    middle: complex
    reach: float
    times: int = 1

    @classmethod
    def of(cls, spectra: Sequence[np.ndarray]) -> "Seen":
        """Return a Seen of the unit circle, or a close-up if all eigenvalues of all spectra are in one spot."""
        near = [values[np.abs(values) <= REACH] for values in spectra]
        if near and crowded(np.concatenate(near)):
            return around(np.concatenate(near))
        reaches = [around(values).reach for values in near if crowded(values)]
        return cls(0j, REACH, times_of(max(reaches)) if reaches else 1)

    @property
    def is_close_up(self) -> bool:
        """Whether only a part of the unit circle is visible."""
        return self.reach < 1

    def place(self, values: np.ndarray, box: QRectF) -> list[QPointF]:
        """Return the points, in the square `box`, of those complex `values` that are visible."""
        gaps = (values - self.middle) / self.reach
        seen = gaps[np.maximum(np.abs(gaps.real), np.abs(gaps.imag)) <= 1]
        centre, half = box.center(), box.width() / 2
        return [QPointF(centre.x() + half * gap.real, centre.y() - half * gap.imag) for gap in seen]

    def numbers(self, upwards: bool, most: int) -> tuple[float, ...]:
        """Return the round numbers to write at an axis: at least one, at most `most`."""
        middle = self.middle.imag if upwards else self.middle.real
        return ticks(middle - self.reach, middle + self.reach, 2 * self.reach / most)


def around(values: np.ndarray) -> Seen:
    """Return the square about all of `values`, symmetric about the real axis."""
    low, high = float(values.real.min()), float(values.real.max())
    return Seen(complex((low + high) / 2), 1.15 * max((high - low) / 2, float(np.abs(values.imag).max()), 0.005))


def times_of(reach: float) -> int:
    """Return the magnification of an inset that shows `reach` in each direction."""
    return next((one for one in _LADDER if INSET * REACH / one >= reach), 1)


def draw_plane(painter: QPainter, theme: Theme, box: QRectF, seen: Seen, values: np.ndarray, shown: bool) -> None:
    """Draw eigenvalues and the unit circle in `box`, with an inset if they are crowded in one spot."""
    painter.save()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen(theme.ink if shown else theme.baseline, 1.6 if shown else 1.0))
    draw_circle(painter, box, seen)
    draw_dots(painter, theme, box, seen, values)
    near = values[np.abs(values) <= REACH]
    if seen.times > 1 and box.width() >= FROM and crowded(near):
        draw_inset(
            painter, theme, box, replace(seen, middle=around(near).middle, reach=INSET * REACH / seen.times), near
        )
    painter.restore()


def draw_circle(painter: QPainter, box: QRectF, seen: Seen) -> None:
    """Draw the unit circle; in a close-up its visible arc, within a frame."""
    if seen.is_close_up:
        painter.drawRect(box)
        painter.setClipRect(box)
    radius = box.width() / 2 / seen.reach
    centre = box.center() - QPointF(radius * seen.middle.real, -radius * seen.middle.imag)
    painter.drawEllipse(centre, radius, radius)
    painter.setClipping(False)


def draw_dots(painter: QPainter, theme: Theme, box: QRectF, seen: Seen, values: np.ndarray) -> None:
    """Draw the visible eigenvalues."""
    dot = pen(theme.hybrid, 3.4)
    dot.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(dot)
    painter.drawPoints(QPolygonF(seen.place(values, box)))


def draw_inset(painter: QPainter, theme: Theme, box: QRectF, seen: Seen, values: np.ndarray) -> None:
    """Draw the inset on the side of the plane without eigenvalues, and its magnification."""
    side, left = INSET * box.width(), seen.middle.real > 0
    centre = box.center() + QPointF((-0.07 if left else 0.07) * box.width(), -0.04 * box.width())
    inset = QRectF(centre.x() - side / 2, centre.y() - side / 2, side, side)
    painter.fillRect(inset, QColor(theme.panel))
    painter.setPen(pen(theme.muted, 0.8))
    draw_circle(painter, inset, seen)
    draw_dots(painter, theme, inset, seen, values)
    painter.setPen(QColor(theme.muted))
    below = QRectF(inset.left(), inset.bottom(), side, 14)
    painter.drawText(below, Qt.AlignmentFlag.AlignCenter, f"×{seen.times}")


def draw_numbers(painter: QPainter, theme: Theme, box: QRectF, seen: Seen, upwards: bool) -> None:
    """Write numbers to the left of `box` (`upwards`) or below it."""
    painter.setPen(QColor(theme.muted))
    room = 16 if upwards else painter.fontMetrics().horizontalAdvance(minus(f"{-seen.reach:.1g}")) + 14
    numbers = seen.numbers(upwards, min(3, int(box.width() // room)))
    places = seen.place(np.array([complex(seen.middle.real, one) if upwards else complex(one) for one in numbers]), box)
    for number, place in zip(numbers, places, strict=True):
        text = minus(f"{number:g}")
        if upwards:
            beside = QRectF(box.left() - 44, place.y() - 7, 40, 14)
            painter.drawText(beside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        else:
            painter.drawText(QRectF(place.x() - 20, box.bottom() + 1, 40, 14), Qt.AlignmentFlag.AlignCenter, text)
