"""The study as a file: saved where a person says, asked about before it would be lost, kept through a crash."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QThreadPool, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QMainWindow, QMessageBox

from koopview.errors import FileError
from koopview.gui.files.recent import note_recent
from koopview.gui.files.recovery import Recovery, drop, left_by_crashes, recovered
from koopview.gui.files.saving import ask_file, file_stem, with_ending
from koopview.gui.text import study_name
from koopview.study.result import StudyState

FILTER = "KoopView studies (*.koopview)"
SOON_MS, OFTEN_MS = 2_000, 60_000
"""A change is written to the recovery file so soon after the last one, and in any case so often."""

Call = Callable[[], object]
_Choice = QMessageBox.StandardButton


class StudyFiles(QObject):
    """Saves the session's study, and knows whether there is anything to save.

    Nothing is asked and no recovery file is written before `guard` is called: a window of a test, of a script or of a
    screenshot closes without a word. ``changed`` tells that `path` or `unsaved` may have changed.
    """

    changed = Signal()

    def __init__(self, window: QMainWindow, session: Any, say: Callable[[str], None]) -> None:
        super().__init__(window)
        self._window, self._session, self._say = window, session, say
        self.path: Path | None = None
        self._source: object = None
        self._swept = self._restored = False
        self._recovery: Recovery | None = None
        self._thread = QThreadPool(self, maxThreadCount=1)
        self._soon = QTimer(self, singleShot=True, interval=SOON_MS)
        self._often = QTimer(self, interval=OFTEN_MS)
        for timer in (self._soon, self._often):
            timer.timeout.connect(self._keep)
        session.state_changed.connect(self._follow)
        session.swept.connect(self._note_sweep)
        session.undo_stack.cleanChanged.connect(self._note_clean)
        session.result_changed.connect(self._keep_soon)

    @property
    def unsaved(self) -> bool:
        """Whether a person changed or swept something since the study was opened or saved."""
        return self._session.can_save and (not self._session.undo_stack.isClean() or self._swept or self._restored)

    # Saving ----------------------------------------------------------------------------------------------------

    def save(self, then: Call | None = None) -> None:
        """Save to the study's file, and ask for one where it has none; `then` is called when it is there."""
        if self.path is None:
            self.save_as(then)
        else:
            self._save_to(self.path, then)

    def save_as(self, then: Call | None = None) -> QFileDialog:
        """Ask for a file and save to it."""
        state = self._session.state
        stem = file_stem(study_name(state.model)) if state is not None else "study"
        dialog = ask_file(
            self._window,
            "Save study",
            self.path.stem if self.path else stem,
            (FILTER,),
            lambda path, chosen: self._save_to(with_ending(path, chosen), then),
        )
        dialog.setObjectName("saveStudyDialog")
        return dialog

    def _save_to(self, path: Path, then: Call | None) -> None:
        self._session.save_study(path, lambda: self._saved(path, then))

    def _saved(self, path: Path, then: Call | None) -> None:
        self.path, self._swept, self._restored = path, False, False
        self._session.undo_stack.setClean()
        note_recent(path)
        self._say(f"Saved {path}")
        if self._recovery is not None:
            self._drop_recovery(self._recovery)
        self.changed.emit()
        if then is not None:
            then()

    @property
    def must_ask(self) -> bool:
        """Whether something would be lost, in a window that asks about it."""
        return self._recovery is not None and self.unsaved

    # What would be lost ----------------------------------------------------------------------------------------

    def before_losing(self, go_on: Call) -> QMessageBox | None:
        """Call `go_on`, after asking whether to save where there is unsaved work; returns what asks."""
        if not self.must_ask:
            go_on()
            return None
        box = QMessageBox(self._window)
        box.setObjectName("unsavedBox")
        box.setWindowTitle("KoopView")
        box.setText("Save the study?")
        box.setInformativeText("What was changed since it was opened or saved would be lost.")
        box.setStandardButtons(_Choice.Save | _Choice.Discard | _Choice.Cancel)
        box.setDefaultButton(_Choice.Save)
        box.finished.connect(lambda choice: self._answer(choice, go_on))
        box.finished.connect(box.deleteLater)
        box.open()
        return box

    def _answer(self, choice: int, go_on: Call) -> None:
        if choice == _Choice.Save.value:
            self.save(go_on)
        elif choice == _Choice.Discard.value:
            self.forget_changes()
            go_on()

    def forget_changes(self) -> None:
        """Ask no more about what has been changed so far."""
        self._swept = self._restored = False
        self._session.undo_stack.setClean()

    # Recovery --------------------------------------------------------------------------------------------------

    def guard(self, folder: Path) -> None:
        """From now on ask before work is lost, and keep it in `folder`; offer what a crash left there."""
        self._recovery = Recovery(folder)
        self._often.start()
        left = left_by_crashes(folder)
        if left:
            self._offer(left)

    def close(self) -> None:
        """Stop keeping the session: it was closed in order."""
        for timer in (self._soon, self._often):
            timer.stop()
        if self._recovery is not None:
            self._drop_recovery(self._recovery)
            self._recovery = None

    def _offer(self, left: list[Path]) -> QMessageBox:
        box = QMessageBox(self._window)
        box.setObjectName("restoreBox")
        box.setWindowTitle("KoopView")
        box.setText("KoopView ended unexpectedly. Open the study as it was?")
        box.setInformativeText("Its last state was kept. If you discard it, it is deleted.")
        box.setStandardButtons(_Choice.Open | _Choice.Discard)
        box.setDefaultButton(_Choice.Open)
        box.finished.connect(lambda choice: self._restore(left, choice == _Choice.Open.value))
        box.finished.connect(box.deleteLater)
        box.open()
        return box

    def _restore(self, left: list[Path], wanted: bool) -> None:
        """Open the newest of the files that crashes left, and delete them all."""
        found = None
        if wanted:
            try:
                found = recovered(left[-1])
            except FileError as error:
                self._session.failed.emit(str(error), "")
        for path in left:
            drop(path)
        if found is not None:
            self._session.restore(*found)
            self._restored = True
            self._keep_soon()
            self.changed.emit()

    def _keep_soon(self, result: object = None) -> None:
        if self._recovery is not None and self.unsaved and not self._soon.isActive():
            self._soon.start()

    def _keep(self) -> None:
        """Write the recovery file, on a thread of its own: the window never waits for the disk."""
        recovery, state, source = self._recovery, self._session.drawn_state(), self._session.source
        if recovery is not None and self.unsaved and state is not None and source is not None:
            self._thread.start(lambda: recovery.write(state, source))

    def _drop_recovery(self, recovery: Recovery) -> None:
        self._thread.waitForDone()
        recovery.drop()

    # Which study it is -----------------------------------------------------------------------------------------

    def _follow(self, state: object) -> None:
        """Note that another study was opened: its file is the one whose results it has, if there is one.

        A study file's network with other data is a study of its own, which must not be saved over that file.
        """
        source = self._session.source
        if source is not self._source:
            self._source, self._swept, self._restored = source, False, False
            taken_up = isinstance(state, StudyState) and bool(state.results)
            self.path = Path(source.study) if taken_up and source is not None and source.study else None
            if self._recovery is not None:
                self._drop_recovery(self._recovery)
            self.changed.emit()

    def _note_clean(self, clean: bool) -> None:
        self.changed.emit()

    def _note_sweep(self) -> None:
        self._swept = True
        self._keep_soon()
        self.changed.emit()
