"""Tell a script step by step: change a step's settings, point at its panel, say its sentences."""

from typing import Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from koopview.gui.looks.theme import Theme
from koopview.gui.present.highlight import Highlight
from koopview.gui.present.step import Script, Step
from koopview.gui.session.port import FitPort
from koopview.study.result import FitResult


class Shown(Protocol):
    """Where a script is told: what it can point at, and what it opens and selects there."""

    def point(self, step: Step) -> tuple[QWidget | None, Theme]:
        """Show a step's panel; return the widget to mark, None if it is not there, and the theme of the mark."""

    def select(self, mode: int) -> None:
        """Select the mode that a step is about."""


class Telling(QObject):
    """Leads through a Script while one is ``begun``; ``said`` carries the step's number, how many, title and text."""

    said = Signal(int, int, str, str)

    def __init__(self, session: FitPort, shown: Shown, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._shown, self._mark = session, shown, Highlight()
        self.script: Script | None = None
        self.index = 0
        session.result_changed.connect(self._say)

    @property
    def begun(self) -> bool:
        """Whether a script is being told."""
        return self.script is not None

    @property
    def step(self) -> Step:
        """The step that is told."""
        assert self.script is not None
        return self.script.steps[self.index]

    def begin(self, script: Script) -> None:
        """Tell `script` from its first step on."""
        self.script, self.index = script, 0
        self._show()

    def move(self, steps: int) -> None:
        """Go so many steps on, or back, as far as there are some."""
        if self.script is None:
            return
        self.index = min(len(self.script.steps) - 1, max(0, self.index + steps))
        self._show()

    def end(self) -> None:
        """Tell nothing any more; what is on screen stays."""
        self.script = None
        self._mark.point_at(None)

    def point(self) -> None:
        """Mark the step's panel again, where it stands now."""
        if self.script is not None:
            self._mark.point_at(*self._shown.point(self.step))

    def repeat(self) -> None:
        """Say the step's sentences again."""
        self._say(self._session.result)

    def _show(self) -> None:
        script, session = self.script, self._session
        if script is None:
            return
        if session.settings is not None:
            session.request(script.settings(self.step, session.settings), f"{script.name}: {self.step.title}")
        self.point()
        self._say(session.result)

    def _say(self, result: FitResult | None) -> None:
        """Say the step's sentences, with numbers only if they belong to its settings."""
        script = self.script
        if script is None:
            return
        step = self.step
        if result is not None and step.mode is not None and result.settings == script.settings(step, result.settings):
            self._shown.select(step.mode)
        self.said.emit(self.index, len(script.steps), step.title, script.said(step, result))
