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

    def offer(self, indices: tuple[int, ...]) -> None:
        """Show the buttons of these views alone; if the chosen one is hidden, the first of them is checked."""
        for index, button in enumerate(self._group.buttons()):
            button.setVisible(index in indices)
        if self.index not in indices and indices:
            self._group.button(indices[0]).setChecked(True)

    def check(self, index: int) -> None:
        """Check the button of a view, without choosing it for a person."""
        self._group.button(index).setChecked(True)

    def choose(self, index: int) -> None:
        """Choose a view as a click would."""
        self._group.button(index).click()
