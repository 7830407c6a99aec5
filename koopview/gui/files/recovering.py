"""Keep the session in a recovery file, and offer the files left by crashes, one after another."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QThreadPool, QTimer
from PySide6.QtWidgets import QMainWindow, QMessageBox

from koopview.gui.files.question import Button, question
from koopview.gui.files.recovery import Left, Recovery, left_by_crashes
from koopview.gui.session.port import SessionPort

SOON_MS, OFTEN_MS = 2_000, 60_000
"""Time from the last change to writing the recovery file, and the longest time between two writes."""

Call = Callable[[], object]


class Recovering(QObject):
    """Writes the session to a recovery file while it is `unsaved`; before `guard` it asks and writes nothing.

    A file that a crash left is deleted only after it was declined, or its content is in another file.

    Parameters
    ----------
    unsaved : callable
        Whether there is work that would be lost.
    before_losing : callable
        Calls its argument, after asking about unsaved work.
    restored : callable
        Called once a session is restored.
    """

    def __init__(
        self,
        window: QMainWindow,
        session: SessionPort,
        unsaved: Callable[[], bool],
        before_losing: Callable[[Call], object],
        restored: Call,
    ) -> None:
        super().__init__(window)
        self._window, self._session = window, session
        self._unsaved, self._before_losing, self._restored = unsaved, before_losing, restored
        self._recovery: Recovery | None = None
        self._left: list[Left] = []  # still to be asked about
        self._paused = False
        self._opened: list[Left] = []  # restored files, kept until a new recovery file is written
        self.thread_pool = QThreadPool(self, maxThreadCount=1)
        self.soon = QTimer(self, singleShot=True, interval=SOON_MS)
        self._often = QTimer(self, interval=OFTEN_MS)
        for timer in (self.soon, self._often):
            timer.timeout.connect(self.keep)

    @property
    def guards(self) -> bool:
        """Whether unsaved work is kept and asked about."""
        return self._recovery is not None

    def guard(self, folder: Path) -> None:
        """From now on keep unsaved work in `folder`; offer the files that crashes left there."""
        self._recovery = Recovery(folder)
        self._often.start()
        self._left = left_by_crashes(folder)
        self._offer_next()

    def close(self) -> None:
        """Stop keeping the session after a normal close; files not yet offered stay for the next start."""
        for timer in (self.soon, self._often):
            timer.stop()
        for left in self._left:
            left.keep()
        self._left = []
        self.forget()
        self._recovery = None

    def pause(self, paused: bool) -> None:
        """Leave the recovery file as it is while another study is shown; or keep it again."""
        self._paused = paused
        self.soon.stop()

    def keep_soon(self, result: object = None) -> None:
        """Write the recovery file soon, if there is unsaved work."""
        if self.guards and not self._paused and self._unsaved() and not self.soon.isActive():
            self.soon.start()

    def keep(self) -> None:
        """Write the recovery file on a separate thread, so that the window never waits for the disk."""
        recovery, state, source = self._recovery, self._session.drawn_state(), self._session.source
        if self._paused or recovery is None or state is None or source is None or not self._unsaved():
            return

        def write() -> None:
            if recovery.write(state, source):
                self._drop_opened()

        self.thread_pool.start(write)

    def forget(self) -> None:
        """Delete the recovery file: its content is saved or no longer wanted."""
        if self._recovery is not None:
            self.thread_pool.waitForDone()
            self._recovery.drop()
            self._drop_opened()

    def _drop_opened(self) -> None:
        while self._opened:
            self._opened.pop().drop()

    def _offer_next(self) -> QMessageBox | None:
        if not self._left:
            return None
        left, *others = self._left
        asked = f"KoopView ended unexpectedly. Open the study as it was on {left.written:%d %B at %H:%M}?"
        more = "If you discard it, it is deleted; if you close this, you are asked again."
        more += f" {len(others)} more will be asked about." if others else ""
        buttons = Button.Open | Button.Discard | Button.Close
        box = question(self._window, "restoreBox", asked, more, buttons, Button.Open)
        box.finished.connect(lambda choice: self._answer(left, choice))
        box.open()
        return box

    def _answer(self, left: Left, choice: int) -> None:
        if choice == Button.Open.value:
            self._before_losing(lambda: self._open(left))
        elif choice == Button.Discard.value:
            self._done_with(left, left.drop)
        else:
            self._done_with(left, left.keep)

    def _done_with(self, left: Left, settle: Call) -> None:
        """Call `settle` on a file, and ask about the next one."""
        self._left.remove(left)
        settle()
        self._offer_next()

    def _open(self, left: Left) -> None:
        """Open a file that a crash left; if it cannot be read, report this and keep the file."""

        def opened() -> None:
            self._opened.append(left)
            self._restored()
            self.keep_soon()

        self._session.restore(
            left.path, lambda: self._done_with(left, opened), lambda: self._done_with(left, left.keep)
        )
