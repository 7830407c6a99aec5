"""What the window and its parts ask of a session and hear from it: one typed list, so that every call is checked."""

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
    from koopview.study.study import Study  # which imports torch

Done = Callable[[], object]


class FitPort(Protocol):
    """The fit on screen: what is asked of it, and what is told."""

    @property
    def state(self) -> StudyState | None:
        """The study's layers and results."""

    @property
    def settings(self) -> FitSettings | None:
        """What is asked for."""

    @property
    def result(self) -> FitResult | None:
        """What was found with these settings, None while it is worked out."""

    @property
    def undo_stack(self) -> QUndoStack:
        """Every change of settings that a person made."""

    @property
    def busy(self) -> bool:
        """Whether something that was asked for is not shown yet."""

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
    """With the share that is done, what is being done, and the seconds left (NaN: not known)."""

    failed: SignalInstance
    """With a sentence, and details for who mends the program."""

    settled: SignalInstance
    """All that was asked for is shown."""

    def request(self, settings: FitSettings, text: str = "", gesture: object = None) -> None:
        """Ask for the result of settings, as a change that can be undone."""

    def fit_now(self) -> None:
        """Fit the settings on screen."""

    def stop(self) -> None:
        """Stop what is running."""

    def close(self) -> None:
        """Stop everything; nothing can be asked afterwards."""

    def watch(self, kind: str, wanted: bool = True, by: str = "") -> None:
        """Make views of a kind of every result on screen, as long as anyone wants them."""


class SearchPort(FitPort, Protocol):
    """Searches among settings and edits."""

    @property
    def sweeping(self) -> bool:
        """Whether a sweep runs."""

    @property
    def sweep_end(self) -> SweepEnd | None:
        """How the last sweep ended, None where something else was done since."""

    swept: SignalInstance
    """A cell of a sweep was found."""

    unlearned: SignalInstance
    """With an Unlearning."""

    held: SignalInstance
    """A change waits for the end of a sweep."""

    def sweep(self, delays: Sequence[int] | None = None, ranks: Sequence[int | str] | None = None) -> None:
        """Fit these delays and ranks, or many around the settings on screen."""

    def repeat(self, draws: int) -> None:
        """Fit with so many draws of the fitting samples."""

    def unlearn(self, target: int, most: int) -> None:
        """Search an edit that costs one class alone."""


class FilePort(Protocol):
    """What is open, and what of it goes into files."""

    asked: Source | None
    """What was to be opened last and is not open."""

    @property
    def source(self) -> Source | None:
        """Where model and data come from."""

    @property
    def file(self) -> StudyFile | None:
        """The study file that is open."""

    @property
    def lacks(self) -> str:
        """Which part of a reopened study could not be opened, "model" or "data"."""

    @property
    def can_save(self) -> bool:
        """Whether there is a study, with its data, that can be written."""

    noted: SignalInstance
    """With a sentence about what is open, and a Source that fits better or None."""

    def drawn_state(self) -> StudyState | None:
        """Return the state with the result that was drawn last at its end."""

    def start_over(self, state: StudyState) -> None:
        """Show a state of the open study as if it was just opened."""

    def save_study(self, path: Path, done: Done) -> None:
        """Write the study to a file; `done` is called when it is there."""

    def make_view(self, kind: str, done: Callable[[object], object]) -> None:
        """Make the view of a kind of the settings on screen, and hand it to `done`."""

    def export_hybrid(self, path: Path, done: Done) -> None:
        """Write the hybrid network to a file."""

    def open_options(self, options: WindowOptions) -> None:
        """Open what the command line names."""

    def open_demo(self, name: str) -> None:
        """Open a built-in study."""

    def open_saved(self, path: str, trust: bool = False) -> None:
        """Open a study file."""

    def open_study(self, study: "Study") -> None:
        """Open a study that is in memory."""

    def open_model(self, wanted: Source) -> None:
        """Open a model, and its data where they are named."""

    def open_data(self, wanted: Source) -> None:
        """Open data for the model that is open."""

    def restore(self, path: Path, done: Done, failed: Done) -> None:
        """Take up the study of a recovery file."""


class SessionPort(SearchPort, FilePort, Protocol):
    """All that the window uses of a session."""
