"""Work that tries many settings while the picture stays: sweeps, and the search for an edit that unlearns a class."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from koopview.errors import InputError
from koopview.gui.session.engine import Engine
from koopview.gui.session.fitting import Fitting
from koopview.gui.session.sweeping import SweepEnd, SweepRun, rest_of, swept_delays, swept_ranks
from koopview.progress import Progress, part
from koopview.study.result import FitResult, StudyState
from koopview.study.settings import FitSettings


@dataclass(frozen=True, eq=False)
class Unlearning:
    """What came of unlearning a class.

    `note` says why where nothing was edited; `told_before` and `told_after` are the shares of the class's test samples
    that a linear probe of the layer's output still tells, None where there is no such sample.
    """

    target: int
    before: FitResult
    after: FitResult
    note: str = ""
    told_before: float | None = None
    told_after: float | None = None


class Searching(Fitting):
    """Fits of one study, and searches among them."""

    swept = Signal()
    unlearned = Signal(object)  # an Unlearning
    held = Signal()  # a change waits for the end of the sweep that runs
    _cell_found = Signal(object, object)  # the sweep, one result of it

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.sweep_end: SweepEnd | None = None
        """How the last sweep ended; None where none did, or something else was done since."""
        self._waiting: Callable[[], None] | None = None  # what was asked for while a sweep ran
        self._cell_found.connect(self._on_cell)

    @property
    def sweeping(self) -> bool:
        """Whether a sweep runs."""
        return isinstance(self._search, SweepRun)

    def sweep(self, delays: Sequence[int] | None = None, ranks: Sequence[int | str] | None = None) -> None:
        """Fit these delays and ranks, or many around the settings on screen; what is shown stays.

        `swept` tells of each cell.
        """
        engine, shown = self._engine, self.settings
        if engine is None or shown is None or self.state is None:
            return
        delays = delays or swept_delays(shown.steps, shown.delays)
        ranks = ranks or swept_ranks(self._drawn.kept_rank if self._drawn else 1, shown.rank)
        sweep = self._search = SweepRun(len(set(delays)) * len(set(ranks)))

        def work(progress: Progress) -> FitResult:
            study = engine.study(progress)
            on_cell = lambda result: self._cell_found.emit(sweep, result)  # noqa: E731
            study.sweep([shown.layer], delays, ranks, progress=progress, on_cell=on_cell, **rest_of(shown))
            return study.fit_settings(shown, progress).result

        self._start(work, lambda result: self._on_swept(sweep, result))

    def request(self, settings: FitSettings, text: str = "", gesture: object = None) -> None:
        """Ask for the result of `settings`, see :meth:`Fitting.request`; while a sweep runs it waits for its end."""
        if not self._waits_for_sweep(lambda: self.request(settings, text, gesture)):
            super().request(settings, text, gesture)

    def fit_now(self) -> None:
        """Fit the settings that are asked for; while a sweep runs this waits for its end."""
        if not self._waits_for_sweep(self.fit_now):
            super().fit_now()

    def _ask(self, settings: FitSettings) -> None:
        if self._waits_for_sweep(lambda: self.request(settings)):
            if self.settings is not None:
                self._changes.follow(self.settings)  # what was undone is not undone yet
        else:
            super()._ask(settings)

    def _waits_for_sweep(self, call: Callable[[], None]) -> bool:
        """Keep what was asked for until the running sweep has ended, and say so; False where none runs."""
        if not self.sweeping:
            return False
        self._waiting = call
        self.settings_changed.emit(self.settings)  # the controls show what is on screen
        self.held.emit()
        return True

    def _go_on(self) -> None:
        """Do what waited for the end of a sweep."""
        call, self._waiting = self._waiting, None
        if call is not None:
            call()

    def stop(self) -> None:
        """Stop what is running; what a sweep found stays, and what waited for its end is done."""
        if isinstance(self._search, SweepRun):
            self.sweep_end = self._search.end(stopped=True)
        super().stop()
        self._go_on()

    def _on_cell(self, sweep: SweepRun, result: FitResult) -> None:
        """Keep one cell of the sweep that runs; those of the present rank are the curve over delays."""
        if sweep is not self._search or self.state is None or self.settings is None:
            return
        sweep.found += 1
        others = [cell for cell in self.state.cells if cell.settings != result.settings]
        self.state = replace(self.state, cells=(*others, result))
        if result.settings.rank == self.settings.rank:
            self._remember(result)
            self.result_changed.emit(self.result)
        self.swept.emit()

    def _on_swept(self, sweep: SweepRun, result: FitResult) -> None:
        self._search, self.sweep_end = None, sweep.end()
        shown = self.result
        if shown is not None and shown.settings == result.settings and shown.controls_known:
            result = shown  # the same numbers: nothing is drawn anew
        self._on_result(result)
        self._go_on()

    def repeat(self, draws: int) -> None:
        """Fit the settings on screen with so many draws of the fitting samples, and show the spread of their scores."""
        if self._waits_for_sweep(lambda: self.repeat(draws)):
            return
        engine, shown = self._engine, self.settings
        if engine is None or shown is None:
            return
        search = self._search = object()

        def work(progress: Progress) -> FitResult:
            study = engine.study(progress)
            result = study.repeat(shown, draws, part(progress, 0.0, 0.95)).result
            study.fitted(shown, part(progress, 0.95, 1.0), spectrum=False, controls=False)  # so that ranks are cheap
            return result

        def done(result: FitResult) -> None:
            if self._search is search:
                self._search = None
            self._on_result(result)

        self._start(work, done)

    def unlearn(self, target: int, most: int) -> None:
        """Search edits of `most` modes that cost the class `target` most, the others least, and show what they do."""
        if self._waits_for_sweep(lambda: self.unlearn(target, most)):
            return
        engine, before = self._engine, self.result
        if engine is None or before is None:
            return
        self._search = object()

        def work(progress: Progress) -> Unlearning:
            fit = engine.study(progress).fit_settings(before.settings, part(progress, 0.0, 0.1), controls=False)
            found = fit.unlearn(target, most=most, progress=part(progress, 0.1, 0.9))
            progress(0.9, "linear probe")
            told = [probed(each, target) for each in ((fit, found) if found.result.edited else ())]
            return Unlearning(target, before, found.result, found.note, *told)

        def done(found: Unlearning) -> None:
            self._search = None
            self.request(found.after.settings, f"unlearn class {target}", object())
            self._settle()
            self.unlearned.emit(found)

        self._start(work, done)

    def _start(self, work: Callable[[Progress], Any], done: Callable[[Any], None]) -> None:
        self.sweep_end = None
        super()._start(work, done)

    def _on_failed(self, sentence: str, details: str) -> None:
        self._waiting = None
        super()._on_failed(sentence, details)

    def _take(self, engine: Engine, state: StudyState) -> None:
        self.sweep_end = self._waiting = None
        super()._take(engine, state)


def probed(fit: Any, target: int) -> float | None:
    """Return the share of a class's test samples that a linear probe of a Fit tells, None where there are none."""
    try:
        told: float = fit.linear_probe(target)
    except InputError:
        return None
    return told
