"""Rows of a form: a name at the left, its controls at the right; and sentences between them."""

from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QWidget

from koopview.gui.looks.theme import UNIT
from koopview.gui.widgets.card import label


def row(name: str, *controls: QWidget) -> QWidget:
    """Return a row that bears `name`, the buddy of the last of the controls."""
    made = QWidget()
    layout = QHBoxLayout(made)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(UNIT)
    text = QLabel(name)
    text.setBuddy(controls[-1])
    text.setToolTip(controls[-1].toolTip())
    layout.addWidget(text)
    layout.addStretch(1)
    for control in controls:
        layout.addWidget(control)
    return made


def sentence() -> QLabel:
    """Return an empty sentence in small letters, as many lines as it needs."""
    made = label("", "small")
    made.setWordWrap(True)
    return made


def tick(text: str, name: str, accessible: str, tip: str) -> QCheckBox:
    """Return a box to tick, in small letters."""
    made = QCheckBox(text)
    made.setObjectName(name)
    made.setAccessibleName(accessible)
    made.setProperty("role", "small")
    made.setToolTip(tip)
    return made
