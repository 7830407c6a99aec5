"""Searches over many settings while the picture stays: sweeps, repeats, and edits that unlearn a class."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from koopview.errors import InputError
from koopview.gui.session.fitting import Fits
from koopview.gui.session.sweeping import SweepEnd, SweepRun, asked_of, rest_of
from koopview.gui.session.workers import Workers, WorkersRefused
from koopview.progress import Progress, part
from koopview.study.result import FitResult


@dataclass(frozen=True, eq=False)
class Unlearning:
    """The outcome of unlearning a class.

    `note` says why nothing was edited, if so; `told_before` and `told_after` are the shares of the class's test samples
    that a linear probe of the layer's output still recognises, None if there are no such samples.
    """

    target: int
    before: FitResult
    after: FitResult
    note: str = ""
    told_before: float | None = None
    told_after: float | None = None


@dataclass(frozen=True, eq=False)
class Swept:
    """What a sweep leaves behind its cells: the result that is shown again, None for the one that is there still.

    `ready` and `refused` are those of its SweepEnd; `notes` say what was computed twice.
    """

    result: FitResult | None
    ready: str = ""
    refused: str = ""
    notes: tuple[str, ...] = ()


class Searches(QObject):
    """Sweeps, repeats and unlearning among the fits of one study."""

    swept = Signal()
    unlearned = Signal(object)  # an Unlearning
    held = Signal()  # a change waits for the end of the sweep that runs
    remarked = Signal(str)  # what was computed twice
    _cell_found = Signal(object, object)  # the sweep, one result of it

    def __init__(self, fits: Fits, parent: QObject) -> None:
        super().__init__(parent)
        self._fits = fits
        self.workers = Workers()
        """Those on which sweeps are computed."""
        self.sweep_end: SweepEnd | None = None
        """How the last sweep ended; None if none did, or other work was done since."""
        self._waiting: Callable[[], None] | None = None  # the request made while a sweep ran
        self._cell_found.connect(self._on_cell)
        fits.started.connect(self._forget_end)
        fits.hold = self.holds

    @property
    def sweeping(self) -> bool:
        """Whether a sweep runs."""
        return isinstance(self._fits.search, SweepRun)

    def sweep(self, delays: Sequence[int] | None = None, ranks: Sequence[int | str] | None = None) -> None:
        """Fit these delays and ranks, or many around the settings on screen, on the workers named; the picture stays.

        `swept` is emitted for each cell.
        """
        engine, shown = self._fits.engine, self._fits.settings
        if engine is None or shown is None or self._fits.state is None:
            return
        delays, ranks = asked_of(shown, self._fits.drawn, delays, ranks)
        sweep = self._fits.search = SweepRun(len(set(delays)) * len(set(ranks)))
        where, is_there = self.workers.named, self._fits.result is not None

        def work(progress: Progress) -> Swept:
            watch = {"progress": progress, "on_cell": lambda result: self._cell_found.emit(sweep, result)}
            try:
                with self.workers.used(where, progress) as use:
                    study = engine.study(progress)
                    found = study.sweep([shown.layer], delays, ranks, client=use.client, **watch, **rest_of(shown))
            except WorkersRefused as error:  # a fit that this sweep has ended is made still
                return Swept(None if is_there else engine.fit(shown, progress), refused=str(error))
            return Swept(study.fit_settings(shown, progress).result, use.ready, notes=found.notes)

        self._fits.start(work, lambda found: self._on_swept(sweep, found))

    def holds(self, call: Callable[[], None]) -> bool:
        """Store a request until the running sweep has ended, and report it; return False if none runs."""
        if not self.sweeping:
            return False
        self._waiting = call
        self.held.emit()
        return True

    def _go_on(self) -> None:
        """Make the request that waited for the end of a sweep."""
        call, self._waiting = self._waiting, None
        if call is not None:
            call()

    def stop(self) -> None:
        """Stop the running work; cells of a sweep are kept, and a request that waited for its end is made."""
        if isinstance(self._fits.search, SweepRun):
            self.sweep_end = self._fits.search.end(stopped=True)
        self._fits.stop()
        self._go_on()

    def forget(self) -> None:
        """Drop the waiting request: another study is opened, or the running work has failed."""
        self.sweep_end = self._waiting = None

    def _forget_end(self) -> None:
        self.sweep_end = None

    def _on_cell(self, sweep: SweepRun, result: FitResult) -> None:
        """Keep one cell of the running sweep; those of the present rank form the curve over delays."""
        if sweep is not self._fits.search or self._fits.state is None or self._fits.settings is None:
            return
        sweep.found += 1
        self._fits.state = self._fits.state.with_cell(result)
        if result.settings.rank == self._fits.settings.rank:
            self._fits.remember(result)
            self._fits.result_changed.emit(self._fits.result)
        self.swept.emit()

    def _on_swept(self, sweep: SweepRun, found: Swept) -> None:
        self._fits.search, self.sweep_end = None, sweep.end(ready=found.ready, refused=found.refused)
        shown, result = self._fits.result, found.result
        if result is None:
            self._fits.settle()
        elif shown is not None and shown.settings == result.settings and shown.controls_known:
            self._fits.found(shown)  # the same numbers: nothing is redrawn
        else:
            self._fits.found(result)
        for note in found.notes:
            self.remarked.emit(note)
        self._go_on()

    def repeat(self, draws: int) -> None:
        """Fit the settings on screen with `draws` draws of the fitting samples, and show the spread of the scores."""
        if self.holds(lambda: self.repeat(draws)):
            return
        engine, shown = self._fits.engine, self._fits.settings
        if engine is None or shown is None:
            return
        search = self._fits.search = object()

        def work(progress: Progress) -> FitResult:
            study = engine.study(progress)
            result = study.repeat(shown, draws, part(progress, 0.0, 0.95)).result
            study.fitted(shown, part(progress, 0.95, 1.0), spectrum=False, controls=False)  # so that ranks are cheap
            return result

        def done(result: FitResult) -> None:
            if self._fits.search is search:
                self._fits.search = None
            self._fits.found(result)

        self._fits.start(work, done)

    def unlearn(self, target: int, most: int) -> None:
        """Search edits of at most `most` modes that cost class `target` most and others least; show their effect."""
        if self.holds(lambda: self.unlearn(target, most)):
            return
        engine, before = self._fits.engine, self._fits.result
        if engine is None or before is None:
            return
        self._fits.search = object()

        def work(progress: Progress) -> Unlearning:
            fit = engine.study(progress).fit_settings(before.settings, part(progress, 0.0, 0.1), controls=False)
            found = fit.unlearn(target, most=most, progress=part(progress, 0.1, 0.9))
            progress(0.9, "linear probe")
            told = [probed(each, target) for each in ((fit, found) if found.result.edited else ())]
            return Unlearning(target, before, found.result, found.note, *told)

        def done(found: Unlearning) -> None:
            self._fits.search = None
            self._fits.request(found.after.settings, f"unlearn class {target}", object())
            self._fits.settle()
            self.unlearned.emit(found)

        self._fits.start(work, done)


def probed(fit: Any, target: int) -> float | None:
    """Return the share of a class's test samples that a linear probe of a Fit recognises, None without samples."""
    try:
        told: float = fit.linear_probe(target)
    except InputError:
        return None
    return told
