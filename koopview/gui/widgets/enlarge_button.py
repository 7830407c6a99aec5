"""A small button at the right end of a panel's head: two arrows that point away from each other."""

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QToolButton

from koopview.gui.looks.appearance import theme_in_use
from koopview.gui.looks.pens import pen

_SIDE, _REACH, _ARROW = 22, 4.5, 4.0


class EnlargeButton(QToolButton):
    """Painted, since not every font has such an arrow."""

    def __init__(self, title: str, tip: str) -> None:
        super().__init__()
        self.setProperty("role", "plain")
        self.setFixedSize(QSize(_SIDE, _SIDE))
        self.setAccessibleName(f"Enlarge {title}")
        self.setToolTip(tip)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the button's ground and the arrows."""
        super().paintEvent(event)
        theme = theme_in_use()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(pen(QColor(theme.ink if self.underMouse() or self.hasFocus() else theme.muted).name(), 1.3))
        middle = QPointF(_SIDE / 2, _SIDE / 2)
        for sign in (1, -1):
            tip = middle + QPointF(sign * _REACH, -sign * _REACH)
            painter.drawLine(middle + QPointF(sign * 1.2, -sign * 1.2), tip)
            ends = (tip - QPointF(sign * _ARROW, 0), tip, tip + QPointF(0, sign * _ARROW))
            painter.drawPolyline(QPolygonF(list(ends)))
