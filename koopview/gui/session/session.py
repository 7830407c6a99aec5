"""The session behind the window: the open study, its fits, searches and files, in one interface."""

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QUndoStack

from koopview.arguments import Source, WindowOptions
from koopview.gui.session.deepening import Deepening
from koopview.gui.session.filling import Filling
from koopview.gui.session.fitting import Fits
from koopview.gui.session.keeping import Done, Keeping
from koopview.gui.session.opener import Opener
from koopview.gui.session.searching import Searches
from koopview.gui.session.setting_aside import Aside, set_aside, take_back
from koopview.gui.session.sweeping import SweepEnd
from koopview.gui.session.work import Work
from koopview.study.result import FitResult, StudyState
from koopview.study.settings import FitSettings
from koopview.study.study_file import StudyFile

if TYPE_CHECKING:
    from koopview.gui.session.comparing import Comparing
    from koopview.study.study import Study


class Session(QObject):
    """Opens models, data and built-in studies; the present study stays until the next one is open.

    It implements :class:`koopview.gui.session.port.SessionPort` by its parts: the work on the worker, the fits of the
    open study, searches among them, and its files.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work = Work(self)
        self._fits = Fits(self._work, self)
        self._searches = Searches(self._fits, self)
        self._deepening = Deepening(self._fits, self)
        self._filling = Filling(self._fits, self)
        self._keeping = Keeping(self._work, self._fits)
        self._opener = Opener(self._fits, self._searches, self)
        self._work.jobs.failed.connect(self._on_failed)
        self.state_changed = self._fits.state_changed
        self.settings_changed = self._fits.settings_changed
        self.result_changed = self._fits.result_changed
        self.view_changed = self._fits.view_changed
        self.explained = self._fits.explained
        self.failed = self._fits.failed
        self.busy_changed = self._work.busy_changed
        self.progressed = self._work.progressed
        self.settled = self._work.settled
        self.swept = self._searches.swept
        self.unlearned = self._searches.unlearned
        self.held = self._searches.held
        self.remarked = self._searches.remarked
        self.deepened = self._deepening.deepened
        self.filled = self._filling.filled
        self.noted = self._opener.noted

    def _on_failed(self, sentence: str, details: str) -> None:
        self._searches.forget()
        self._fits.fail(self._opener.explained(sentence), details)

    @property
    def asked(self) -> Source | None:
        """The last source requested, if it is not open."""
        return self._opener.asked

    @asked.setter
    def asked(self, source: Source | None) -> None:
        self._opener.asked = source

    def open_options(self, options: WindowOptions) -> None:
        """Open the command line's source."""
        self._opener.open_options(options)

    def open_demo(self, name: str) -> None:
        """Open a built-in study."""
        self._opener.open_demo(name)

    def open_saved(self, path: str, trust: bool = False) -> None:
        """Open a study file."""
        self._opener.open_saved(path, trust)

    def open_study(self, study: "Study") -> None:
        """Open a study that is in memory."""
        self._opener.open_study(study)

    def open_model(self, wanted: Source) -> None:
        """Open a model, and its data if they are named."""
        self._opener.open_model(wanted)

    def open_data(self, wanted: Source) -> None:
        """Open data for the model that is open."""
        self._opener.open_data(wanted)

    def restore(self, path: Path, done: Done, failed: Done) -> None:
        """Restore the study of a recovery file."""
        self._opener.restore(path, done, failed)

    def start_over(self, state: StudyState) -> None:
        """Show a state of the open study as if it was just opened: what runs is cancelled, what was done forgotten."""
        if self._fits.engine is not None:
            self._searches.forget()
            self._fits.show_saved(self._fits.engine, state)

    def set_aside(self) -> Aside | None:
        """Return the open study, so that it can be taken back after another one; None if none is open."""
        return set_aside(self._fits, self._deepening)

    def take_back(self, aside: Aside) -> None:
        """Open a study again that was set aside, as it was."""
        take_back(self._fits, self._opener, self._deepening, aside)

    # What it is made of ----------------------------------------------------------------------------------------

    def request(self, settings: FitSettings, text: str = "", gesture: object = None) -> None:
        """Request the result of settings, as a change that can be undone; it waits for the end of a running sweep."""
        self._fits.request(settings, text, gesture)

    def fit_now(self) -> None:
        """Fit the settings on screen; this waits for the end of a running sweep."""
        self._fits.fit_now()

    def stop(self) -> None:
        """Stop the running work; cells of a sweep are kept, and a request that waited for its end is made."""
        self._searches.stop()

    def close(self) -> None:
        """Cancel everything and wait for the worker, and for the end of a cluster's workers."""
        self._fits.close()
        self._searches.workers.close()

    def watch(self, kind: str, wanted: bool = True, by: str = "") -> None:
        """Make views of a kind for every result on screen while they are wanted."""
        self._fits.watch(kind, wanted, by)

    def sweep(self, delays: Sequence[int] | None = None, ranks: Sequence[int | str] | None = None) -> None:
        """Fit these delays and ranks, or many around the settings on screen."""
        self._searches.sweep(delays, ranks)

    def compute_on(self, where: str) -> None:
        """Compute sweeps on the workers of a cluster from now on; empty: in this program."""
        self._searches.workers.name(where)

    def deepen(self, states: str, inputs: bool = True) -> None:
        """Compute the table over blocks, or the cells that it lacks, with this kind of state; see `Deepening`."""
        self._deepening.deepen(states, inputs)

    def fill(self, wanted: bool, only_curve: bool = False) -> None:
        """Fill in the curve over h, and unless `only_curve` the sweep around the settings on screen, while idle."""
        self._filling.fill(wanted, only_curve)

    @cached_property
    def comparing(self) -> "Comparing":
        """The comparison of the fit on screen with another one, made on first use."""
        from koopview.gui.session.comparing import Comparing

        return Comparing(self._work, self._fits, self)

    def repeat(self, draws: int) -> None:
        """Fit with a number of draws of the fitting samples."""
        self._searches.repeat(draws)

    def unlearn(self, target: int, most: int) -> None:
        """Search an edit that lowers the accuracy of only one class."""
        self._searches.unlearn(target, most)

    def drawn_state(self) -> StudyState | None:
        """Return the state with the result that was drawn last at its end."""
        return self._keeping.drawn_state()

    def save_study(self, path: Path, done: Done) -> None:
        """Write the study to a file; `done` is called when it is written."""
        self._keeping.save_study(path, done)

    def make_view(self, kind: str, done: Callable[[object], object]) -> None:
        """Make the view of `kind` of the settings on screen, and hand it to `done`."""
        self._keeping.make_view(kind, done)

    def export_hybrid(self, path: Path, done: Done) -> None:
        """Write the hybrid network to a file; `done` is called when it is written."""
        self._keeping.export_hybrid(path, done)

    @property
    def state(self) -> StudyState | None:
        """The study's layers and results."""
        return self._fits.state

    @property
    def settings(self) -> FitSettings | None:
        """The requested settings."""
        return self._fits.settings

    @property
    def result(self) -> FitResult | None:
        """The result of these settings, None while it is computed."""
        return self._fits.result

    @property
    def undo_stack(self) -> QUndoStack:
        """Every change of settings that a person made."""
        return self._fits.undo_stack

    @property
    def busy(self) -> bool:
        """Whether a request is not shown yet."""
        return self._work.busy

    @property
    def sweeping(self) -> bool:
        """Whether a sweep runs."""
        return self._searches.sweeping

    @property
    def deepening(self) -> bool:
        """Whether the table over blocks is computed."""
        return self._deepening.running

    @property
    def sweep_end(self) -> SweepEnd | None:
        """How the last sweep ended, None if other work was done since."""
        return self._searches.sweep_end

    @property
    def can_save(self) -> bool:
        """Whether there is a study, with its data, that can be written."""
        return self._keeping.can_save

    @property
    def source(self) -> Source | None:
        """The source of model and data, None if nothing is open."""
        return self._opener.source

    @property
    def file(self) -> StudyFile | None:
        """The study file that is open, None if there is none or it was not read yet."""
        return self._opener.file

    @property
    def lacks(self) -> str:
        """The part of a reopened study that could not be opened, "model" or "data"; without it nothing is fitted."""
        return self._opener.lacks
