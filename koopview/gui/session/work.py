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
    settled = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._busy = False
        self.jobs = Jobs(self)
        self.jobs.progressed.connect(self._on_progress)

    @property
    def busy(self) -> bool:
        """Whether something that was asked for is not shown yet."""
        return self._busy

    def start(self, work: Callable[[Progress], Any], done: Callable[[Any], None]) -> None:
        """Run ``work(progress)`` on the worker and then ``done(result)`` here; what ran before is cancelled."""
        self.set_busy(True)
        self.jobs.start(work, done)

    def set_busy(self, busy: bool) -> None:
        """Say whether something that was asked for is still to be shown."""
        if busy != self._busy:
            self._busy = busy
            self.busy_changed.emit(busy)

    def settle(self) -> None:
        """Nothing that was asked for is left: say so once."""
        if self._busy:
            self.set_busy(False)
            self.settled.emit()

    def when_settled(self, call: Callable[[], object]) -> None:
        """Call once, the next time that nothing is left."""

        def once() -> None:
            self.settled.disconnect(once)
            call()

        self.settled.connect(once)

    def _on_progress(self, fraction: float, text: str, seconds_left: float) -> None:
        if self._busy:
            self.progressed.emit(fraction, text, seconds_left)
