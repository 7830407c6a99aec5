"""Panels that fold away where a window is too small for them, and come back where it is not."""

from collections.abc import Mapping

from PySide6.QtCore import QByteArray, QSize
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QToolButton


class Folding:
    """Hides a panel once there is less room than `needs` says by its name, and shows it once there is more.

    `toggles` are the checkable actions that show and hide each panel. What a person shows or hides stays so: only a
    change of the room past the limit folds anything.
    """

    def __init__(self, toggles: Mapping[str, QAction], needs: Mapping[str, QSize]) -> None:
        self._toggles, self._needs = toggles, needs
        self._cramped: dict[str, bool] = {}
        self.folded: set[str] = set()
        for name in needs:
            toggles[name].triggered.connect(lambda shown, name=name: self.folded.discard(name))

    def fit(self, room: QSize) -> None:
        """Fold and unfold what a new size of the whole asks for."""
        for name, least in self._needs.items():
            cramped = room.width() < least.width() or room.height() < least.height()
            if cramped == self._cramped.get(name, False):
                continue
            self._cramped[name] = cramped
            if cramped and self._is_in_place(name):
                self.folded.add(name)
                self._show(name, False)
            elif not cramped and name in self.folded:
                self.folded.discard(name)
                self._show(name, True)

    def _is_in_place(self, name: str) -> bool:
        """Return whether a panel takes room of the window: neither hidden nor in a window of its own."""
        toggle = self._toggles[name]
        dock = toggle.parent()
        if isinstance(dock, QDockWidget):
            return not dock.isHidden() and not dock.isFloating()
        return toggle.isChecked()

    def _show(self, name: str, shown: bool) -> None:
        toggle = self._toggles[name]
        dock = toggle.parent()
        if isinstance(dock, QDockWidget):
            dock.setVisible(shown)
        else:
            toggle.setChecked(shown)

    def forget(self) -> None:
        """Begin anew, with all panels shown."""
        self._cramped, self.folded = {}, set()

    def state(self) -> QByteArray:
        """Return which panels are folded away, for the next start."""
        return QByteArray(",".join(sorted(self.folded)).encode())

    def restore(self, state: QByteArray) -> None:
        """Take up what was folded away, where the panels are as they were."""
        self.folded = set(bytes(state.data()).decode(errors="replace").split(",")) & set(self._needs)
        self._cramped = dict.fromkeys(self.folded, True)

    def buttons(self) -> list[QToolButton]:
        """Return a button for each panel that may fold, seen while it is hidden: the way back."""
        return [_button(self._toggles[name]) for name in self._needs]


def _button(action: QAction) -> QToolButton:
    button = QToolButton()
    button.setText(action.iconText())
    button.setToolTip(action.toolTip())
    button.setProperty("role", "small-button")
    button.clicked.connect(action.trigger)
    button.setVisible(not action.isChecked())
    action.toggled.connect(lambda shown: button.setVisible(not shown))
    return button
