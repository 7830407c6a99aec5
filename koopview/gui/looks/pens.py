"""Pens whose width is in logical pixels, on any screen and in pictures."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPen

_THICKNESS: ContextVar[float] = ContextVar("thickness", default=0.0)


def thickness() -> float:
    """Return the device pixels per logical pixel in the picture being drawn, 0 on a screen."""
    return _THICKNESS.get()


def pen(colour: str | QColor, width: float = 1.0, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    """Return a pen of `width` logical pixels for a widget that paints itself."""
    return QPen(QColor(colour), width, style)


def plot_pen(colour: str | QColor, width: float = 1.0, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    """Return a pen of `width` logical pixels at any zoom of a plot.

    Qt measures such a (cosmetic) pen in device pixels, so that it would be too thin on a high-resolution screen.
    """
    application = QGuiApplication.instance()
    ratio = application.devicePixelRatio() if isinstance(application, QGuiApplication) else 1.0
    made = QPen(QColor(colour), width * (_THICKNESS.get() or ratio), style)
    made.setCosmetic(True)
    return made


def hair_pen(colour: QColor) -> QPen:
    """Return a pen of one device pixel, with which Qt draws hundreds of lines twenty times as fast as with wider ones.

    In a picture, where time matters less, it is one logical pixel wide.
    """
    made = QPen(colour, max(1.0, _THICKNESS.get()))
    made.setCosmetic(True)
    return made


@contextmanager
def lines_times(factor: float) -> Iterator[None]:
    """Context in which plot pens are `factor` device pixels wide per logical pixel, for pictures."""
    before = _THICKNESS.set(factor)
    try:
        yield
    finally:
        _THICKNESS.reset(before)
