"""A row of buttons to choose one view of a panel."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget


class Segmented(QWidget):
    """Buttons side by side; ``chosen`` carries the index of the view that a person chooses."""

    chosen = Signal(int)

    def __init__(self, names: tuple[str, ...], tips: tuple[str, ...], accessible: str) -> None:
        super().__init__()
        self.setAccessibleName(accessible)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        self._group = QButtonGroup(self)
        for index, (name, tip) in enumerate(zip(names, tips, strict=True)):
            button = QToolButton()
            button.setText(name)
            button.setToolTip(tip)
            button.setAccessibleName(name)
            button.setCheckable(True)
            button.setChecked(index == 0)
            button.setProperty("role", "segment")
            self._group.addButton(button, index)
            layout.addWidget(button)
        self._group.idClicked.connect(self.chosen)

    @property
    def index(self) -> int:
        """Index of the chosen view."""
        return self._group.checkedId()

    def choose(self, index: int) -> None:
        """Choose a view as a click would."""
        self._group.button(index).click()
