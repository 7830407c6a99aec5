"""The window's exports: numbers, a script, the hybrid network, its own picture."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QMainWindow

from koopview.gui.files.export import (
    HANDOUTS,
    HYBRIDS,
    NUMBERS,
    SCRIPTS,
    WINDOW_PICTURES,
    save_handout,
    save_numbers,
    save_script,
    save_window,
)
from koopview.gui.saving.saving import ask_file, attempt, subject_stem, with_ending
from koopview.gui.session.port import FilePort
from koopview.study.result import FitResult

Result = Callable[[], FitResult | None]


class Exporting:
    """Asks where to write, writes there, and shows success or failure in the window."""

    def __init__(self, window: QMainWindow, session: FilePort, say: Callable[[str], None]) -> None:
        self._window, self._session, self._say = window, session, say

    def ask_numbers(self, result: Result) -> QFileDialog:
        """Ask where to save the numbers; `result` returns the result that is on screen then."""
        save = lambda path, chosen: save_numbers(path, chosen, result())  # noqa: E731
        return self._ask_save("Save numbers", "exportDialog", self._stem("numbers"), NUMBERS, save)

    def ask_script(self, result: Result) -> QFileDialog:
        """Ask where to save the script that repeats the fit on screen."""
        save = lambda path, chosen: save_script(path, chosen, result(), self._session.source)  # noqa: E731
        return self._ask_save("Save Python script", "exportScriptDialog", self._stem("fit"), SCRIPTS, save)

    def ask_hybrid(self) -> QFileDialog:
        """Ask where to save the hybrid network; the worker makes and writes it."""

        def save(path: Path, chosen: str) -> None:
            file = with_ending(path, chosen)
            self._session.export_hybrid(file, lambda: self._say(f"Saved {file}"))

        dialog = ask_file(self._window, "Save hybrid network", self._stem("hybrid"), HYBRIDS, save)
        dialog.setObjectName("exportHybridDialog")
        return dialog

    def ask_handout(self, result: Result) -> QFileDialog:
        """Ask where to print the fit on screen on two pages; what the pages need beside it is made on the worker."""

        def save(path: Path, chosen: str) -> None:
            file, found = with_ending(path, chosen), result()
            if found is not None:
                self._session.make_view("boundary", lambda view: self._print(file, found, view))

        dialog = ask_file(self._window, "Save handout", self._stem("handout"), HANDOUTS, save)
        dialog.setObjectName("exportHandoutDialog")
        return dialog

    def _print(self, path: Path, result: FitResult, view: object) -> None:
        attempt(self._window, lambda: save_handout(path, result, self._session, view))

    def ask_window_picture(self) -> QFileDialog:
        """Ask where to save the window's picture."""
        save = lambda path, chosen: save_window(path, chosen, self._window)  # noqa: E731
        return self._ask_save("Save window picture", "exportWindowDialog", self._stem("window"), WINDOW_PICTURES, save)

    def _stem(self, what: str) -> str:
        """Return the suggested file name for an export of the fit on screen: study, layer, and content."""
        return subject_stem(self._window, what)

    def _ask_save(
        self, title: str, name: str, stem: str, filters: Sequence[str], save: Callable[[Path, str], Path]
    ) -> QFileDialog:
        dialog = ask_file(
            self._window, title, stem, filters, lambda path, chosen: attempt(self._window, lambda: save(path, chosen))
        )
        dialog.setObjectName(name)
        return dialog
