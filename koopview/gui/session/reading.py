"""Read one thing again and again as a person changes what is asked for: after a short pause, and the newest wins."""

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from koopview.gui.session.collecting import without_collection
from koopview.gui.session.jobs import Jobs
from koopview.gui.session.timers import once
from koopview.progress import Progress

PAUSE_MS = 200
"""Time without a further change before something is read: nobody types a path in one stroke."""


class Reading(QObject):
    """A worker of its own that reads what was asked for last; nothing here waits for it, not even its end.

    ``found`` carries what was read, ``failed`` the sentence of why it could not be.
    """

    begun = Signal()
    found = Signal(object)
    failed = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs: Jobs | None = None
        self._work: Callable[[Progress], Any] | None = None
        self._pause = once(self, self._start, PAUSE_MS)

    @property
    def running(self) -> bool:
        """Whether something that was asked for is not read yet."""
        return self._pause.isActive() or (self._jobs is not None and self._jobs.running)

    def ask(self, work: Callable[[Progress], Any], soon: bool = False) -> None:
        """Read ``work(progress)`` after a pause, or `soon`; what was asked for before is no longer wanted."""
        self.stop()
        self._work = work
        self.begun.emit()
        self._pause.start(0 if soon else PAUSE_MS)

    def stop(self) -> None:
        """Want nothing more of what was asked for."""
        self._pause.stop()
        if self._jobs is not None:
            self._jobs.cancel()

    def leave(self) -> None:
        """End: what is being read ends by itself, and nothing is told of it."""
        self._pause.stop()
        if self._jobs is not None:
            self._jobs.leave()

    def _start(self) -> None:
        if self._jobs is None:
            self._jobs = Jobs(self)
            self._jobs.failed.connect(lambda sentence, details: self.failed.emit(sentence))
        if self._work is not None:
            self._jobs.start(partial(_read, self._work), self.found.emit)


def _read(work: Callable[[Progress], Any], progress: Progress) -> Any:
    with without_collection():
        return work(progress)
