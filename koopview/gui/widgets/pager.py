"""Buttons to page through more states than fit on one page."""

from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from koopview.gui.text import count
from koopview.gui.widgets.card import label, tool_button

PAGE = 8
"""States on one page."""


class Pager(QWidget):
    """The range of states on screen, between the buttons ``back`` and ``forth``."""

    def __init__(self) -> None:
        super().__init__()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.back, self.forth = _leaf("‹", "Previous states"), _leaf("›", "Next states")
        self.text = label("", "small")
        self.setToolTip(
            "Sorted by how far this sample's scaled path bends away from the original step; appended states last"
        )
        for part in (self.back, self.text, self.forth):
            layout.addWidget(part)

    def show_page(self, page: int, states: int) -> None:
        """Show which of `states` are on screen."""
        first, last = page * PAGE + 1, min(states, (page + 1) * PAGE)
        self.text.setText(f"{first}–{last} of {count(states)}")
        self.back.setEnabled(page > 0)
        self.forth.setEnabled(last < states)


def _leaf(text: str, name: str) -> QToolButton:
    button = tool_button(text, "plain", name)
    button.setToolTip(name)
    button.setFixedWidth(20)  # leaves room for the legend of the plots
    return button
