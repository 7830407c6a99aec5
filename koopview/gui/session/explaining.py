"""R2_lin of every layer, computed while the worker is idle: it shows whether a lift is worth trying."""

from PySide6.QtCore import QObject, QTimer, Signal

from koopview.errors import Cancelled
from koopview.gui.session.engine import Engine
from koopview.gui.session.jobs import Jobs
from koopview.progress import Progress

REST_MS = 400
"""Time from showing all requests to the start of this work."""

Explained = dict[str, float | None]


class Explaining(QObject):
    """Computes ``Study.r2_linear`` once per study, on the worker of `jobs`, interrupted by any other job.

    ``explained`` carries the share of each layer's output that an affine map explains; None: not known yet.
    """

    explained = Signal(object)

    def __init__(self, jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._engine: Engine | None = None
        self.soon = QTimer(self, singleShot=True, interval=REST_MS)
        self.soon.timeout.connect(self._begin)

    def take(self, engine: Engine) -> None:
        """Work on another study from now on."""
        self.soon.stop()
        self._engine = engine
        self.explained.emit(None)

    def rest(self) -> None:
        """Start soon, unless all is known, now that the interrupting job has ended."""
        if self._engine is not None and not self._engine.explained:
            self.soon.start()

    def _begin(self) -> None:
        engine = self._engine
        if engine is None or engine.explained or not engine.ready or self._jobs.running:
            return

        def work(progress: Progress) -> Explained:
            try:
                found = engine.study(progress).r2_linear(progress)
            except Cancelled:
                raise
            except Exception:
                engine.explained = True  # reported once, and not tried again
                raise
            engine.explained = True
            return found

        self._jobs.start(work, self.explained.emit, idle=True)
