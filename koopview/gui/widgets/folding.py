"""Docks that fold away where a window is too small for them, and come back where it is not."""

from collections.abc import Mapping

from PySide6.QtCore import QByteArray, QSize
from PySide6.QtWidgets import QDockWidget, QToolButton


class Folding:
    """Hides each of `docks` once there is less room than `needs` says by its name, and shows it once there is more.

    What a person shows or hides stays so: only a change of the room past the limit folds anything.
    """

    def __init__(self, docks: Mapping[str, QDockWidget], needs: Mapping[str, QSize]) -> None:
        self._docks, self._needs = docks, needs
        self._cramped: dict[str, bool] = {}
        self.folded: set[str] = set()
        for name in needs:
            docks[name].toggleViewAction().triggered.connect(lambda shown, name=name: self.folded.discard(name))

    def fit(self, room: QSize) -> None:
        """Fold and unfold what a new size of the whole asks for."""
        for name, least in self._needs.items():
            cramped = room.width() < least.width() or room.height() < least.height()
            if cramped == self._cramped.get(name, False):
                continue
            self._cramped[name] = cramped
            dock = self._docks[name]
            if cramped and not dock.isHidden() and not dock.isFloating():
                self.folded.add(name)
                dock.hide()
            elif not cramped and name in self.folded:
                self.folded.discard(name)
                dock.show()

    def forget(self) -> None:
        """Begin anew, with all docks shown."""
        self._cramped, self.folded = {}, set()

    def state(self) -> QByteArray:
        """Return which docks are folded away, for the next start."""
        return QByteArray(",".join(sorted(self.folded)).encode())

    def restore(self, state: QByteArray) -> None:
        """Take up what was folded away, where the docks are as they were."""
        self.folded = set(bytes(state.data()).decode(errors="replace").split(",")) & set(self._needs)
        self._cramped = dict.fromkeys(self.folded, True)

    def buttons(self) -> list[QToolButton]:
        """Return a button for each dock that may fold, seen while it is hidden: the way back."""
        return [_button(self._docks[name]) for name in self._needs]


def _button(dock: QDockWidget) -> QToolButton:
    action, button = dock.toggleViewAction(), QToolButton()
    button.setText(dock.windowTitle())
    button.setToolTip(action.toolTip())
    button.setProperty("role", "small-button")
    button.clicked.connect(action.trigger)
    button.setVisible(not action.isChecked())
    action.toggled.connect(lambda shown: button.setVisible(not shown))
    return button
