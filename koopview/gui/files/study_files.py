"""Save the study to a file, and ask before unsaved work would be lost."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QMainWindow, QMessageBox

from koopview.files import Stamp, stamp_of
from koopview.gui.files.question import Button, question
from koopview.gui.files.recent import note_recent
from koopview.gui.files.recovering import Recovering
from koopview.gui.saving.saving import ask_file, file_stem
from koopview.gui.session.port import SessionPort
from koopview.gui.text import study_name
from koopview.study.result import StudyState
from koopview.study.source import Source

ENDING = ".koopview"
FILTER = f"KoopView studies (*{ENDING})"

Call = Callable[[], object]


class StudyFiles(QObject):
    """Saves the session's study, and knows whether there is anything to save.

    Before `guard` is called nothing is asked and no recovery file is written: a window of a test, a script or a
    screenshot closes without a question. ``changed`` is emitted when `path` or `unsaved` may have changed.
    """

    changed = Signal()

    def __init__(self, window: QMainWindow, session: SessionPort, say: Callable[[str], None]) -> None:
        super().__init__(window)
        self._window, self._session, self._say = window, session, say
        self.path: Path | None = None
        self._stamp: Stamp | None = None  # of the file when it was opened or saved last
        self._source: Source | None = None
        self._swept = self._restored = False
        self._aside: bool | None = None  # whether the study that is set aside is unsaved; None: none is
        self.end_other: Call = lambda: None
        """Ends what is shown in place of the study that is set aside, and takes that back."""
        self.recovering = Recovering(window, session, lambda: self.unsaved, self.before_losing, self._note_restored)
        session.state_changed.connect(self._follow)
        session.swept.connect(self._note_sweep)
        session.undo_stack.cleanChanged.connect(self._note_clean)
        session.result_changed.connect(self.recovering.keep_soon)

    @property
    def unsaved(self) -> bool:
        """Whether a person changed or swept something since the study was opened or saved."""
        if self._aside is not None:
            return self._aside
        return self._session.can_save and (not self._session.undo_stack.isClean() or self._swept or self._restored)

    def set_aside(self, aside: bool) -> None:
        """Follow the session no more while the study is set `aside` for another one, which is never saved; or again.

        The recovery file stays as it is in the meantime.
        """
        if aside:
            self.recovering.keep()
        self._aside = self.unsaved if aside else None
        self.recovering.pause(aside)
        self.changed.emit()

    # Saving ----------------------------------------------------------------------------------------------------

    def save(self, then: Call | None = None) -> QMessageBox | None:
        """Save to the study's file, or ask for one if it has none; `then` is called when it is written.

        If another program changed the file since it was opened or saved here, ask first and return the question.
        """
        self.end_other()
        path = self.path
        if path is None:
            self.save_as(then)
            return None
        if stamp_of(path) not in (None, self._stamp):
            return self._ask_replace(path, "It was changed by another window or program since.", then)
        self._save_to(path, then)
        return None

    def save_as(self, then: Call | None = None) -> QFileDialog:
        """Ask for a file and save to it."""
        self.end_other()
        state = self._session.state
        stem = file_stem(study_name(state.model)) if state is not None else "study"

        def save(chosen: Path, chosen_filter: str) -> None:
            path = with_study_ending(chosen)
            if path != chosen and path.exists():  # the dialog's own question was about another name
                self._ask_replace(path, "It is there already.", then)
            else:
                self._save_to(path, then)

        dialog = ask_file(self._window, "Save study", self.path.stem if self.path else stem, (FILTER,), save)
        dialog.setObjectName("saveStudyDialog")
        return dialog

    def _ask_replace(self, path: Path, why: str, then: Call | None) -> QMessageBox:
        buttons = Button.Yes | Button.SaveAll | Button.Cancel
        more = f"{why} What it holds now would be lost."
        box = question(self._window, "replaceBox", f"Replace {path.name}?", more, buttons, Button.Cancel)
        calls = {"Replace": lambda: self._save_to(path, then), "Save as…": lambda: self.save_as(then)}
        for button, (words, call) in zip((Button.Yes, Button.SaveAll), calls.items(), strict=True):
            box.button(button).setText(words)
            box.button(button).clicked.connect(call)
        box.open()
        return box

    def _save_to(self, path: Path, then: Call | None) -> None:
        self._session.save_study(path, lambda: self._saved(path, then))

    def _saved(self, path: Path, then: Call | None) -> None:
        self.path, self._stamp, self._swept, self._restored = path, stamp_of(path), False, False
        self._session.undo_stack.setClean()
        note_recent(path)
        self._say(f"Saved {path}")
        self.recovering.forget()
        self.changed.emit()
        if then is not None:
            then()

    @property
    def must_ask(self) -> bool:
        """Whether work would be lost, in a window that asks about it."""
        return self.recovering.guards and self.unsaved

    # What would be lost ----------------------------------------------------------------------------------------

    def before_losing(self, go_on: Call) -> QMessageBox | None:
        """Call `go_on`; if there is unsaved work, ask first whether to save it, and return the question."""
        self.end_other()
        if not self.must_ask:
            go_on()
            return None
        more = "What was changed since it was opened or saved would be lost."
        buttons = Button.Save | Button.Discard | Button.Cancel
        box = question(self._window, "unsavedBox", "Save the study?", more, buttons, Button.Save)
        box.finished.connect(lambda choice: self._answer(choice, go_on))
        box.open()
        return box

    def _answer(self, choice: int, go_on: Call) -> None:
        if choice == Button.Save.value:
            self.save(go_on)
        elif choice == Button.Discard.value:
            self.forget_changes()
            go_on()

    def forget_changes(self) -> None:
        """Treat all changes so far as saved."""
        self._swept = self._restored = False
        self._session.undo_stack.setClean()

    def guard(self, folder: Path) -> None:
        """From now on ask before work is lost, and keep it in `folder`; offer the files that crashes left there."""
        self.recovering.guard(folder)

    def close(self) -> None:
        """Stop keeping the session after a normal close."""
        self.recovering.close()

    def _note_restored(self) -> None:
        self._restored = True
        self.changed.emit()

    # Which study it is -----------------------------------------------------------------------------------------

    def _follow(self, state: object) -> None:
        """Record that another study was opened, with the file that its results come from, if there is one.

        A study file's network with other data is another study, which must not be saved over that file.
        """
        source = self._session.source
        if source is not self._source and self._aside is None:
            self._source, self._swept, self._restored = source, False, False
            taken_up = isinstance(state, StudyState) and bool(state.results)
            self.path = Path(source.study) if taken_up and source is not None and source.study else None
            self._stamp = None if self.path is None else stamp_of(self.path)
            self.recovering.forget()
            self.changed.emit()

    def _note_clean(self, clean: bool) -> None:
        self.changed.emit()

    def _note_sweep(self) -> None:
        if self._aside is not None:
            return
        self._swept = True
        self.recovering.keep_soon()
        self.changed.emit()


def with_study_ending(path: Path) -> Path:
    """Return a study's path with its ending: "run v1.2" has none yet."""
    return path if path.suffix.lower() == ENDING else path.with_name(path.name + ENDING)
