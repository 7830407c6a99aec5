"""Fits of one study: the settings asked for, the result that matches them, its views, and the jobs between these."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from koopview.gui.history import is_cheap
from koopview.gui.session.changes import Changes
from koopview.gui.session.engine import Engine
from koopview.gui.session.explaining import Explaining
from koopview.gui.session.watched import Watched
from koopview.gui.session.work import Work
from koopview.memory import give_back
from koopview.progress import Progress
from koopview.study.result import FitResult, StudyState
from koopview.study.settings import FitSettings

PAUSE_MS = 250
"""A change that needs a new decomposition waits so long for the next one."""

WARM_UP_MS = 200
"""A saved study is painted before torch is imported behind it: the import takes half of the machine."""

PATIENCE_SECONDS = 0.05
"""A change of rank waits so long for its picture before it goes on without."""

REST_MS = 300
"""A view that takes its time waits until no change came for so long."""

IDLE_MS = 2000
"""After so long without work, memory that nobody holds goes back to the system."""

CONTROLS = "controls"
"""Stands among the views that follow a result for its controls: they are measured once the hybrid is shown."""

HISTORY = 500
"""Results that are remembered."""


class Fitting(Work):
    """Turns what controls ask for into results, latest first.

    At every moment `result` matches `settings` or is None: a result of other settings is never handed out. Views of
    the result that are watched follow behind it; the session is busy until they are there too.
    """

    state_changed = Signal(object)
    settings_changed = Signal(object)
    result_changed = Signal(object)
    view_changed = Signal(str, object)  # kind; its view of the result on screen, None where there is none (yet)
    explained = Signal(object)  # {layer: share of its output that an affine map explains, or None}; None: not known yet

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state: StudyState | None = None
        self.settings: FitSettings | None = None
        self.result: FitResult | None = None
        self._drawn: FitResult | None = None  # the last result handed out, to go back to
        self._engine: Engine | None = None
        self._search: object = None  # a sweep or the like that runs: all is shown when it has ended
        self._changes = Changes(self._ask, self)
        self.undo_stack = self._changes.stack
        self._watched = Watched()
        self._looking = False  # whether the running job makes a view
        self._awaited = False  # whether the running job is one that a person waits for
        self._pause = once(self, self.fit_now, PAUSE_MS)
        self._rest = once(self, self._warm_up, WARM_UP_MS)
        self._look_soon = once(self, self._look, 0)
        self._idle = once(self, give_back, IDLE_MS)
        self._explaining = Explaining(self._jobs, self)
        self._explaining.explained.connect(self.explained)
        self._timers = (self._pause, self._rest, self._look_soon, self._idle, self._explaining.soon)

    def _take(self, engine: Engine, state: StudyState) -> None:
        """Work on another study from now on, with nothing of the one before."""
        self._engine, self.state = engine, state
        self.settings = self.result = self._drawn = None
        self._search = None
        for timer in (self._pause, self._look_soon):
            timer.stop()
        self._jobs.cancel()
        self._changes.stack.clear()
        self._watched.forget()
        self._explaining.take(engine)
        self.state_changed.emit(state)
        self.settings_changed.emit(None)
        self.result_changed.emit(None)
        self._hand_out_views()

    def request(self, settings: FitSettings, text: str = "", gesture: object = None) -> None:
        """Ask for the result of `settings`, as a change that can be undone.

        A change of rank or of mode edits alone comes at once, others after a short pause. `text` says what the change
        is; all changes that one `gesture` makes (a drag) are undone together. Mode edits belong to one operator: where
        anything else changes they are dropped, and undoing brings them back.
        """
        if self.settings is not None and edits_left_over(self.settings, settings):
            settings = settings.with_edits(())
        if self._engine is None or self.state is None or not self.state.data or settings == self.settings:
            return
        if self.settings is not None:
            self._changes.push(self.settings, settings, text, gesture)

    def _ask(self, settings: FitSettings) -> None:
        self._search = None
        if self._drawn is not None and is_cheap(settings, self._drawn):
            self.settings = settings
            self.fit_now()
            self._jobs.wait(PATIENCE_SECONDS)
        else:
            self._want(settings)
            self._jobs.cancel()
            self._look_soon.stop()
            self._pause.start()

    def fit_now(self) -> None:
        """Fit the settings that are asked for, without a pause."""
        engine, settings = self._engine, self.settings
        if engine is None or settings is None:
            return
        self._watched.retry()
        self._want(settings)

        def work(progress: Progress) -> FitResult:
            return engine.study(progress).fit_settings(settings, progress, controls=False).result

        self._start(work, self._on_result)

    def stop(self) -> None:
        """Stop what is running and go back to the last picture and its settings."""
        self._pause.stop()
        self._jobs.cancel()
        self._search = None
        if self.result is not None:
            self._watched.give_up()
        self._go_back()

    def close(self) -> None:
        """Cancel everything and wait for the worker."""
        self._stop_timers()
        self._search = None
        self._jobs.close()

    def _want(self, settings: FitSettings) -> None:
        """Make `settings` the ones on screen; what was shown no longer matches them."""
        self.settings, self.result = settings, None
        self.settings_changed.emit(settings)
        self.result_changed.emit(None)
        self._set_busy(True)

    def _on_result(self, result: FitResult) -> None:
        self._remember(result)
        self._show(result)
        self._settle()

    def _show(self, result: FitResult) -> None:
        """Hand out a result; its settings are those on screen."""
        self.settings, self.result, self._drawn = result.settings, result, result
        self._watched.show(result.settings)
        self._watched.want(CONTROLS, not result.controls_known)
        self.settings_changed.emit(result.settings)
        self.result_changed.emit(result)
        self._hand_out_views()

    def _remember(self, result: FitResult) -> None:
        """Add a result to the history, in the place of an earlier one of the same settings."""
        assert self.state is not None
        others = [r for r in self.state.results if r.settings != result.settings]
        results = (*others, result.without_paths())[-HISTORY:]
        self.state = replace(self.state, results=results)

    # Views -----------------------------------------------------------------------------------------------------

    def watch(self, kind: str, wanted: bool = True, by: str = "") -> None:
        """Make views of `kind` of every result on screen, as long as anyone wants them; `by` says who does.

        `view_changed` hands them out.
        """
        self._watched.want(kind, wanted, by)
        if self.result is None:
            return
        if wanted:
            self.view_changed.emit(kind, self._watched.get(kind))
        self._settle()  # also where the last view that was waited for is looked at no longer

    def _hand_out_views(self) -> None:
        for kind in self._watched.wanted:
            if kind != CONTROLS:
                self.view_changed.emit(kind, self._watched.get(kind))

    def _look(self) -> None:
        """Make the next view that is watched, unless something else was asked for in the meantime."""
        engine, settings, kind = self._engine, self.settings, self._watched.next()
        if engine is None or settings is None or self.result is None or self._jobs.running or kind is None:
            return
        self._rest.stop()

        def work(progress: Progress) -> tuple[str, Any, float]:
            study, started = engine.study(progress), time.perf_counter()
            completes = kind == CONTROLS
            made = study.fit_settings(settings, progress).result if completes else study.view(settings, kind, progress)
            return kind, made, time.perf_counter() - started

        self._looking = True
        self._jobs.start(work, self._on_view)

    def _on_view(self, made: tuple[str, Any, float]) -> None:
        self._looking = False
        kind, view, seconds = made
        self._watched.put(kind, view, seconds)
        if kind == CONTROLS:
            self._complete(view)
        else:
            self.view_changed.emit(kind, view)
        self._settle()

    def _complete(self, result: FitResult) -> None:
        """Hand out the result on screen once more, now that its controls are measured."""
        self._watched.want(CONTROLS, False)
        self._watched.drop(CONTROLS)  # the same settings may be fitted again when they are known no more
        self._remember(result)
        self.result = self._drawn = result
        self.result_changed.emit(result)

    def _waits_for_views(self) -> bool:
        """Whether views of the result on screen are still to be made; sees to it that they are."""
        kind = self._watched.next()
        if kind is None or self.result is None or self._engine is None:
            return False
        if not self._jobs.running:
            pause = 0 if self._watched.quick(kind) else REST_MS
            self._look_soon.start(pause if self._engine.ready else max(pause, WARM_UP_MS))
        return True

    def _warm_up(self) -> None:
        """Start the engine behind a saved result, so that the first change is as quick as the next."""
        engine, settings = self._engine, self.settings
        if engine is not None and settings is not None and not self._jobs.running:
            warm_up = lambda progress: engine.study(progress).fit_settings(settings, progress, controls=False)  # noqa: E731
            self._jobs.start(warm_up, lambda fit: self._settle())

    # State -----------------------------------------------------------------------------------------------------

    def _start(self, work: Callable[[Progress], Any], done: Callable[[Any], None]) -> None:
        self._stop_timers()
        self._awaited, self._looking = True, False
        super()._start(work, done)

    def _stop_timers(self) -> None:
        for timer in self._timers:
            timer.stop()

    def _go_back(self) -> None:
        """Show the last picture and its settings again."""
        if self._drawn is not None:
            self._changes.follow(self._drawn.settings)
            if self.result is None:
                self._show(self._drawn)
        self._settle()

    def _on_failed(self, sentence: str, details: str) -> None:
        self._search = None
        if self._looking:
            self._looking = False
            self._watched.give_up()
        self._go_back()
        self.failed.emit(sentence, details)

    def _settle(self) -> None:
        """Settle, unless a pause, a search, a job that a person waits for or views of the result are to come."""
        if self._pause.isActive() or self._search or (self._awaited and self._jobs.running):
            return
        self._awaited = False
        if self._waits_for_views():
            self._set_busy(True)
        else:
            super()._settle()
            self._idle.start()
            self._explaining.rest()


def edits_left_over(before: FitSettings, wanted: FitSettings) -> bool:
    """Return whether `wanted` keeps the mode edits of `before`, though they are of another operator."""
    return wanted.edits == before.edits != () and wanted.with_edits(()) != before.with_edits(())


def once(parent: QObject, call: Callable[[], None], milliseconds: int) -> QTimer:
    """Return a timer that calls once, so many milliseconds after its start."""
    timer = QTimer(parent, singleShot=True, interval=milliseconds)
    timer.timeout.connect(call)
    return timer
