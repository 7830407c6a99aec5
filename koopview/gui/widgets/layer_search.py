"""The field above the list of many layers that searches it."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QToolButton, QVBoxLayout, QWidget

from koopview.gui.looks.theme import UNIT
from koopview.gui.widgets.card import label
from koopview.gui.widgets.stage_tree import MANY

_ENTERS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class LayerSearch(QWidget):
    """``searched`` carries the words to search; ``left`` whether the first layer found is to be chosen."""

    searched = Signal(str)
    left = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.line = QLineEdit()
        self.line.setObjectName("layerSearch")
        self.line.setAccessibleName("Find a layer")
        self.line.setPlaceholderText("Find a layer")
        self.line.setToolTip("Lists the layers whose names or kinds have these words; Enter shows the first (Ctrl+F)")
        self.line.setClearButtonEnabled(True)
        for button in self.line.findChildren(QToolButton):
            button.setAccessibleName("Clear the search")
            button.setToolTip("Clear the search (Esc)")
        self.line.installEventFilter(self)
        self.nothing = label("", "small")
        self.nothing.setObjectName("layerSearchNothing")
        self.nothing.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(UNIT, 0, UNIT, 4)
        column.setSpacing(UNIT)
        column.addWidget(self.line)
        column.addWidget(self.nothing)
        self.line.textChanged.connect(self.searched)
        self.show_for(0)

    def show_for(self, layers: int) -> None:
        """Begin anew for a number of layers; few need no search."""
        self.line.clear()
        self.nothing.hide()
        self.setVisible(layers > MANY)

    def say_found(self, rows: int) -> None:
        """Say that nothing was found, if there are no rows."""
        self.nothing.setVisible(rows == 0)
        if rows == 0:
            self.nothing.setText(f"No layer has “{self.line.text().strip()}” in its name or kind.")

    def begin(self) -> None:
        """Type from now on, in the place of what was typed before."""
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.line.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Go on to the list with Down and Enter, and clear the line with Escape."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape and self.line.text():
            self.line.clear()
        elif key in (*_ENTERS, Qt.Key.Key_Down, Qt.Key.Key_Escape):
            self.left.emit(key in _ENTERS)
        else:
            return False
        return True
