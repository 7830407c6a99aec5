"""What a sentence suggests to do about what it says, as a button beside it."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton


@dataclass(frozen=True)
class SuggestedAction:
    """A button's words and tooltip, and what it calls."""

    text: str
    tip: str
    call: Callable[[], object]

    @classmethod
    def of(cls, action: QAction) -> "SuggestedAction":
        """Return the suggestion to do what an action of the menus does."""
        return cls(action.text(), action.toolTip(), action.trigger)


class SuggestedActionButton(QPushButton):
    """Stands beside a sentence where that suggests something."""

    def __init__(self) -> None:
        super().__init__()
        self._suggested: SuggestedAction | None = None
        self.setAccessibleName("What to do about it")
        self.setToolTip("What can be done about what is said")
        self.clicked.connect(self._act)
        self.hide()

    def show_action(self, suggested: SuggestedAction | None) -> None:
        """Bear the words of `suggested`; hide for None."""
        self._suggested = suggested
        if suggested is not None:
            self.setText(suggested.text)
            self.setAccessibleName(suggested.text)
            self.setToolTip(suggested.tip)
        self.setVisible(suggested is not None)

    def _act(self) -> None:
        if self._suggested is not None:
            self._suggested.call()
