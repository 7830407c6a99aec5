"""One thing at a time on the worker: whether it runs, how far it is, and, once it ended, that all is shown."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from koopview.gui.session.jobs import Jobs
from koopview.progress import Progress


class Work(QObject):
    """Starts jobs and tells of them; what a job's result means is its caller's."""

    busy_changed = Signal(bool)
    progressed = Signal(float, str, float)
    failed = Signal(str, str)
    settled = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._busy = False
        self._jobs = Jobs(self)
        self._jobs.progressed.connect(self._on_progress)
        self._jobs.failed.connect(self._on_failed)

    @property
    def busy(self) -> bool:
        """Whether something that was asked for is not shown yet."""
        return self._busy

    def _start(self, work: Callable[[Progress], Any], done: Callable[[Any], None]) -> None:
        self._set_busy(True)
        self._jobs.start(work, done)

    def _on_progress(self, fraction: float, text: str, seconds_left: float) -> None:
        if self._busy:
            self.progressed.emit(fraction, text, seconds_left)

    def _on_failed(self, sentence: str, details: str) -> None:
        self._settle()
        self.failed.emit(sentence, details)

    def _set_busy(self, busy: bool) -> None:
        if busy != self._busy:
            self._busy = busy
            self.busy_changed.emit(busy)

    def _settle(self) -> None:
        """Nothing that was asked for is left: say so once."""
        if self._busy:
            self._set_busy(False)
            self.settled.emit()
