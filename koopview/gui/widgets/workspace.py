"""The layout of the panels: a row of three on top, and around it docks that a person can move, float and hide."""

import re
from collections.abc import Sequence

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QAction, QHideEvent, QKeySequence, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QDockWidget, QFrame, QMainWindow, QSplitter, QVBoxLayout, QWidget

from koopview.gui.looks.theme import UNIT
from koopview.gui.widgets.card import Card, scrolled
from koopview.gui.widgets.dock_widths import DockWidths
from koopview.gui.widgets.folding import Folding

_HEIGHT = 695
"""Height for which the default sizes are made, in a window of 1280 x 800."""
_FIRST = [310, 290, 150]
"""Widths of the three panels of the top row at first."""
_LEFT, _BELOW, _RIGHT = (
    Qt.DockWidgetArea.LeftDockWidgetArea,
    Qt.DockWidgetArea.BottomDockWidgetArea,
    Qt.DockWidgetArea.RightDockWidgetArea,
)
_DOCKS = {
    "network": ("Network", _LEFT, QSize(244, 0), "F6"),
    "trajectory": ("Trajectory", _BELOW, QSize(400, 272), "Shift+F7"),
    "results": ("Further results", _BELOW, QSize(368, 272), "F7"),
    "fit": ("Fit", _RIGHT, QSize(252, 0), "F8"),
}
"""Each dock's title, where it is at first, its width and height there, and the key that shows and hides it."""
_NEEDS = {
    "network": QSize(1130, 0),
    "trajectory": QSize(0, 590),
    "results": QSize(0, 590),
    "meaning": QSize(1020, 0),
    "fit": QSize(0, 0),
}
"""The workspace's size below which a panel folds: the others would have too little room beside it."""

LAYOUTS: dict[str, tuple[str, ...]] = {
    "analysis": (),
    "lecture": ("network", "trajectory", "results", "fit"),
    "small": ("network", "trajectory", "results", "meaning"),
}
"""The panels that each layout leaves out at first."""


