"""What the window does with files: open, drop, export; every failure becomes one sentence."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData
from PySide6.QtWidgets import QFileDialog, QMainWindow

from koopview.errors import KoopViewError
from koopview.gui.dialogs.open_model import ModelChoice, OpenModelDialog
from koopview.gui.export import FILTERS, export
from koopview.study.result import FitResult

DATA_ENDINGS = (".npz",)
MODEL_ENDINGS = (".pt", ".pth", ".safetensors", ".ckpt", ".bin")
Tell = Callable[[str, str], None]


class FileActions:
    """Asks for files and passes them to the session; `tell` shows a sentence and its details."""

    def __init__(self, window: QMainWindow, session: Any, tell: Tell, say: Callable[[str], None]) -> None:
        self._window, self._session, self._tell, self._say = window, session, tell, say

    def ask_model(self, path: str = "") -> OpenModelDialog:
        """Ask which model to open."""
        dialog = OpenModelDialog(self._window, path)
        dialog.chosen.connect(self.open_model)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def open_model(self, choice: ModelChoice) -> None:
        """Open the model that was chosen."""
        self._session.open_model(choice.path, choice.activation, choice.factory, choice.trust)

    def ask_data(self) -> QFileDialog:
        """Ask which data to open."""
        dialog = QFileDialog(self._window, "Open data", "", "NumPy archives (*.npz);;All files (*)")
        dialog.setObjectName("openDataDialog")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self._session.open_data)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def ask_export(self, result: Callable[[], FitResult | None]) -> QFileDialog:
        """Ask where to save the numbers or the picture; `result` gives what is on screen then."""
        dialog = QFileDialog(self._window, "Export", "koopview.json", ";;".join(FILTERS))
        dialog.setObjectName("exportDialog")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.fileSelected.connect(lambda name: self.save(name, dialog.selectedNameFilter(), result()))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def save(self, name: str, chosen_filter: str, result: FitResult | None) -> None:
        """Write what is on screen to the file `name`."""
        try:
            path = export(Path(name), chosen_filter, self._window, result)
        except KoopViewError as error:
            self._tell(str(error), "")
        else:
            self._say(f"Saved {path}")

    def drop(self, path: str) -> None:
        """Open a file that was dropped onto the window, by its ending."""
        ending = Path(path).suffix.lower()
        if ending in DATA_ENDINGS:
            self._session.open_data(path)
        elif ending in MODEL_ENDINGS:
            self.ask_model(path)
        else:
            known = ", ".join((*MODEL_ENDINGS, *DATA_ENDINGS))
            self._tell(f"{Path(path).name} is neither a model nor data that KoopView knows, expected {known}", "")


def dropped_file(data: QMimeData) -> str:
    """Return the first file of what is dragged, empty where there is none."""
    return next((url.toLocalFile() for url in data.urls() if url.isLocalFile()), "")
