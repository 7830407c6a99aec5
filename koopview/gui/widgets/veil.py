"""Dims a picture that no longer matches the controls, until the new one arrives."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from koopview.gui.looks.theme import LIGHT, Theme

_OPACITY = 0.72


class Veil(QWidget):
    """A translucent sheet over `target` in the panel's colour; lets the mouse through."""

    def __init__(self, target: QWidget) -> None:
        super().__init__(target)
        self._target = target
        self._colour = QColor(LIGHT.panel)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        target.installEventFilter(self)

    def set_theme(self, theme: Theme) -> None:
        """Take the panel's colour of `theme`."""
        self._colour = QColor(theme.panel)
        self.update()

    def drop(self, stale: bool) -> None:
        """Cover the target if `stale`, else uncover it."""
        if stale:
            self.setGeometry(self._target.rect())
            self.raise_()
        self.setVisible(stale)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Follow the target's size."""
        if event.type() == QEvent.Type.Resize and watched is self._target:
            self.setGeometry(self._target.rect())
        return False

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Fill with the panel's colour."""
        painter = QPainter(self)
        painter.setOpacity(_OPACITY)
        painter.fillRect(self.rect(), self._colour)
