"""The command search: type a few letters, choose with the arrow keys, run with Enter."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QTreeWidget, QTreeWidgetItem, QVBoxLayout

from koopview.gui.commands import Command, CommandPort, commands_of, matches, setting_command
from koopview.gui.looks.theme import UNIT

_ROWS = 12
_MOVES = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: _ROWS, Qt.Key.Key_PageUp: -_ROWS}


class Palette(QDialog):
    """Lists the possible commands; the chosen one runs after the palette has closed."""

    def __init__(self, port: CommandPort) -> None:
        super().__init__(port.window, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("commandPalette")
        self.setWindowTitle("Find a command")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._port, self._all = port, commands_of(port)
        self._found: list[Command] = []
        self.search = QLineEdit()
        self.search.setAccessibleName("Find a command")
        self.search.setToolTip("Letters of a command or a setting, such as delays 12, rank 30, layer 4")
        self.search.setPlaceholderText("Find a command, or set: delays 12, rank 30, layer 4")
        self.search.installEventFilter(self)
        self.list = QTreeWidget()
        self.list.setAccessibleName("Commands found")
        self.list.setHeaderHidden(True)
        self.list.setColumnCount(2)
        self.list.setRootIsDecorated(False)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.itemClicked.connect(lambda item, column: self.run())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT, UNIT, UNIT, UNIT)
        layout.addWidget(self.search)
        layout.addWidget(self.list)
        self.search.textChanged.connect(self._filter)
        self.resize(480, 380)
        self._filter("")

    def texts(self) -> list[str]:
        """Return the texts of the commands found."""
        return [command.text for command in self._found]

    def run(self) -> None:
        """Close, and run the chosen command."""
        row = self.list.currentIndex().row()
        self.close()
        if 0 <= row < len(self._found):
            self._found[row].run()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Pass arrow keys and Enter to the list, and letters to the line."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in _MOVES:
                self._move(_MOVES[Qt.Key(event.key())])
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.run()
                return True
        return False

    def _move(self, rows: int) -> None:
        row = min(len(self._found) - 1, max(0, self.list.currentIndex().row() + rows))
        self.list.setCurrentIndex(self.list.model().index(row, 0))

    def _filter(self, text: str) -> None:
        typed = setting_command(text, self._port.session, self._port.tell)
        found = matches(text, self._all)
        self._found = found if typed is None else [typed, *(each for each in found if each.text != typed.text)]
        self.list.clear()
        for command in self._found:
            item = QTreeWidgetItem([command.text, command.keys])
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight)
            item.setToolTip(0, command.tip)
            self.list.addTopLevelItem(item)
        self.list.resizeColumnToContents(0)
        self._move(0)