class Workspace(QWidget):
    """Eigenvalues beside accuracy beside what they mean; network, trajectory, further results and fit in docks."""

    def __init__(self, top: Sequence[QWidget], network: Card, trajectory: Card, results: Card, fit: Card) -> None:
        super().__init__()
        self.setObjectName("workspace")
        self._top = tuple(top)
        self.top = _splitter("top", Qt.Orientation.Horizontal, *top)
        for index, stretch in enumerate((42, 38, 20)):
            self.top.setStretchFactor(index, stretch)
        self._yard = QMainWindow()
        self._yard.setWindowFlags(Qt.WindowType.Widget)  # a widget with docks around it, no window
        self._middle = scrolled(self.top)
        self._yard.setCentralWidget(self._middle)  # a small window moves what it has no room for
        for corner in (Qt.Corner.BottomLeftCorner, Qt.Corner.BottomRightCorner):
            self._yard.setCorner(corner, _side(corner))
        panels = {"network": network, "trajectory": trajectory, "results": results, "fit": fit}
        self.docks = {name: _dock(name, panels[name], self._yard) for name in _DOCKS}
        self._widths = DockWidths(self._yard, self.docks, ("trajectory", "results"), self._is_in_yard)
        self.meaning_action = _toggle(top[-1], "meaning", "What it means", "F9")
        self.folding = Folding(
            {name: dock.toggleViewAction() for name, dock in self.docks.items()} | {"meaning": self.meaning_action},
            _NEEDS,
        )
        self._away: list[QDockWidget] = []
        self._enlarged: QWidget | None = None
        self._before: dict[str, QByteArray] = {}
        self.message_place = QVBoxLayout()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT, UNIT, UNIT, UNIT)
        layout.setSpacing(UNIT)
        layout.addLayout(self.message_place)
        layout.addWidget(self._yard, 1)
        self.reset()

    def reset(self) -> None:
        """Give every panel its default place and size."""
        self.shrink()
        self._height, self._fresh = _HEIGHT, True
        self._exactly, self._given = float(_DOCKS["results"][2].height()), 0
        self.top.setSizes(_FIRST)
        for name, (_, area, _, _) in _DOCKS.items():
            self.docks[name].setFloating(False)
            self._yard.addDockWidget(area, self.docks[name])
            self.docks[name].show()
        self._yard.splitDockWidget(self.docks["trajectory"], self.docks["results"], Qt.Orientation.Horizontal)
        self.meaning_action.setChecked(True)
        self._size_docks()
        self.folding.forget()
        self._widths.choose({name: size.width() for name, (_, _, size, _) in _DOCKS.items()})
        if self.isVisible():
            self.folding.fit(self.size())
            self._share_height(self.height())

    def arrange(self, layout: str) -> None:
        """Give every panel its default place and size, without those that a layout of LAYOUTS leaves out."""
        self.reset()
        for name in LAYOUTS[layout]:
            if name in self.docks:
                self.docks[name].hide()
            else:
                self.meaning_action.setChecked(False)

    @property
    def enlarged(self) -> QWidget | None:
        """The panel that fills the workspace, None while each has its place."""
        return self._enlarged

    def enlarge(self, panel: QWidget) -> None:
        """Let one panel fill the workspace, unless it has a window of its own."""
        dock = next((one for one in self.docks.values() if one.widget() is panel), None)
        if dock is not None and dock.isFloating():
            return
        self.shrink()
        self._before, self._enlarged = self.states(), panel
        for one in self.docks.values():
            if not one.isFloating():
                one.setVisible(one is dock)
        self._middle.setVisible(dock is None)
        for above in self._top:
            above.setVisible(dock is None and above is panel)
        panel.setFocus()

    def shrink(self) -> None:
        """Give every panel back the place that it had before one was enlarged."""
        if self._enlarged is None:
            return
        self._enlarged = None
        self._middle.show()
        for panel in self._top:
            panel.setVisible(panel is not self._top[-1] or self.meaning_action.isChecked())
        self._restore(self._before)
        self.folding.fit(self.size())
        self._share_height(self.height())

    def _size_docks(self) -> None:
        sizes = {self.docks[name]: size for name, (_, _, size, _) in _DOCKS.items()}
        below = [dock for dock, size in sizes.items() if size.height()]
        self._yard.resizeDocks(list(sizes), [size.width() for size in sizes.values()], Qt.Orientation.Horizontal)
        self._yard.resizeDocks(below, [sizes[dock].height() for dock in below], Qt.Orientation.Vertical)

    def actions_of_docks(self) -> list[QAction]:
        """Return the actions that show and hide panels."""
        actions = [dock.toggleViewAction() for dock in self.docks.values()]
        return [*actions, self.meaning_action]

    def states(self) -> dict[str, QByteArray]:
        """Return the positions of splitter handles and docks, as bytes by name."""
        if self._enlarged is not None:
            return self._before
        hidden = QByteArray(b"" if self.meaning_action.isChecked() or "meaning" in self.folding.folded else b"meaning")
        self._note_height()
        states = {"top": self.top.saveState(), "docks": self._yard.saveState(), "folded": self.folding.state()}
        heights = QByteArray(f"{self._exactly:.3f} of {self._height}".encode())  # after the docks, which it is about
        return {**states, "hidden": hidden, "heights": heights}

    def restore(self, states: dict[str, QByteArray]) -> None:
        """Restore the positions of handles and docks; a state that does not fit is ignored."""
        self._restore(states)
        self._widths.forget()

    def _restore(self, states: dict[str, QByteArray]) -> None:
        for name, state in states.items():
            if name == "folded":
                self.folding.restore(state)
            elif name == "hidden":
                self.meaning_action.setChecked(state.isEmpty() and "meaning" not in self.folding.folded)
            elif name == "heights":
                self._restore_heights(state)
            elif not state.isEmpty():
                (self._yard if name == "docks" else self.top).restoreState(state)
                self._height, self._fresh = 0, False  # the window has not got its own height yet

    def _restore_heights(self, state: QByteArray) -> None:
        """Take the share of the panels below from the window that they stood in, which may have had another height."""
        found = re.fullmatch(rb"(\d{1,5}\.\d{3}) of (\d{1,5})", state.data())
        if found is not None and int(found[2]):
            self._exactly, self._height, self._fresh = float(found[1]), int(found[2]), True

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Let the panels below grow with those above: Qt gives a window's new height only to its middle."""
        super().resizeEvent(event)
        if self._enlarged is None:
            self.folding.fit(event.size())
            self._share_height(event.size().height())
            self._widths.give()

    def _share_height(self, height: int) -> None:
        """Let the panels below keep their share of a new height."""
        below = [dock for dock in self.docks.values() if self._is_below(dock)]
        if self._height and not below:  # they keep the share that they had before they were folded
            self._fresh = True
            return
        if self._height and below:
            self._note_height()
            self._fresh = False
            self._exactly *= height / self._height
            self._given = round(self._exactly)
            self._yard.resizeDocks(below, [self._given] * len(below), Qt.Orientation.Vertical)
        self._height = height

    def _note_height(self) -> None:
        """Take the height of the panels below as chosen if a person has moved their edge."""
        below = [dock for dock in self.docks.values() if self._is_below(dock)]
        if below and not self._fresh and below[0].height() != self._given:
            self._exactly = float(below[0].height())

    def _is_below(self, dock: QDockWidget) -> bool:
        return self._yard.dockWidgetArea(dock) == _BELOW and self._is_in_yard(dock)

    @staticmethod
    def _is_in_yard(dock: QDockWidget) -> bool:
        return not dock.isFloating() and not dock.isHidden()

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
    _name_toggle(dock.toggleViewAction(), name, title, key)
    return dock


def _toggle(panel: QWidget, name: str, title: str, key: str) -> QAction:
    """Return an action that shows and hides a panel of the top row, as each dock has one."""
    action = QAction(panel)
    action.setCheckable(True)
    action.setChecked(True)
    _name_toggle(action, name, title, key)
    action.toggled.connect(panel.setVisible)
    return action


def _name_toggle(action: QAction, name: str, title: str, key: str) -> None:
    action.setObjectName(f"{name}PanelAction")
    action.setText(f"{title} panel")
    action.setIconText(title)
    action.setShortcut(QKeySequence(key))
    action.setToolTip(f"Show or hide the panel {title} ({key})")


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
