"""The panels side by side, with handles between them that a person can drag."""

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from koopview.gui.looks.theme import UNIT

_FIRST = {"columns": [252, 764, 256], "rows": [240, 306, 178], "middle": [410, 394]}


class Workspace(QWidget):
    """Network at the left, Fit at the right; between them trajectory, eigenvalues beside accuracy, tabs."""

    def __init__(
        self,
        network: QWidget,
        trajectory: QWidget,
        eigenvalues: QWidget,
        accuracy: QWidget,
        tabs: QWidget,
        fit: QWidget,
    ) -> None:
        super().__init__()
        self.setObjectName("workspace")
        middle = _splitter("middle", Qt.Orientation.Horizontal, eigenvalues, accuracy)
        rows = _splitter("rows", Qt.Orientation.Vertical, trajectory, middle, tabs)
        columns = _splitter("columns", Qt.Orientation.Horizontal, network, rows, fit)
        self._splitters = {"middle": middle, "rows": rows, "columns": columns}
        for index, stretch in enumerate((0, 1, 0)):
            columns.setStretchFactor(index, stretch)
        for index, stretch in enumerate((4, 6, 2)):
            rows.setStretchFactor(index, stretch)
        self.message_place = QVBoxLayout()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT, UNIT, UNIT, UNIT)
        layout.setSpacing(UNIT)
        layout.addLayout(self.message_place)
        layout.addWidget(columns, 1)
        self.reset()

    def reset(self) -> None:
        """Give every panel its first size."""
        for name, splitter in self._splitters.items():
            splitter.setSizes(_FIRST[name])

    def states(self) -> dict[str, QByteArray]:
        """Return the places of the handles, by splitter."""
        return {name: splitter.saveState() for name, splitter in self._splitters.items()}

    def restore(self, states: dict[str, QByteArray]) -> None:
        """Put the handles where they were; a state that does not fit is left out."""
        for name, state in states.items():
            if not state.isEmpty():
                self._splitters[name].restoreState(state)


def _splitter(name: str, orientation: Qt.Orientation, *panels: QWidget) -> QSplitter:
    splitter = QSplitter(orientation)
    splitter.setObjectName(name)
    splitter.setHandleWidth(UNIT)
    splitter.setChildrenCollapsible(False)
    for panel in panels:
        splitter.addWidget(panel)
    return splitter
