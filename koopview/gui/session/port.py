"""The typed interface of a session for the window and its parts, so that every call is checked."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import SignalInstance
from PySide6.QtGui import QUndoStack

from koopview.arguments import WindowOptions
from koopview.gui.session.sweeping import SweepEnd
from koopview.study.result import FitResult, StudyState
from koopview.study.settings import FitSettings
from koopview.study.source import Source
from koopview.study.study_file import StudyFile

if TYPE_CHECKING:
    from koopview.gui.session.comparing import Comparing
    from koopview.gui.session.setting_aside import Aside
    from koopview.study.study import Study  # which imports torch

Done = Callable[[], object]


class FitPort(Protocol):
    """The fit on screen: its requests and signals."""

    @property
    def state(self) -> StudyState | None:
        """The study's layers and results."""

    @property
    def settings(self) -> FitSettings | None:
        """The requested settings."""

    @property
    def result(self) -> FitResult | None:
        """The result of these settings, None while it is computed."""

    @property
    def undo_stack(self) -> QUndoStack:
        """Every change of settings that a person made."""

    @property
    def busy(self) -> bool:
        """Whether a request is not shown yet."""

    state_changed: SignalInstance
    """With a StudyState or None."""

    settings_changed: SignalInstance
    """With FitSettings or None."""

    result_changed: SignalInstance
    """With a FitResult or None."""

    view_changed: SignalInstance
    """With a kind, and its view of the result on screen or None."""

    explained: SignalInstance
    """With the share of each layer's output that an affine map explains, by its name, or None."""

    busy_changed: SignalInstance
    """With `busy`."""

    progressed: SignalInstance
    """With the share that is done, the current step, and the seconds left (NaN: not known)."""

    failed: SignalInstance
    """With a sentence, and details for developers."""

    settled: SignalInstance
    """All requests are shown."""

    def request(self, settings: FitSettings, text: str = "", gesture: object = None) -> None:
        """Request the result of settings, as a change that can be undone."""

    def fit_now(self) -> None:
        """Fit the settings on screen."""

    def stop(self) -> None:
        """Stop the running work."""

    def close(self) -> None:
        """Stop everything; no request is possible afterwards."""

    def watch(self, kind: str, wanted: bool = True, by: str = "") -> None:
        """Make views of a kind for every result on screen while they are wanted."""


class SearchPort(FitPort, Protocol):
    """Searches among settings and edits."""

    @property
    def sweeping(self) -> bool:
        """Whether a sweep runs."""

    @property
    def sweep_end(self) -> SweepEnd | None:
        """How the last sweep ended, None if other work was done since."""

    swept: SignalInstance
    """A cell of a sweep was found."""

    filled: SignalInstance
    """With a Filled: a cell was found, or another curve or sweep is filled in, while idle; None if nothing is."""

    unlearned: SignalInstance
    """With an Unlearning."""

    held: SignalInstance
    """A change waits for the end of a sweep."""

    remarked: SignalInstance
    """With a sentence on what a sweep's workers computed twice."""

    deepened: SignalInstance
    """With a DepthState: a cell of the table over blocks was found, or another study is open."""

    @property
    def deepening(self) -> bool:
        """Whether the table over blocks is computed."""

    @property
    def comparing(self) -> "Comparing":
        """The comparison of the fit on screen with another one."""

    def sweep(self, delays: Sequence[int] | None = None, ranks: Sequence[int | str] | None = None) -> None:
        """Fit these delays and ranks, or many around the settings on screen."""

    def compute_on(self, where: str) -> None:
        """Compute sweeps on the workers of a cluster from now on; empty: in this program."""

    def fill(self, wanted: bool, only_curve: bool = False) -> None:
        """Fill in the curve over h, and unless `only_curve` the sweep around the settings on screen, while idle."""

    def deepen(self, states: str, inputs: bool = True) -> None:
        """Compute the table over blocks, or the cells that it lacks, with this kind of state; see `Deepening`."""

    def repeat(self, draws: int) -> None:
        """Fit with a number of draws of the fitting samples."""

    def unlearn(self, target: int, most: int) -> None:
        """Search an edit that lowers the accuracy of only one class."""


class FilePort(Protocol):
    """The open source, and its files."""

    asked: Source | None
    """The last source requested, if it is not open."""

    @property
    def source(self) -> Source | None:
        """The source of model and data."""

    @property
    def file(self) -> StudyFile | None:
        """The study file that is open."""

    @property
    def lacks(self) -> str:
        """The part of a reopened study that could not be opened, "model" or "data"."""

    @property
    def can_save(self) -> bool:
        """Whether there is a study, with its data, that can be written."""

    noted: SignalInstance
    """With a sentence about the open study, and a Source that fits better or None."""

    def drawn_state(self) -> StudyState | None:
        """Return the state with the result that was drawn last at its end."""

    def start_over(self, state: StudyState) -> None:
        """Show a state of the open study as if it was just opened."""

    def set_aside(self) -> "Aside | None":
        """Return the open study, so that it can be taken back after another one; None if none is open."""

    def take_back(self, aside: "Aside") -> None:
        """Open a study again that was set aside, as it was."""

    def save_study(self, path: Path, done: Done) -> None:
        """Write the study to a file; `done` is called when it is written."""

    def make_view(self, kind: str, done: Callable[[object], object]) -> None:
        """Make the view of a kind of the settings on screen, and hand it to `done`."""

    def export_hybrid(self, path: Path, done: Done) -> None:
        """Write the hybrid network to a file."""

    def open_options(self, options: WindowOptions) -> None:
        """Open the command line's source."""

    def open_demo(self, name: str) -> None:
        """Open a built-in study."""

    def open_saved(self, path: str, trust: bool = False) -> None:
        """Open a study file."""

    def open_study(self, study: "Study") -> None:
        """Open a study that is in memory."""

    def open_model(self, wanted: Source) -> None:
        """Open a model, and its data if they are named."""

    def open_data(self, wanted: Source) -> None:
        """Open data for the model that is open."""

    def restore(self, path: Path, done: Done, failed: Done) -> None:
        """Restore the study of a recovery file."""


class SessionPort(SearchPort, FilePort, Protocol):
    """The whole interface of a session."""
