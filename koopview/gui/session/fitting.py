"""Fits of one study: the settings asked for, the result that matches them, and the jobs between these."""

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from koopview.gui.history import is_cheap
from koopview.gui.session.changes import Changes, edits_left_over
from koopview.gui.session.engine import Engine
from koopview.gui.session.explaining import Explaining
from koopview.gui.session.idling import Idle
from koopview.gui.session.saved_steps import SavedSteps
from koopview.gui.session.timers import IDLE_MS, once
from koopview.gui.session.views import Views
from koopview.gui.session.work import Work
from koopview.memory import Settled
from koopview.progress import Progress
from koopview.study.result import FitResult, StudyState
from koopview.study.settings import FitSettings

PAUSE_MS = 40
"""Time that a change which needs a new decomposition waits for a further change."""

REST_MS = 120
"""Time that the exact result waits after a preview: a slider that still moves asks for previews alone."""

PATIENCE_SECONDS = 0.05
"""Time that a change of rank, or opening a study, blocks the window to wait for its picture."""

HISTORY = 500
"""Most results that are kept."""


class Fits(QObject):
    """Turns requests of the controls into results; the latest request comes first.

    At every moment `result` matches `settings` or is None: a result of other settings is never handed out. Its views
    (:class:`koopview.gui.session.views.Views`) follow it; the session is busy until they are there too.
    """

    state_changed = Signal(object)
    settings_changed = Signal(object)
    result_changed = Signal(object)
    explained = Signal(object)  # {layer: share of its output that an affine map explains, or None}; None: not known yet
    failed = Signal(str, str)
    started = Signal()  # something that a person waits for

    def __init__(self, work: Work, parent: QObject) -> None:
        super().__init__(parent)
        self._work, self._jobs = work, work.jobs
        self.state: StudyState | None = None
        self.settings: FitSettings | None = None
        self.result: FitResult | None = None
        self.drawn: FitResult | None = None  # the last exact result emitted, to return to
        self.engine: Engine | None = None
        self.search: object = None  # the running sweep or other search; the session settles after its end
        self.hold: Callable[[Callable[[], None]], bool] = lambda call: False
        """Stores a call for later and returns True, if it must not end the running work."""
        self.changes = Changes(self.ask, self)
        self.undo_stack = self.changes.stack
        self._views = Views(self._jobs, self)
        self._views.completed.connect(self._complete)
        self._views.made.connect(self.settle)
        self.view_changed = self._views.changed
        self._awaited = False  # whether the running job is one that a person waits for
        self._pause, self._whole_soon = once(self, self.fit_now, PAUSE_MS), once(self, self._fit_whole, REST_MS)
        self._saved = SavedSteps(self._on_shown, self._warm_up, self)
        self._settled = Settled()
        self._idle = once(self, self._settled.give_back, IDLE_MS)
        self._explaining = Explaining(self)
        self._explaining.explained.connect(self.explained)
        self.idle = Idle(self)
        self.idle.add(self._explaining.next)
        self.idle.ended.connect(self._idle.start)
        self.idle.failed.connect(self.failed)
        work.busy_changed.connect(lambda busy: self.idle.give_way() if busy else None)
        self._jobs.starting.connect(self.idle.give_way)

    @property
    def busy(self) -> bool:
        """Whether a request is not shown yet."""
        return self._work.busy

    def take(self, engine: Engine, state: StudyState, last: FitResult | None = None) -> None:
        """Work on another study from now on, with nothing of the one before; `last` is its result to be shown next."""
        self._settled.leave(self.engine.parts() if self.engine is not None else ())
        self._stop_timers()
        self._jobs.cancel()
        self.idle.give_way()
        self._views.hide()
        self.engine, self.state, self.search = engine, state, None
        self.settings = None if last is None else last.settings
        self.result = self.drawn = last
        self.changes.stack.clear()
        self._explaining.take(engine)
        self.state_changed.emit(state)
        if last is None:
            self.settings_changed.emit(None)
            self.result_changed.emit(None)
        self._views.take(engine, state.views)

    def request(self, settings: FitSettings, text: str = "", gesture: object = None) -> None:
        """Request the result of `settings`, as a change that can be undone.

        A change of only rank or mode edits is computed at once, others after a short pause. `text` names the change;
        all changes of one `gesture` (a drag) are undone together. Mode edits belong to one operator: any other change
        drops them, and undoing restores them.
        """
        if self.hold(lambda: self.request(settings, text, gesture)):
            self.settings_changed.emit(self.settings)  # the controls show what is on screen
            return
        if self.settings is not None and edits_left_over(self.settings, settings):
            settings = settings.with_edits(())
        if self.engine is None or self.state is None or not self.state.data or settings == self.settings:
            return
        if self.settings is not None:
            self.changes.push(self.settings, settings, text, gesture)

    def ask(self, settings: FitSettings) -> None:
        """Request the result of `settings` without recording a change, as the undo stack does that."""
        if self.hold(lambda: self.request(settings)):
            if self.settings is not None:
                self.changes.follow(self.settings)  # the undo step waits too
            return
        self.search = None
        if self.drawn is not None and is_cheap(settings, self.drawn):
            self.settings = settings
            self.fit_now()
            self.wait()
        else:
            self._want(settings)
            self._jobs.cancel()
            self._views.pause()
            self._pause.start()

    def fit_now(self) -> None:
        """Fit the requested settings, without a pause; what takes its time is shown as a preview first."""
        engine, settings = self.engine, self.settings
        if engine is None or settings is None or self.hold(self.fit_now):
            return
        self.search = None  # repeats that run end here
        self._views.retry()
        self._want(settings)
        self.start(partial(engine.first, settings), self._on_first)

    def _on_first(self, result: FitResult) -> None:
        """Show a result; after a preview the whole follows, unless a slider moves on."""
        if result.preview:
            self.result = result  # the last exact one is still the one to return to
            self.result_changed.emit(result)
            self._whole_soon.start()
        else:
            self.found(result)

    def _fit_whole(self) -> None:
        """Fit the settings of the preview on screen exactly."""
        if self.engine is not None and self.settings is not None:
            self.start(partial(self.engine.fit, self.settings), self.found)

    def stop(self) -> None:
        """Stop the running work and return to the last picture and its settings."""
        for part in (self._pause, self._whole_soon, self._saved):
            part.stop()
        self._jobs.cancel()
        self.search = None
        if self.result is not None and not self.result.preview:
            self._views.give_up()
        self._go_back()

    def close(self) -> None:
        """Cancel everything and wait for the worker; no view is handed to a window that is gone."""
        self._stop_timers()
        self._awaited = True
        self.idle.close()
        self.search = None
        self._jobs.close()

    def _want(self, settings: FitSettings) -> None:
        """Make `settings` the current ones; the picture no longer matches them."""
        self.settings, self.result = settings, None
        self._views.hide()
        self.settings_changed.emit(settings)
        self.result_changed.emit(None)
        self._work.set_busy(True)

    def found(self, result: FitResult) -> None:
        """Add a result to the history, and show it."""
        self.remember(result)
        self.show(result)
        self.settle()

    def show(self, result: FitResult) -> None:
        """Emit a result, whose settings become the current ones, and the views of it that are there."""
        self._show(result)
        self._views.hand_out()

    def _show(self, result: FitResult) -> None:
        """Emit a result; its views follow."""
        self.settings, self.result, self.drawn = result.settings, result, result
        self.settings_changed.emit(result.settings)
        self.result_changed.emit(result)
        self._views.show(result)

    def remember(self, result: FitResult) -> None:
        """Add a result to the history, instead of an earlier one with the same settings."""
        assert self.state is not None
        self.state = self.state.with_result(result.without_paths(), HISTORY)

    def watch(self, kind: str, wanted: bool = True, by: str = "") -> None:
        """Make views of `kind` for every result on screen while they are `wanted`; `by` names who wants them.

        `view_changed` emits them.
        """
        self._views.watch(kind, wanted, by)
        if self.result is not None:
            self.settle()  # also if the last awaited view is no longer watched

    def _complete(self, result: FitResult) -> None:
        """Emit the result on screen again, now that its controls are measured."""
        self.remember(result)
        self.result = self.drawn = result
        self.result_changed.emit(result)

    def _warm_up(self) -> None:
        """Start the engine behind a saved result, so that the first change is as quick as the next."""
        engine, settings = self.engine, self.settings
        if engine is not None and settings is not None and not self._jobs.running:
            self._jobs.start(partial(engine.fit, settings), lambda result: self.settle())

    def start(self, work: Callable[[Progress], Any], done: Callable[[Any], None]) -> None:
        """Start work that a person waits for; views and idle work follow it."""
        self._stop_timers()
        self._views.give_way()
        self._awaited = True
        self.started.emit()
        self._work.start(work, done)

    def wait(self) -> None:
        """Block briefly for the started work, so that a quick result is painted only once."""
        self._jobs.wait(PATIENCE_SECONDS)

    def read(self, work: Callable[[Progress], Any], show: Callable[[Any], None]) -> None:
        """Read a study and show it: a program's first at once, another behind what the request itself paints."""
        self._stop_timers()
        self._jobs.cancel()
        self.search = None  # it ends here, even if this study is never read
        self._work.set_busy(True)
        if self.state is None:
            self.start(work, show)
            self.wait()
        else:
            self._saved.begin(partial(self.start, work, show))

    def show_saved(self, engine: Engine, state: StudyState) -> None:
        """Show the last of a study's results, then prepare its engine."""
        self._work.set_busy(True)
        self.take(engine, state, state.results[-1])
        self._show(state.results[-1])
        self._awaited = False
        self._saved.go_on()

    def _on_shown(self) -> None:
        """Show the views of a saved result once that is on screen, unless something else was requested since."""
        if not self._awaited:
            self._views.hand_out()
            self.settle()

    def _stop_timers(self) -> None:
        self._views.pause()
        for part in (self._pause, self._whole_soon, self._saved, self._idle):
            part.stop()

    def _go_back(self) -> None:
        """Show the last picture and its settings again."""
        if self.drawn is not None:
            self.changes.follow(self.drawn.settings)
            if self.result is None or self.result.preview:
                self.show(self.drawn)
        self.settle()

    def fail(self, sentence: str, details: str) -> None:
        """Return to the last picture, and report the error."""
        self.search = None
        self._views.on_failure()
        self._go_back()
        self.failed.emit(sentence, details)

    def settle(self) -> None:
        """Settle, unless a pause, a study to be read, a search, an awaited job or views of the result are pending."""
        waits = self._pause.isActive() or self._whole_soon.isActive() or self._saved.waits
        if waits or self.search or (self._awaited and self._jobs.running):
            return
        self._awaited = False
        if self._views.to_come():
            self._work.set_busy(True)
        else:
            self._work.settle()
            self.idle.rest()
