"""Views of the result on screen, and its controls: made on the worker once the result is shown."""

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QObject, Signal

from koopview.gui.session.engine import Engine
from koopview.gui.session.jobs import Jobs
from koopview.gui.session.made_view import CONTROLS, made_view
from koopview.gui.session.timers import WARM_UP_MS, once
from koopview.gui.session.watched import Watched
from koopview.study.result import FitResult, KnownView
from koopview.study.settings import FitSettings

REST_MS = 300
"""A view that takes its time waits until no change came for so long."""


class Views(QObject):
    """Makes each view that someone looks at of every result on screen, the quick ones first."""

    changed = Signal(str, object)  # kind; its view of the result on screen, None where there is none (yet)
    completed = Signal(object)  # the result on screen, with its controls
    made = Signal()  # one view or the controls: there may be another to make

    def __init__(self, jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._engine: Engine | None = None
        self._shown: FitSettings | None = None  # the settings of the result on screen
        self._watched = Watched()
        self._making = False
        self._soon = once(self, self._make_next, 0)

    def take(self, engine: Engine, known: Iterable[KnownView] = ()) -> None:
        """Make views of another study from now on, but for those that are `known`, as a study file holds them."""
        self._engine, self._shown = engine, None
        self.pause()
        self._watched.forget()
        self._hand_out()
        for view in known:
            self._watched.know(view)

    def hide(self) -> None:
        """Make nothing: no result is on screen."""
        self._shown = None

    def show(self, result: FitResult) -> None:
        """Take the result now on screen; :meth:`hand_out` and :meth:`to_come` see to its views."""
        self._shown = result.settings
        self._watched.show(result.settings)
        self._watched.want(CONTROLS, not result.controls_known)

    def hand_out(self) -> None:
        """Emit the views that are there of the result on screen, None for those that are not."""
        if self._shown is not None:
            self._hand_out()

    def watch(self, kind: str, wanted: bool, by: str) -> None:
        """Make views of `kind`, as long as anyone looks at them; `by` says who does."""
        self._watched.want(kind, wanted, by)
        if wanted and self._shown is not None:
            self.changed.emit(kind, self._watched.get(kind))

    def to_come(self) -> bool:
        """Return whether views of the result on screen are still to be made, and begin with them soon."""
        kind = self._watched.next()
        if kind is None or self._shown is None or self._engine is None:
            return False
        if not self._jobs.running:
            pause = 0 if self._watched.quick(kind) else REST_MS
            self._soon.start(pause if self._engine.ready else max(pause, WARM_UP_MS))
        return True

    def pause(self) -> None:
        """Begin with no further view until :meth:`to_come` is called again."""
        self._soon.stop()

    def give_way(self) -> None:
        """Begin with no further view: the worker is taken for something that a person waits for."""
        self.pause()
        self._making = False

    def retry(self) -> None:
        """Make those again that were given up."""
        self._watched.retry()

    def give_up(self) -> None:
        """Make none of those that are missing of the result on screen."""
        self._watched.give_up()

    def on_failure(self) -> None:
        """Give up the missing views if what failed on the worker was one of them."""
        if self._making:
            self._making = False
            self.give_up()

    def _hand_out(self) -> None:
        for kind in self._watched.wanted:
            if kind != CONTROLS:
                self.changed.emit(kind, self._watched.get(kind))

    def _make_next(self) -> None:
        """Make the next view, unless something else was asked for in the meantime."""
        engine, settings, kind = self._engine, self._shown, self._watched.next()
        if engine is None or settings is None or kind is None or self._jobs.running:
            return
        self._making = True
        self._jobs.start(lambda progress: made_view(engine, settings, kind, progress), self._on_made)

    def _on_made(self, found: tuple[str, Any, float]) -> None:
        self._making = False
        kind, view, seconds = found
        self._watched.put(kind, view, seconds)
        if kind == CONTROLS:
            self._watched.want(CONTROLS, False)
            self._watched.drop(CONTROLS)  # the same settings may be fitted again when they are known no more
            self.completed.emit(view)
        else:
            self.changed.emit(kind, view)
        self.made.emit()
