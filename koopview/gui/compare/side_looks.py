"""What tells the two sides of a comparison apart: a colour and a marker each, none of which means something else."""

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter, QPolygonF

from koopview.gui.looks.pens import pen
from koopview.gui.looks.theme import Theme

_COLOURS = {"light": ("#7a3e9d", "#b3261e"), "dark": ("#c9a0e6", "#ff8a80")}
"""A is purple, B red: neither is the original's orange, the scaled green or the hybrid's blue."""

GLYPHS = ("●", "◇")
"""The markers in words: A a disc, B an open diamond, which leaves a disc in it visible."""


def side_colours(theme: Theme) -> tuple[str, str]:
    """Return the colours of A and B in a theme."""
    return _COLOURS["dark" if theme.name == "dark" else "light"]


def draw_marker(painter: QPainter, theme: Theme, side: int, at: QPointF, radius: float = 4.5) -> None:
    """Draw the marker of a side (0 or 1)."""
    colour = side_colours(theme)[side]
    if side == 0:
        painter.setPen(pen(colour, 1.0))
        painter.setBrush(QColor(colour))
        painter.drawEllipse(at, radius - 0.5, radius - 0.5)
        return
    reach = radius + 1.5
    painter.setPen(pen(colour, 1.8))
    painter.setBrush(QColor(0, 0, 0, 0))
    corners = ((0, -reach), (reach, 0), (0, reach), (-reach, 0))
    painter.drawPolygon(QPolygonF([QPointF(at.x() + x, at.y() + y) for x, y in corners]))
