"""What a lecturer does in present mode by keys alone: story, layers, slow sweeps, laser pointer, black screen."""

from collections.abc import Callable
from functools import partial
from typing import Protocol

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget

from koopview.gui.actions import Actions
from koopview.gui.looks.theme import Theme
from koopview.gui.panels.eigenvalues import EigenvaluePanel
from koopview.gui.present.keys import PresentKeys, Sweeper
from koopview.gui.present.overlays import BlackScreen, LaserDot
from koopview.gui.present.page import PresentPage
from koopview.gui.present.step import Step
from koopview.gui.present.stories import story_of
from koopview.gui.present.telling import Telling
from koopview.gui.session.port import SessionPort
from koopview.study.settings import FitSettings


class Tells(Protocol):
    """What knows of a tour."""

    telling: Telling | None
    """The tour that is told, None if none is."""


class LecturePort(Protocol):
    """The interface of a window for a lecture."""

    session: SessionPort
    eigenvalues: EigenvaluePanel
    actions_by_name: Actions


class Lecturing(QObject):
    """The keys of `page`, and the story that they tell; a tour that is told goes before the story."""

    def __init__(self, page: PresentPage, port: LecturePort, presenting: Tells) -> None:
        super().__init__(page)
        self._page, self._port, self._presenting = page, port, presenting
        self.story = Telling(port.session, self, self)
        self.story.said.connect(self.show_step)
        self._before: FitSettings | None = None
        port.session.state_changed.connect(self._forget)
        self.black, self.pointer = BlackScreen(page), LaserDot(page)
        chooser = page.chooser
        self.sweeper = Sweeper(page, lambda: port.session.result is not None)
        calls = {
            "PgDown": lambda: self.go(1),
            "PgUp": lambda: self.go(-1),
            "Right": lambda: chooser.step_layer(1),
            "Left": lambda: chooser.step_layer(-1),
            "H": lambda: self.sweeper.toggle(chooser.delays, Qt.Key.Key_H),
            "R": lambda: self.sweeper.toggle(chooser.rank, Qt.Key.Key_R),
            "L": page.theme_asked.emit,
            "P": lambda: self.pointer.switch(self.pointer.isHidden()),
            "B": lambda: self.black.show_over(True),
            "K": page.foot.switch,
        }
        self.keys = PresentKeys(
            page, {key: partial(self._seen, call) for key, call in calls.items()}, (page.plane.widget, page.meaning)
        )

    def _seen(self, call: Callable[[], object]) -> None:
        """Do what a key asks for; while the screen is black it brings the picture back, as nothing else is seen."""
        if self.black.isVisible():
            self.black.show_over(False)
        else:
            call()

    def go(self, steps: int) -> None:
        """Go on or back in the tour, or in the story; begin the story if neither is told."""
        telling = self._presenting.telling
        state = self._port.session.state
        if telling is not None:
            telling.move(steps)
        elif self.story.begun:
            self._turn(steps)
        elif steps > 0 and state is not None and self._port.session.settings is not None:
            self._before = self._port.session.settings
            self.story.begin(story_of(state).based_on(self._before))

    def _turn(self, steps: int) -> None:
        """Go through the story; before its first step and after its last one it ends."""
        assert self.story.script is not None
        if 0 <= self.story.index + steps < len(self.story.script.steps):
            self.story.move(steps)
        else:
            self.end_story()

    def show_step(self, index: int, of: int, title: str, text: str) -> None:
        """Say a step on the page."""
        self._page.tell(f"{index + 1} of {of} · {title}", text)

    def point(self, step: Step) -> tuple[QWidget | None, Theme]:
        """Return the page's part that a step points at."""
        return self._page.part(step), self._page.theme

    def select(self, mode: int) -> None:
        """Select a mode."""
        self._port.eigenvalues.selection.select((mode,))

    def _forget(self, state: object) -> None:
        """End the story: it is of another study."""
        if self.story.begun:
            self.end_story(gives_back=False)

    def end_story(self, gives_back: bool = True) -> None:
        """Say again what the numbers on the page say; `gives_back` the settings from before the story."""
        self.story.end()
        self._page.paths.setChecked(False)
        self._page.tell_no_more()
        before, self._before = self._before, None
        if gives_back and before is not None and before != self._port.session.settings:
            self._port.session.request(before, "Settings from before the story")

    def end(self, gives_back: bool = True) -> None:
        """End all of it: present mode is left, and a story `gives_back` the settings from before it."""
        self.sweeper.sweep.stop()
        self.black.show_over(False)
        self.pointer.switch(False)
        if self.story.begun:
            self.end_story(gives_back)
