"""The bar of the guided tour: the step's text, and buttons forward and back."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QToolBar, QVBoxLayout, QWidget

from koopview.gui.looks.theme import UNIT
from koopview.gui.widgets.card import label

LINES = 3
SIZE = 18
"""Size of the title and of the text, in logical pixels: a room reads them too."""

_KEYS = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Space: 1}
_FAR_KEYS = {"PgDown": 1, "Alt+Right": 1, "PgUp": -1, "Alt+Left": -1}
"""Keys that work with any focus: those of a presenter's remote control, and of a browser."""


class TourBar(QToolBar):
    """``moved`` carries +1 or −1, ``presented`` asks for present mode or back, ``closed`` ends the tour."""

    moved = Signal(int)
    presented = Signal()
    closed = Signal()

    def __init__(self) -> None:
        super().__init__("Guided tour")
        self.setObjectName("tourBar")
        self.setAccessibleName("Guided tour")
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.title, self.text = label("", "title"), label("")
        for words in (self.title, self.text):
            words.setStyleSheet(f"font-size: {SIZE}px;")
        self.text.setWordWrap(True)
        self.text.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.back = _button("Back", "The step before (Left or Page up)")
        self.forth = _button("Next", "The next step (Right or Page down)")
        self.present = _button("Present", "Large figures on the whole screen, and back (F11)")
        self.end = _button("Close", "Back to your own study, as it was (Esc)")
        self._lay_out()
        self.back.clicked.connect(lambda: self.moved.emit(-1))
        self.forth.clicked.connect(lambda: self.moved.emit(1))
        self.present.clicked.connect(self.presented)
        self.end.clicked.connect(self.closed)
        self.escape = QShortcut(QKeySequence("Esc"), self, context=Qt.ShortcutContext.WindowShortcut)
        self.escape.activated.connect(self.closed)
        self.escape.activatedAmbiguously.connect(self.closed)
        self.escape.setEnabled(False)
        for keys, way in _FAR_KEYS.items():
            shortcut = QShortcut(QKeySequence(keys), self, context=Qt.ShortcutContext.WindowShortcut)
            shortcut.activated.connect(lambda way=way: self.moved.emit(way))

    def show_step(self, index: int, of: int, title: str, text: str) -> None:
        """Show a step's sentences; the first step has no button back, the last none forward."""
        self.title.setText(f"{index + 1} of {of} · {title}")
        self.text.setText(text)
        self.back.setEnabled(index > 0)
        self.forth.setEnabled(index < of - 1)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Change the step with the arrow keys."""
        way = _KEYS.get(Qt.Key(event.key()))
        if way is None:
            super().keyPressEvent(event)
        else:
            self.moved.emit(way)

    def _lay_out(self) -> None:
        self.text.setFixedHeight(round(LINES * 1.25 * SIZE))  # so that the bar does not jump from step to step
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        for button in (self.back, self.forth, self.present, self.end):
            head.addWidget(button)
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(UNIT, 2, UNIT, 0)
        layout.setSpacing(UNIT // 2)
        layout.addLayout(head)
        layout.addWidget(self.text)
        self.addWidget(inside)


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(text)
    button.setToolTip(tip)
    button.setAutoDefault(False)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
