"""The state of the worker's one job: whether it runs, its progress, and a signal once all requests are shown."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from koopview.gui.session.jobs import Jobs
from koopview.progress import Progress


class Work(QObject):
    """Starts jobs and reports their state; the caller interprets a job's result."""

    busy_changed = Signal(bool)
    progressed = Signal(float, str, float)
    settled = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._busy = False
        self.jobs = Jobs(self)
        self.jobs.progressed.connect(self._on_progress)

    @property
    def busy(self) -> bool:
        """Whether a request is not shown yet."""
        return self._busy

    def start(self, work: Callable[[Progress], Any], done: Callable[[Any], None]) -> None:
        """Run ``work(progress)`` on the worker and then ``done(result)`` here; an earlier job is cancelled."""
        self.set_busy(True)
        self.jobs.start(work, done)

    def set_busy(self, busy: bool) -> None:
        """Set whether a request is still to be shown."""
        if busy != self._busy:
            self._busy = busy
            self.busy_changed.emit(busy)

    def settle(self) -> None:
        """Emit once that no request is left."""
        if self._busy:
            self.set_busy(False)
            self.settled.emit()

    def when_settled(self, call: Callable[[], object]) -> None:
        """Call once, the next time that no request is left."""

        def once() -> None:
            self.settled.disconnect(once)
            call()

        self.settled.connect(once)

    def _on_progress(self, fraction: float, text: str, seconds_left: float) -> None:
        if self._busy:
            self.progressed.emit(fraction, text, seconds_left)
