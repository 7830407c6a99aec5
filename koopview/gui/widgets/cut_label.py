"""A line of text whose middle is left out where it has too little room, and the window's subject in the menu bar."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QMenuBar

from koopview.gui.looks.theme import UNIT
from koopview.gui.widgets.card import dressed


class CutLabel(QLabel):
    """A line of text; with too little room its beginning and end are drawn, and all of it is in the tooltip."""

    def say(self, text: str) -> None:
        """Set the text."""
        self.setText(text)
        self.setToolTip(text)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return no width: a long text moves nothing."""
        return QSize(1, super().minimumSizeHint().height())

    def drawn(self) -> str:
        """Return the text as it has room."""
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideMiddle, self.contentsRect().width())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the text as :meth:`drawn` has it."""
        said = self.drawn()
        if said == self.text():
            super().paintEvent(event)
            return
        painter, where = QPainter(self), Qt.AlignmentFlag.AlignVCenter
        self.style().drawItemText(
            painter, self.contentsRect(), where, self.palette(), True, said, self.foregroundRole()
        )


class Subject(CutLabel):
    """What the window shows, at the right end of its menu bar; a long one leaves the menus their room."""

    def __init__(self, bar: QMenuBar) -> None:
        super().__init__()
        self._bar = bar
        dressed(self, "muted").setContentsMargins(0, 5, 12, 0)

    def say(self, text: str) -> None:
        """Show `text`, and take the room that it needs."""
        super().say(text)
        self._bar.setCornerWidget(self, Qt.Corner.TopRightCorner)  # again, or it keeps its old width

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the text's room, at most what the menus leave."""
        hint = super().sizeHint()
        return QSize(min(hint.width(), max(1, self._bar.width() - self._menus())), hint.height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the same: the bar takes either."""
        return self.sizeHint()

    def _menus(self) -> int:
        """Return the width of the menus' names with what stands around them."""
        metrics = self._bar.fontMetrics()
        names = [action.text().replace("&", "") for action in self._bar.actions()]
        return sum(metrics.horizontalAdvance(name) + 3 * UNIT for name in names) + 4 * UNIT
