"""Marks of changed answers, told apart by their shape: a circle or a cross became wrong, a square or a tick right."""

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter

from koopview.gui.looks.pens import pen
from koopview.gui.looks.theme import Theme
from koopview.gui.plots.meaning_words import RIGHT, WRONG


def draw_ring(painter: QPainter, at: QPointF, radius: float, verdict: str, theme: Theme, chosen: bool = False) -> None:
    """Draw a ring around a place, a square one for an answer that became right, seen on any ground by its rim."""
    box = QRectF(at.x() - radius, at.y() - radius, 2 * radius, 2 * radius)
    draw = painter.drawRect if verdict == RIGHT else painter.drawEllipse
    painter.setBrush(QColor(theme.ink) if chosen else QColor(0, 0, 0, 0))
    for colour, width in ((theme.panel, 3.2), (theme.ink, 1.5)):
        painter.setPen(pen(colour, width))
        draw(box)


def draw_verdict(painter: QPainter, at: QPointF, verdict: str, colour: str) -> None:
    """Draw a tick around `at` for an answer that became right, a cross for one that became wrong, else a dot."""
    painter.setPen(pen(colour, 1.8))
    x, y = at.x(), at.y()
    if verdict == RIGHT:
        painter.drawPolyline([QPointF(x - 4, y), QPointF(x - 1.2, y + 3), QPointF(x + 4, y - 3.5)])
    elif verdict == WRONG:
        painter.drawLine(QPointF(x - 3, y - 3), QPointF(x + 3, y + 3))
        painter.drawLine(QPointF(x - 3, y + 3), QPointF(x + 3, y - 3))
    elif verdict:
        painter.drawLine(QPointF(x - 3, y), QPointF(x + 3, y))
