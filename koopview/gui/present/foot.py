"""The foot of the present page: the line that says the keys, and buttons for whoever has a mouse."""

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from koopview.gui.looks.theme import UNIT
from koopview.gui.present.keys import LINES
from koopview.gui.widgets.card import Note, dressed, tool_button


class Foot(QWidget):
    """``keys`` is the line; the buttons are ``paths``, ``dark`` and ``leave``."""

    def __init__(self) -> None:
        super().__init__()
        self.keys = dressed(Note(), "small")
        self.keys.setMinimumWidth(1)
        self.keys.setToolTip(LINES[0])
        self.keys.setAccessibleName("Keys")
        self.paths = tool_button("Trajectory", "segment", "Show the trajectory too")
        self.paths.setCheckable(True)
        self.paths.setToolTip("Show the layer's step and its scaled path above")
        self.dark = tool_button("Light / dark", "segment", "Change between light and dark")
        self.dark.setToolTip("Change between light and dark while you present (L); Ctrl+T changes it for good")
        self.leave = tool_button("Leave", "segment", "Leave present mode")
        self.leave.setToolTip("Back to the window (Esc or F11)")
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(UNIT)
        row.addWidget(self.keys, 1)
        for button in (self.paths, self.dark, self.leave):
            row.addWidget(button)

    def fit(self) -> None:
        """Say as many keys as there is room for."""
        measure, room = self.keys.fontMetrics(), self.keys.width()
        self.keys.setText(next((line for line in LINES if measure.horizontalAdvance(line) <= room), LINES[-1]))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Say as many keys as there is room for."""
        super().resizeEvent(event)
        self._row.activate()
        self.fit()

    def switch(self) -> None:
        """Hide the foot, or show it again."""
        self.setVisible(self.isHidden())
