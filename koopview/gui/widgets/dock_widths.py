"""The widths of docks, which come back after a window was small.

Two below share a row, those at the sides keep theirs.
"""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QDockWidget, QMainWindow


class DockWidths(QObject):
    """Notes the widths of `docks` in `yard` when a person drags an edge, and gives them again to a new size.

    `row` are the two docks that stand side by side, in order; `in_place` says whether a dock takes room of the yard.
    """

    def __init__(
        self,
        yard: QMainWindow,
        docks: Mapping[str, QDockWidget],
        row: tuple[str, str],
        in_place: Callable[[QDockWidget], bool],
    ) -> None:
        super().__init__(yard)
        self._yard, self._docks, self._row, self._in_place = yard, dict(docks), row, in_place
        self._widths: dict[str, int] = {}
        self._share = 0.0  # of the row's first dock
        yard.installEventFilter(self)

    def forget(self) -> None:
        """Know no widths, until those on screen are noted at the next new size."""
        self._widths, self._share = {}, 0.0

    def choose(self, widths: Mapping[str, int]) -> None:
        """Take `widths` of all docks, by name, as those to come back to."""
        first, second = (widths[name] for name in self._row)
        self._widths = {name: width for name, width in widths.items() if name not in self._row}
        self._share = first / (first + second)

    def note(self) -> None:
        """Take the widths on screen as those to come back to."""
        if not self._yard.isVisible():
            return
        for name, dock in self._docks.items():
            if name not in self._row and self._in_place(dock):
                self._widths[name] = dock.width()
        pair = self._pair()
        if pair is not None:
            self._share = pair[0].width() / (pair[0].width() + pair[1].width())

    def give(self) -> None:
        """Give the docks that are there their widths; where none are known, note those that they have."""
        if not self._share:
            QTimer.singleShot(0, self, self.note)  # once they have those that the window opens with
            return
        sides = {dock: self._widths[name] for name, dock in self._docks.items() if self._is_known(name, dock)}
        if sides:  # first, as they leave the row its room
            self._yard.resizeDocks(list(sides), list(sides.values()), Qt.Orientation.Horizontal)
        pair = self._pair()
        if pair is not None:
            whole = pair[0].width() + pair[1].width()
            first = round(whole * self._share)
            self._yard.resizeDocks(list(pair), [first, whole - first], Qt.Orientation.Horizontal)

    def _is_known(self, name: str, dock: QDockWidget) -> bool:
        return name in self._widths and self._in_place(dock)

    def _pair(self) -> tuple[QDockWidget, QDockWidget] | None:
        """Return the row's docks if both are in it, side by side."""
        first, second = (self._docks[name] for name in self._row)
        both = self._in_place(first) and self._in_place(second)
        return (first, second) if both and first.y() == second.y() and first.x() < second.x() else None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Note the widths once an edge between docks was dragged."""
        if event.type() == QEvent.Type.MouseButtonRelease:
            QTimer.singleShot(0, self, self.note)
        return False
