"""What lies over the present page for a moment: a black screen, and the dot of a laser pointer."""

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QColor, QCursor, QMouseEvent, QPainter, QPaintEvent, QRadialGradient
from PySide6.QtWidgets import QApplication, QWidget

DOT = "#ee2233"
_SHARE = 1 / 36
"""Radius of the dot, as a share of the page's height."""


class Overlay(QWidget):
    """Covers its parent while it is shown, and follows its size."""

    def __init__(self, parent: QWidget, accessible: str) -> None:
        super().__init__(parent)
        self._page = parent
        self.setAccessibleName(accessible)
        parent.installEventFilter(self)
        self.hide()

    def show_over(self, shown: bool) -> None:
        """Cover the parent, or no more."""
        self.setGeometry(self._page.rect())
        self.setVisible(shown)
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Follow the parent's size."""
        if event.type() == QEvent.Type.Resize and watched is self._page:
            self.setGeometry(self._page.rect())
        return False


class BlackScreen(Overlay):
    """Nothing but black, so that a room looks at the speaker; a click, and any key of the page, takes it away."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, "Black screen")

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw black."""
        QPainter(self).fillRect(self.rect(), Qt.GlobalColor.black)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Show the page again."""
        self.show_over(False)


class LaserDot(Overlay):
    """A large soft dot where the mouse is, whose cursor is hidden; what lies below takes the clicks."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, "Laser pointer")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.at = QPointF()

    def switch(self, on: bool) -> None:
        """Show the dot instead of the cursor, or the cursor again."""
        application = QApplication.instance()
        if application is None or on == self.isVisibleTo(self._page):
            return
        if on:
            at, page = self._page.mapFromGlobal(QCursor.pos()), self._page.rect()
            self.at = QPointF(at if page.contains(at) else page.center())
            application.installEventFilter(self)
            QApplication.setOverrideCursor(Qt.CursorShape.BlankCursor)
        else:
            application.removeEventFilter(self)
            QApplication.restoreOverrideCursor()
        self.show_over(on)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Follow the mouse, whatever lies below it."""
        if event.type() == QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            before, self.at = self.at, QPointF(self.mapFromGlobal(event.globalPosition()))
            reach = round(2 * self._radius())
            for place in (before, self.at):
                self.update(round(place.x()) - reach, round(place.y()) - reach, 2 * reach, 2 * reach)
        return super().eventFilter(watched, event)

    def _radius(self) -> float:
        return self.height() * _SHARE

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the dot, brightest in its middle, with an edge that is seen on white and on black."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        glow = QRadialGradient(self.at, self._radius())
        for place, opacity in ((0.0, 1.0), (0.4, 0.8), (1.0, 0.0)):
            colour = QColor(DOT)
            colour.setAlphaF(opacity)
            glow.setColorAt(place, colour)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(glow)
        painter.drawEllipse(self.at, self._radius(), self._radius())
