"""Compare the fit on screen with another one: on the session's worker, the latest request wins."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from koopview.errors import KoopViewError
from koopview.gui.session.fitting import Fits
from koopview.gui.session.opener import default_layer
from koopview.gui.session.timers import once
from koopview.gui.session.work import Work
from koopview.network.info import LayerInfo
from koopview.progress import Progress, part
from koopview.study.comparing import Comparison
from koopview.study.settings import FitSettings
from koopview.study.sides import DRAWS

if TYPE_CHECKING:
    from koopview.study.study import Study

PAUSE_MS = 120
"""Time that a change of the controls waits for a further one."""

_STAGES = ((False, 1, 0.3), (True, 1, 0.6), (True, DRAWS, 1.0))
"""What is measured one after the other, each shown: the fits, their controls, other draws; the share done after it."""


@dataclass(frozen=True)
class Wanted:
    """Two fits to compare: their settings, and the study of the second (a file or a built-in name; None: the open one).

    Without settings of its own the second takes those of its study, or those of the first, for the layer named.
    """

    one: FitSettings
    other: FitSettings | None
    study: str | None = None
    layer: str | None = None


@dataclass(frozen=True, eq=False)
class Compared:
    """A comparison, the layers of B's study, and whether all of it has been measured."""

    wanted: Wanted
    comparison: Comparison
    layers: tuple[LayerInfo, ...]
    whole: bool


class Comparing(QObject):
    """Fits both sides, then measures what is beside them; ``found`` carries a Compared each time more is known."""

    found = Signal(object)
    failed = Signal(str)
    running_changed = Signal(bool)
    progressed = Signal(float, str, float)
    _part_found = Signal(object)

    def __init__(self, work: Work, fits: Fits, parent: QObject) -> None:
        super().__init__(parent)
        self._work, self._fits = work, fits
        self._wanted: Wanted | None = None
        self._other: tuple[str, Study] | None = None
        self._begins = self._begun = self._waits = False
        self.running = False
        """Whether a comparison that was asked for is not complete."""
        self._pause = once(self, self._start, PAUSE_MS)
        self._part_found.connect(self._show)
        fits.started.connect(self._on_other_work)
        work.busy_changed.connect(self._on_busy)
        work.progressed.connect(self._on_progress)

    def ask(self, wanted: Wanted) -> None:
        """Compare what is wanted, after a short pause; what was asked for before is no longer wanted."""
        self._wanted = wanted
        self._set_running(True)
        self._pause.start()

    def stop(self) -> None:
        """Stop comparing; what is shown stays."""
        self._pause.stop()
        if self.running:
            self._set_running(False)
            self._wanted = None
            self._fits.stop()

    def _start(self) -> None:
        engine, wanted = self._fits.engine, self._wanted
        if engine is None or wanted is None or self._fits.hold(self._start):
            return
        if self._work.busy and not self._begun:
            self._wait()
            return

        def work(progress: Progress) -> str:
            try:
                one = engine.study(part(progress, 0.0, 0.05))
                self._compare(one, self._other_study(wanted.study, one), wanted, progress)
            except KoopViewError as error:  # told where it was asked for, not in the main window
                return str(error)
            return ""

        self._begins = self._begun = True
        self._fits.start(work, self._end)
        self._begins = False

    def _wait(self) -> None:
        """Begin once nothing else is waited for: what the window asked for comes first."""
        if not self._waits:
            self._waits = True
            self._work.when_settled(self._resume)

    def _resume(self) -> None:
        self._waits = False
        if self.running:
            self._start()

    def _other_study(self, name: str | None, one: "Study") -> "Study":
        """Return B's study, opened once; called on the worker."""
        if name is None:
            return one
        if self._other is None or self._other[0] != name:
            from koopview.opening import open_other

            self._other = (name, open_other(name, one))
        return self._other[1]

    def _compare(self, one: "Study", other: "Study", wanted: Wanted, progress: Progress) -> None:
        """Measure more and more of a comparison, and hand on each stage; called on the worker."""
        from koopview.study.compare import settings_of, side_of

        settings = wanted.other or settings_of(other, _layer_of(other, wanted), wanted.one, {})
        done = 0.05
        for controls, draws, share in _STAGES:
            middle, sides = (done + share) / 2, []
            for study, asked, start, stop in ((one, wanted.one, done, middle), (other, settings, middle, share)):
                step = part(progress, start, stop)
                sides.append(side_of(study.fitted(asked, step, controls=controls), draws, step, study.fitter))
            comparison = Comparison(sides[0], sides[1])
            _ = comparison.distances  # computed here, not while it is drawn
            self._part_found.emit(Compared(wanted, comparison, other.layers, share == 1.0))
            done = share

    def _show(self, compared: Compared) -> None:
        if compared.wanted == self._wanted:
            self.found.emit(compared)

    def _end(self, sentence: str) -> None:
        self._begun = False
        self._set_running(False)
        if sentence:
            self.failed.emit(sentence)
        self._fits.settle()

    def _on_other_work(self) -> None:
        """Let something else that was asked for come first, and go on after it."""
        if not self._begins and self._begun:
            self._begun = False
            self._wait()

    def _on_busy(self, busy: bool) -> None:
        """End with what the window's Stop ends, or a defect."""
        if not busy and self._begun:
            self._begun = False
            self._set_running(False)

    def _on_progress(self, fraction: float, text: str, seconds_left: float) -> None:
        if self._begun:
            self.progressed.emit(fraction, text, seconds_left)

    def _set_running(self, running: bool) -> None:
        if running != self.running:
            self.running = running
            self.running_changed.emit(running)


def _layer_of(other: "Study", wanted: Wanted) -> str | None:
    """Return the layer to fit of B's study: None where its results or A's layer say it, else the usual one."""
    if wanted.layer is not None or other.results or wanted.one.layer in {row.name for row in other.layers}:
        return wanted.layer
    usual = default_layer(other.layers)
    return None if usual is None else usual.name
