"""Open files from dialogs, drops and the list of recent files; every failure becomes one sentence."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData
from PySide6.QtWidgets import QFileDialog, QMainWindow

from koopview.arguments import STUDY_ENDING
from koopview.gui.files.dropping import Dropping
from koopview.gui.files.recent import note_recent, recent_files
from koopview.gui.files.study_files import FILTER, StudyFiles
from koopview.gui.saving.saving import last_folder, note_folder
from koopview.gui.session.port import SessionPort
from koopview.gui.text import study_name
from koopview.gui.widgets.message_bar import MessageBar
from koopview.gui.widgets.suggested_action import SuggestedAction
from koopview.study.origin import without_demo
from koopview.study.source import Source
from koopview.study.study_file import resolved

if TYPE_CHECKING:
    from koopview.gui.dialogs.open_source import OpenDialog


class Opening:
    """Asks for files and passes them to the session, after a question about unsaved work."""

    def __init__(
        self,
        window: QMainWindow,
        session: SessionPort,
        studies: StudyFiles,
        message: MessageBar,
        open_part: Callable[[str], SuggestedAction | None],
    ) -> None:
        self._window, self._session, self._studies = window, session, studies
        self._message, self._open_part = message, open_part
        self.dialog: OpenDialog | None = None  # the dialog that asks, or waits for its source to open
        self._opening: str | None = None  # the file to add to the recent ones once it is open
        self._dropping = Dropping(window, session, self, message)
        session.state_changed.connect(self._on_opened)

    def open_demo(self, name: str) -> None:
        """Open a built-in study."""
        self._studies.before_losing(lambda: self._session.open_demo(name))

    def ask_study(self) -> QFileDialog:
        """Ask which study to open."""
        dialog = QFileDialog(self._window, "Open study", last_folder(), f"{FILTER};;All files (*)")
        dialog.setObjectName("openStudyDialog")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(note_folder)
        dialog.fileSelected.connect(self.open_study)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def open_study(self, path: str) -> None:
        """Open a saved study."""
        self._studies.before_losing(lambda: self._open(path, lambda: self._session.open_saved(path)))

    def ask_model(self, known: Source | None = None) -> "OpenDialog":
        """Ask which model to open, and its data; the `known` source is filled in."""
        from koopview.gui.dialogs.open_source import OpenModelDialog  # not needed for the first picture

        return self._ask(OpenModelDialog(self._window, known or self._known()), self.open_model)

    def open_model(self, wanted: Source) -> None:
        """Open a model, with its data if they are named."""
        self._studies.before_losing(lambda: self._open(wanted.model, lambda: self._session.open_model(wanted)))

    def ask_data(self, known: Source | None = None) -> "OpenDialog":
        """Ask which data to open for the model that is open; the `known` source is filled in."""
        from koopview.gui.dialogs.open_source import OpenDataDialog
        from koopview.gui.session.heads import head_of_layers

        state = self._session.state
        opened, title = (None, "") if state is None else (head_of_layers(state.layers), study_name(state.model))
        return self._ask(OpenDataDialog(self._window, known or self._known(), opened, title), self.open_data)

    def _known(self) -> Source:
        """Return the Source named last, opened or failed, without a built-in model, which is no file."""
        said = self._session.asked or self._session.source or Source()
        file = self._session.file
        known = said if file is None or said.study != str(file.path) else resolved(said, file)
        known = replace(known, factory=said.factory, factory_args=said.factory_args)  # no file may name code
        return without_demo(known)

    def ask_again(self) -> "OpenDialog":
        """Ask again for the source that could not be opened."""
        asked, source = self._session.asked, self._session.source
        of_this_model = asked and source and (asked.model, asked.study) == (source.model, source.study)
        return self.ask_data() if of_this_model else self.ask_model()

    def open_data(self, wanted: Source) -> None:
        """Open data for the model that is open."""
        self._studies.before_losing(lambda: self._open(wanted.data, lambda: self._session.open_data(wanted)))

    def open_files(self, paths: Sequence[str]) -> None:
        """Open files: one, or a model and its data, in any order; first a worker finds out what they are."""
        self._dropping.open_files(paths)

    def close(self) -> None:
        """Stop to ask and to look at files, as the window is closed."""
        self._dropping.leave()
        if self.dialog is not None:
            self.dialog.reject()

    @property
    def looking(self) -> bool:
        """Whether it is not known yet what files are that were to be opened."""
        return self._dropping.looking

    def open_file(self, path: str) -> None:
        """Open a file that was used before, or named at the start."""
        self._dropping.open_files([path])

    def on_failed(self, sentence: str, details: str) -> None:
        """Show an error where the person looks: in the dialog that asked, else in the window."""
        self._opening = None
        if self.dialog is not None and self.dialog.waiting:
            self.dialog.tell(sentence)
        else:
            self._message.tell(sentence, details, self._way_out())

    def on_noted(self, sentence: str, better: Source | None) -> None:
        """Show a doubt about the open study, and suggest the source that fits the samples better, if there is one."""
        suggested = None
        if better is not None:
            tip = f"Open the model again with activation {better.activation}"
            suggested = SuggestedAction(f"Use {better.activation}", tip, lambda: self.open_model(better))
        self._message.note(sentence, suggested)

    def on_held(self) -> None:
        """Say that a request waits for the end of the sweep, and offer to stop the sweep."""
        stop = SuggestedAction("Stop the sweep", "Keep the cells found so far, and do it now", self._session.stop)
        self._message.tell("That waits for the end of the sweep", suggested=stop)

    def offer_last_study(self) -> None:
        """Offer to continue with the study that was opened or saved last, without a check that it is still there.

        A check could delay the first picture, if the drive sleeps.
        """
        last = next((path for path in recent_files() if path.suffix == STUDY_ENDING), None)
        if last is not None:
            suggested = SuggestedAction("Open", f"Open {last}", lambda: self.open_file(str(last)))
            self._message.tell(f"Continue with “{last.stem}”", suggested=suggested, quiet=True)

    def _way_out(self) -> SuggestedAction | None:
        """Return the action that solves a failure: change the source, or open the part that a study lacks."""
        if self._session.asked is not None:
            tip = "Fill in again what could not be opened, with what you said before"
            return SuggestedAction("Change…", tip, self.ask_again)
        lacks = self._session.lacks
        return self._open_part(lacks) if lacks else None

    def _open(self, path: str | None, call: Callable[[], object]) -> None:
        self._opening = path
        if self.dialog is not None:
            self.dialog.wait()
        call()

    def _on_opened(self, state: object) -> None:
        """Record the source that is open now, and close the dialog that asked for it."""
        if self._opening is not None and Path(self._opening).exists():
            note_recent(self._opening)
            note_folder(self._opening)  # figures are saved beside their study
        self._opening = None
        if self.dialog is not None and self.dialog.waiting:
            self.dialog.done_opening()

    def _ask(self, dialog: "OpenDialog", call: Callable[[Source], object]) -> "OpenDialog":
        dialog.chosen.connect(call)
        dialog.dropped.connect(self.open_files)
        dialog.finished.connect(self._on_answered)
        dialog.finished.connect(dialog.deleteLater)
        self.dialog = dialog
        dialog.open()
        return dialog

    def _on_answered(self, result: int) -> None:
        """Forget the dialog; if it was cancelled, forget the source that it waited for or could not open too."""
        dialog, self.dialog = self.dialog, None
        if not result:
            self._session.asked = None
        if dialog is not None and dialog.waiting:
            self._opening = None
            self._session.stop()


def dropped_files(data: QMimeData) -> list[str]:
    """Return the paths of dragged files."""
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
