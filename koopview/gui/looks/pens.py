"""Pens of so many logical pixels, on any screen and in pictures."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPen

_THICKNESS: ContextVar[float] = ContextVar("thickness", default=0.0)


def thickness() -> float:
    """Return how many device pixels a logical one is wide in the picture that is drawn, 0 on a screen."""
    return _THICKNESS.get()


def pen(colour: str, width: float = 1.0, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    """Return a pen of `width` logical pixels for a widget that paints itself."""
    return QPen(QColor(colour), width, style)


def plot_pen(colour: str | QColor, width: float = 1.0, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    """Return a pen of `width` logical pixels at any zoom of a plot.

    Qt measures such a (cosmetic) pen in pixels of the device, so that it would be thin on a sharp screen.
    """
    application = QGuiApplication.instance()
    ratio = application.devicePixelRatio() if isinstance(application, QGuiApplication) else 1.0
    made = QPen(QColor(colour), width * (_THICKNESS.get() or ratio), style)
    made.setCosmetic(True)
    return made


def hair_pen(colour: QColor) -> QPen:
    """Return a pen of one pixel of the device, in which Qt draws hundreds of lines twenty times as fast as wider ones.

    In a picture, where nobody waits, it is as wide as a logical pixel.
    """
    made = QPen(colour, max(1.0, _THICKNESS.get()))
    made.setCosmetic(True)
    return made


@contextmanager
def lines_times(factor: float) -> Iterator[None]:
    """Let every plot pen made while the context lasts be `factor` device pixels wide a logical one: for pictures."""
    before = _THICKNESS.set(factor)
    try:
        yield
    finally:
        _THICKNESS.reset(before)
