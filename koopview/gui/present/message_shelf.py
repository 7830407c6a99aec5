"""Where a message stands in present mode: over the title and the sentence, so that it moves none of the pictures."""

from PySide6.QtCore import QEvent, QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget


class MessageShelf(QWidget):
    """Lies over the top of its page, as high as what its `place` holds needs at its width."""

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self.place = QVBoxLayout(self)
        self.place.setContentsMargins(0, 0, 0, 0)

    def lay(self, left: int, top: int, width: int) -> None:
        """Take a place on the page, in pixels, and stand in front of all else there."""
        self.place.invalidate()
        needs = self.place.heightForWidth(width) if self.place.hasHeightForWidth() else self.place.sizeHint().height()
        self.setGeometry(left, top, width, max(0, needs))
        self.raise_()

    def _again(self) -> None:
        """Take the place again, now that what is shown first has its own font."""
        self.lay(self.x(), self.y(), self.width())

    def event(self, event: QEvent) -> bool:
        """Take the height that a new message needs."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.lay(self.x(), self.y(), self.width())
            QTimer.singleShot(0, self, self._again)
        return super().event(event)
