"""The colours and markers of classes, the same everywhere; no class is identified by colour alone."""

from pyqtgraph.graphicsItems.ScatterPlotItem import Symbols
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter, QTransform

from koopview.gui.looks.theme import LIGHT, Theme

_INK = "ink"
_COLOURS = (
    "#f0e442",
    "#cc79a7",
    "#9bd4b0",
    "#882255",
    "#999933",
    "#f4b6d2",
    "#8c564b",
    _INK,
    "#5d6b7a",
    "#b5b9bd",
)
"""Colours far from those of original, scaled and hybrid, the first ones differ most in lightness."""

MARKERS = ("o", "s", "d", "t1", "star", "t", "p", "x", "h", "+")
"""pyqtgraph's names of shapes."""

_FADED = 0.22
_CONTRAST = 2.2
"""Least ratio of luminance between a line and its background."""


def class_colour(index: int, theme: Theme = LIGHT) -> QColor:
    """Return the palette's colour of a class."""
    name = _COLOURS[index % len(_COLOURS)]
    return QColor(theme.ink if name == _INK else name)


def class_marker(index: int) -> str:
    """Return the marker of a class; markers repeat after ten classes, with other colours."""
    return MARKERS[(index + index // len(MARKERS)) % len(MARKERS)]


def class_fill(index: int, theme: Theme) -> QColor:
    """Return the colour of a class for areas."""
    return mixed(class_colour(index, theme), QColor(theme.panel), _FADED)


def class_line(index: int, theme: Theme) -> QColor:
    """Return the colour of a class for lines and markers, with enough contrast to the panel's background."""
    return seen(class_colour(index, theme), theme)


def seen(colour: QColor, theme: Theme) -> QColor:
    """Return `colour` moved towards the theme's ink until it has enough contrast to the panel's background."""
    ground, ink, share = QColor(theme.panel), QColor(theme.ink), 0.0
    while contrast(mixed(colour, ink, share), ground) < _CONTRAST and share < 1:
        share += 0.05
    return mixed(colour, ink, share)


def mixed(one: QColor, other: QColor, share: float) -> QColor:
    """Return the colour between `one` (share 0) and `other` (share 1)."""
    pairs = zip(channels(one), channels(other), strict=True)
    return QColor.fromRgbF(*(a + (b - a) * min(1.0, share) for a, b in pairs))


def channels(colour: QColor) -> tuple[float, float, float]:
    """Return red, green and blue from 0 to 1."""
    return colour.redF(), colour.greenF(), colour.blueF()


def contrast(one: QColor, other: QColor) -> float:
    """Return the ratio of two colours' luminances, from 1 to 21 (WCAG 2.1)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def readable_on(ground: QColor) -> QColor:
    """Return black or white, whichever has more contrast to `ground`: never less than 4.5 to 1."""
    return max((QColor("#000000"), QColor("#ffffff")), key=lambda ink: contrast(ink, ground))


def draw_class_marker(painter: QPainter, index: int, at: QPointF, size: float) -> None:
    """Draw the marker of a class around `at`, `size` logical pixels wide, with the painter's pen and brush."""
    painter.drawPath(QTransform(size, 0, 0, size, at.x(), at.y()).map(Symbols[class_marker(index)]))


def _luminance(colour: QColor) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
