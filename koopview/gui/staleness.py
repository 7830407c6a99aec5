"""Dims what no longer matches the controls: the one clock that says when."""

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QObject, QTimer

DIM_AFTER_MS = 120
"""A result that follows sooner than this replaces the old picture without dimming it: no flicker under a slider."""


class Dims(Protocol):
    """A panel that can be dimmed."""

    def set_stale(self, stale: bool) -> None:
        """Dim what is shown, or no longer."""


class Staleness(QObject):
    """Dims panels some time after what they show has become old."""

    def __init__(self, panels: Sequence[Dims], parent: QObject) -> None:
        super().__init__(parent)
        self._panels = tuple(panels)
        self._to_dim: list[Dims] = []
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._dim_next)

    def show(self, stale: bool) -> None:
        """Dim the panels soon, unless a new picture comes at once; or show them as new."""
        if not stale:
            self._timer.stop()
            for panel in self._panels:
                panel.set_stale(False)
        elif not self._timer.isActive():
            self._to_dim = list(self._panels)
            self._timer.start(DIM_AFTER_MS)

    def _dim_next(self) -> None:
        """Dim one panel in each turn of the event loop: all of them painted at once keep a person waiting."""
        self._to_dim.pop(0).set_stale(True)
        if self._to_dim:
            self._timer.start(0)
