"""A frame around the widget that is being explained."""

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from koopview.gui.looks.pens import pen
from koopview.gui.looks.theme import LIGHT, UNIT, Theme

_WIDTH = 3.0


class Highlight(QWidget):
    """Covers its target and lets the mouse through; hidden without a target."""

    def __init__(self) -> None:
        super().__init__()
        self._target: QWidget | None = None
        self._theme = LIGHT
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def point_at(self, target: QWidget | None, theme: Theme = LIGHT) -> None:
        """Frame `target` in the accent colour of `theme`; nothing for None."""
        if self._target is not None:
            self._target.removeEventFilter(self)
        self._target, self._theme = target, theme
        if target is None:
            self.setParent(None)
            self.hide()
            return
        self.setParent(target)
        target.installEventFilter(self)
        self.setGeometry(target.rect())
        self.raise_()
        self.show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Follow the target's size."""
        if event.type() == QEvent.Type.Resize and watched is self._target and self._target is not None:
            self.setGeometry(self._target.rect())
        return False

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the frame."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(pen(QColor(self._theme.accent).name(), _WIDTH))
        inside = QRectF(self.rect()).adjusted(_WIDTH / 2, _WIDTH / 2, -_WIDTH / 2, -_WIDTH / 2)
        painter.drawRoundedRect(inside, UNIT, UNIT)
