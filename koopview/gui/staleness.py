"""Dim panels that no longer match the controls, with one timer for all."""

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QObject, QTimer

DIM_AFTER_MS = 120
"""A result that arrives sooner replaces the old picture without dimming it, so that a slider causes no flicker."""


class Dims(Protocol):
    """A panel that can be dimmed."""

    def set_stale(self, stale: bool) -> None:
        """Dim the panel, or show it as current."""


class Staleness(QObject):
    """Dims panels some time after their content has become outdated."""

    def __init__(self, panels: Sequence[Dims], parent: QObject) -> None:
        super().__init__(parent)
        self._panels = tuple(panels)
        self._to_dim: list[Dims] = []
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._dim_next)

    def show(self, stale: bool, current: Sequence[Dims] = ()) -> None:
        """Dim the panels soon, unless a new picture arrives first; show those that are `current`, else all, as such."""
        if not stale:
            self._timer.stop()
        for panel in current if stale else self._panels:
            panel.set_stale(False)
        if stale:
            self._to_dim = [panel for panel in self._panels if panel not in current]
            if not self._timer.isActive():
                self._timer.start(DIM_AFTER_MS)

    def _dim_next(self) -> None:
        """Dim one panel per turn of the event loop: painting all at once would delay input."""
        if self._to_dim:
            self._to_dim.pop(0).set_stale(True)
            self._timer.start(0)
