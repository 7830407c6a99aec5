"""The layout of the panels: two rows in the middle, and around them docks that a person can move, float and hide."""

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QAction, QHideEvent, QKeySequence, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QDockWidget, QFrame, QMainWindow, QSplitter, QVBoxLayout, QWidget

from koopview.gui.looks.theme import UNIT
from koopview.gui.widgets.card import Card, scrolled
from koopview.gui.widgets.folding import Folding

_HEIGHT = 695
"""Height for which the default sizes are made, in a window of 1280 x 800."""
_FIRST = {"rows": [244, 306], "middle": [410, 394]}
_DOCKS = {
    "network": ("Network", Qt.DockWidgetArea.LeftDockWidgetArea, 252, "F6"),
    "results": ("Further results", Qt.DockWidgetArea.BottomDockWidgetArea, 166, "F7"),
    "fit": ("Fit", Qt.DockWidgetArea.RightDockWidgetArea, 256, "F8"),
}
"""Each dock's title, where it is at first, its width or height there, and the key that shows and hides it."""
_NEEDS = {"network": QSize(1130, 0), "results": QSize(0, 560)}
"""The workspace's size below which a dock folds: the panels in the middle would have too little room beside it."""


class Workspace(QWidget):
    """Trajectory above eigenvalues beside accuracy; network, fit and further results in docks around them."""

    def __init__(
        self, network: Card, trajectory: QWidget, eigenvalues: QWidget, accuracy: QWidget, results: Card, fit: Card
    ) -> None:
        super().__init__()
        self.setObjectName("workspace")
        middle = _splitter("middle", Qt.Orientation.Horizontal, eigenvalues, accuracy)
        rows = _splitter("rows", Qt.Orientation.Vertical, trajectory, middle)
        for index, stretch in enumerate((4, 6)):
            rows.setStretchFactor(index, stretch)
        self._splitters = {"middle": middle, "rows": rows}
        self._yard = QMainWindow()
        self._yard.setWindowFlags(Qt.WindowType.Widget)  # a widget with docks around it, no window
        self._yard.setCentralWidget(scrolled(rows))  # a small window moves what it has no room for
        for corner in (Qt.Corner.BottomLeftCorner, Qt.Corner.BottomRightCorner):
            self._yard.setCorner(corner, _side(corner))
        panels = {"network": network, "results": results, "fit": fit}
        self.docks = {name: _dock(name, panels[name], self._yard) for name in _DOCKS}
        self.folding = Folding(self.docks, _NEEDS)
        self._away: list[QDockWidget] = []
        self.message_place = QVBoxLayout()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT, UNIT, UNIT, UNIT)
        layout.setSpacing(UNIT)
        layout.addLayout(self.message_place)
        layout.addWidget(self._yard, 1)
        self.reset()

    def reset(self) -> None:
        """Give every panel its default place and size."""
        self._height, self._fresh = _HEIGHT, True
        self._exactly, self._given = float(_DOCKS["results"][2]), 0
        for name, splitter in self._splitters.items():
            splitter.setSizes(_FIRST[name])
        for name, (_, area, size, _) in _DOCKS.items():
            dock = self.docks[name]
            dock.setFloating(False)
            self._yard.addDockWidget(area, dock)
            dock.show()
            upright = area == Qt.DockWidgetArea.BottomDockWidgetArea
            self._yard.resizeDocks([dock], [size], Qt.Orientation.Vertical if upright else Qt.Orientation.Horizontal)
        self.folding.forget()
        if self.isVisible():
            self.folding.fit(self.size())
            self._share_height(self.height())

    def actions_of_docks(self) -> list[QAction]:
        """Return the actions that show and hide the docks."""
        return [dock.toggleViewAction() for dock in self.docks.values()]

    def states(self) -> dict[str, QByteArray]:
        """Return the positions of splitter handles and docks, as bytes by name."""
        return {name: splitter.saveState() for name, splitter in self._splitters.items()} | {
            "docks": self._yard.saveState(),
            "folded": self.folding.state(),
        }

    def restore(self, states: dict[str, QByteArray]) -> None:
        """Restore the positions of handles and docks; a state that does not fit is ignored."""
        for name, state in states.items():
            if name == "folded":
                self.folding.restore(state)
            elif not state.isEmpty():
                (self._yard if name == "docks" else self._splitters[name]).restoreState(state)
                self._height, self._fresh = 0, False  # the window has not got its own height yet

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Let the panels below grow with those above: Qt gives a window's new height only to its middle."""
        super().resizeEvent(event)
        self.folding.fit(event.size())
        self._share_height(event.size().height())

    def _share_height(self, height: int) -> None:
        """Let the panels below keep their share of a new height."""
        dock = self.docks["results"]
        below = self._yard.dockWidgetArea(dock) == Qt.DockWidgetArea.BottomDockWidgetArea
        if self._height and below and not dock.isFloating() and not dock.isHidden():
            if not self._fresh and dock.height() != self._given:  # a person has moved the edge since
                self._exactly = float(dock.height())
            self._fresh = False
            self._exactly *= height / self._height
            self._given = round(self._exactly)
            self._yard.resizeDocks([dock], [self._given], Qt.Orientation.Vertical)
        self._height = height

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """Hide floating docks while another page replaces the workspace."""
        self._away = [dock for dock in self.docks.values() if dock.isFloating() and dock.isVisible()]
        for dock in self._away:
            dock.hide()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Show floating docks again."""
        for dock in self._away:
            dock.show()
        self._away = []


class _Grip(QFrame):
    """The upper edge of a card, with which its dock is moved."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("cardGrip")
        self.setToolTip("Drag to move this panel; a double click gives it a window of its own, another puts it back")

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the height that a dock gives its title bar."""
        return QSize(5 * UNIT, UNIT)


def _dock(name: str, card: Card, yard: QMainWindow) -> QDockWidget:
    """Return a dock whose title bar is the upper edge of its card."""
    title, _, _, key = _DOCKS[name]
    dock = QDockWidget(title, yard)
    dock.setObjectName(f"{name}Dock")
    dock.setTitleBarWidget(_Grip())
    card.hang_below_grip()
    dock.setWidget(card)
    action = dock.toggleViewAction()
    action.setObjectName(f"{name}PanelAction")
    action.setText(f"{title} panel")
    action.setShortcut(QKeySequence(key))
    action.setToolTip(f"Show or hide the panel {title} ({key})")
    return dock


def _side(corner: Qt.Corner) -> Qt.DockWidgetArea:
    """Return the dock area that a lower corner belongs to, so that the docks there reach the bottom."""
    left = corner == Qt.Corner.BottomLeftCorner
    return Qt.DockWidgetArea.LeftDockWidgetArea if left else Qt.DockWidgetArea.RightDockWidgetArea


def _splitter(name: str, orientation: Qt.Orientation, *panels: QWidget) -> QSplitter:
    splitter = QSplitter(orientation)
    splitter.setObjectName(name)
    splitter.setHandleWidth(UNIT)
    splitter.setChildrenCollapsible(False)
    for panel in panels:
        splitter.addWidget(panel)
    return splitter
