"""Rows of a form: a name at the left and its controls at the right, and sentences between rows."""

from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QWidget

from koopview.gui.looks.theme import UNIT
from koopview.gui.widgets.card import label


def row(name: str, *controls: QWidget) -> QWidget:
    """Return a row with `name`, a label that is the buddy of the last control."""
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
    """Return an empty QLabel for a sentence in small text, which wraps."""
    made = label("", "small")
    made.setWordWrap(True)
    return made


def tick(text: str, name: str, accessible: str, tip: str) -> QCheckBox:
    """Return a QCheckBox in small text."""
    made = QCheckBox(text)
    made.setObjectName(name)
    made.setAccessibleName(accessible)
    made.setProperty("role", "small")
    made.setToolTip(tip)
    return made
