"""An action that a message suggests, as a button beside it."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton


@dataclass(frozen=True)
class SuggestedAction:
    """A button's text and tooltip, and the function that it calls."""

    text: str
    tip: str
    call: Callable[[], object]

    @classmethod
    def of(cls, action: QAction) -> "SuggestedAction":
        """Return the SuggestedAction that triggers a menu's action."""
        return cls(action.text(), action.toolTip(), action.trigger)


class SuggestedActionButton(QPushButton):
    """The button of a suggested action, hidden without one."""

    def __init__(self) -> None:
        super().__init__()
        self._suggested: SuggestedAction | None = None
        self.setAccessibleName("What to do about it")
        self.setToolTip("What can be done about what is said")
        self.clicked.connect(self._act)
        self.hide()

    def show_action(self, suggested: SuggestedAction | None) -> None:
        """Show the text of `suggested`; hide for None."""
        self._suggested = suggested
        if suggested is not None:
            self.setText(suggested.text)
            self.setAccessibleName(suggested.text)
            self.setToolTip(suggested.tip)
        self.setVisible(suggested is not None)

    def _act(self) -> None:
        if self._suggested is not None:
            self._suggested.call()
