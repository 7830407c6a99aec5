"""What the window does with files: open, drop, export; every failure becomes one sentence."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QMimeData
from PySide6.QtWidgets import QFileDialog

from koopview.gui.dialogs.open_model import ModelChoice, OpenModelDialog
from koopview.gui.export import HYBRIDS, NUMBERS, SCRIPTS, WINDOW_PICTURES, save_numbers, save_script, save_window
from koopview.gui.recent import forget_recent, note_recent
from koopview.gui.saving import ask_file, attempt, last_folder, with_ending
from koopview.gui.study_files import FILTER, StudyFiles
from koopview.study.result import FitResult

if TYPE_CHECKING:
    from koopview.gui.window import MainWindow

STUDY_ENDINGS = (".koopview",)
DATA_ENDINGS = (".npz", ".csv", ".gz", ".idx")
MODEL_ENDINGS = (".pt", ".pth", ".pt2", ".safetensors", ".ckpt", ".bin")
DATA_FILES = "Data (*.npz *.csv *.gz *.idx);;All files (*)"
Result = Callable[[], FitResult | None]


class FileActions:
    """Asks for files and passes them to the session; before one is opened, unsaved work is asked about."""

    def __init__(self, window: "MainWindow", session: Any, studies: StudyFiles) -> None:
        self._window, self._session, self._studies = window, session, studies

    # Opening ---------------------------------------------------------------------------------------------------

    def open_demo(self, name: str) -> None:
        """Open a built-in study."""
        self._studies.before_losing(lambda: self._session.open_demo(name))

    def ask_study(self) -> QFileDialog:
        """Ask which study to open."""
        return self._ask_open("Open study", "openStudyDialog", f"{FILTER};;All files (*)", self.open_study)

    def open_study(self, path: str) -> None:
        """Open a study that was saved."""
        self._studies.before_losing(lambda: self._open(path, self._session.open_saved))

    def ask_model(self, path: str = "") -> OpenModelDialog:
        """Ask which model to open."""
        dialog = OpenModelDialog(self._window, path)
        dialog.chosen.connect(self.open_model)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def open_model(self, choice: ModelChoice) -> None:
        """Open the model that was chosen."""
        call = lambda path: self._session.open_model(path, choice.activation, choice.factory, choice.trust)  # noqa: E731
        self._studies.before_losing(lambda: self._open(choice.path, call))

    def ask_data(self) -> QFileDialog:
        """Ask which data to open."""
        return self._ask_open("Open data", "openDataDialog", DATA_FILES, self.open_data)

    def open_data(self, path: str) -> None:
        """Open data for the model that is open."""
        self._studies.before_losing(lambda: self._open(path, self._session.open_data))

    def open_file(self, path: str) -> None:
        """Open a file that was dropped onto the window or used before, by its ending."""
        if not Path(path).exists():
            forget_recent(path)
            self._window.tell(f"{path} is no longer there; it was taken out of the recent files")
            return
        ending = Path(path).suffix.lower()
        if ending in STUDY_ENDINGS:
            self.open_study(path)
        elif ending in DATA_ENDINGS or Path(path).is_dir():
            self.open_data(path)
        elif ending in MODEL_ENDINGS:
            self.ask_model(path)
        else:
            known = ", ".join((*STUDY_ENDINGS, *MODEL_ENDINGS, *DATA_ENDINGS))
            self._window.tell(f"{Path(path).name} is no study, model or data that KoopView knows, expected {known}")

    def _open(self, path: str, call: Callable[[str], object]) -> None:
        if Path(path).exists():
            note_recent(path)
        call(path)

    def _ask_open(self, title: str, name: str, filters: str, call: Callable[[str], object]) -> QFileDialog:
        dialog = QFileDialog(self._window, title, last_folder(), filters)
        dialog.setObjectName(name)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(call)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    # Exporting -------------------------------------------------------------------------------------------------

    def ask_numbers(self, result: Result) -> QFileDialog:
        """Ask where to save the numbers; `result` gives what is on screen then."""
        save = lambda path, chosen: save_numbers(path, chosen, result())  # noqa: E731
        return self._ask_save("Save numbers", "exportDialog", "koopview", NUMBERS, save)

    def ask_script(self, result: Result) -> QFileDialog:
        """Ask where to save the script that repeats the fit on screen."""
        save = lambda path, chosen: save_script(path, chosen, result(), self._session.source)  # noqa: E731
        return self._ask_save("Save Python script", "exportScriptDialog", "koopview-fit", SCRIPTS, save)

    def ask_hybrid(self) -> QFileDialog:
        """Ask where to save the hybrid network; it is made and written on the worker."""

        def save(path: Path, chosen: str) -> None:
            file = with_ending(path, chosen)
            self._session.export_hybrid(file, lambda: self._window.say(f"Saved {file}"))

        dialog = ask_file(self._window, "Save hybrid network", "hybrid", HYBRIDS, save)
        dialog.setObjectName("exportHybridDialog")
        return dialog

    def ask_window_picture(self) -> QFileDialog:
        """Ask where to save the window's picture."""
        save = lambda path, chosen: save_window(path, chosen, self._window)  # noqa: E731
        return self._ask_save("Save window picture", "exportWindowDialog", "koopview", WINDOW_PICTURES, save)

    def _ask_save(
        self, title: str, name: str, stem: str, filters: Sequence[str], save: Callable[[Path, str], Path]
    ) -> QFileDialog:
        dialog = ask_file(
            self._window, title, stem, filters, lambda path, chosen: attempt(self._window, lambda: save(path, chosen))
        )
        dialog.setObjectName(name)
        return dialog


def dropped_file(data: QMimeData) -> str:
    """Return the first file of what is dragged, empty where there is none."""
    return next((url.toLocalFile() for url in data.urls() if url.isLocalFile()), "")
