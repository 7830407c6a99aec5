"""Draw a result in the window's panels: those of the main stage first."""

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QObject

from koopview.gui.session.timers import PAINTED_MS, once
from koopview.study.result import FitResult


class ResultPanel(Protocol):
    """The interface of a panel for drawing."""

    def show_result(self, result: FitResult | None) -> None:
        """Draw a result, or nothing."""


class Drawing(QObject):
    """Draws results in the panels of the main stage and in those `below` it."""

    def __init__(self, stage: Sequence[ResultPanel], below: Sequence[ResultPanel], parent: QObject) -> None:
        super().__init__(parent)
        self._stage, self._below = stage, below
        self._result: FitResult | None = None
        self._left = False  # whether the panels below show an earlier result
        self._painted = once(self, self.finish, PAINTED_MS)

    def draw(self, result: FitResult | None, soon: bool = False) -> None:
        """Draw a result; the panels below the stage `soon`, once that is painted: all in one turn takes 0.1 s."""
        self._result, self._left = result, True
        for panel in self._stage:
            panel.show_result(result)
        if soon:
            self._painted.start()
        else:
            self.finish()

    def finish(self) -> None:
        """Draw what is still to be drawn."""
        if self._left:
            self._left = False
            for panel in self._below:
                panel.show_result(self._result)
