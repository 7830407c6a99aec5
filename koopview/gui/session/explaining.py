"""R2_lin of every layer, computed while the worker is idle: it shows whether a lift is worth trying."""

import time

from PySide6.QtCore import QObject, QTimer, Signal

from koopview.errors import Cancelled
from koopview.gui.session.engine import Engine
from koopview.gui.session.jobs import Jobs
from koopview.progress import Progress

REST_MS = 400
"""Time from showing all requests to the start of this work."""

TOLD_SECONDS = 0.15
"""Least time between two messages to the window, each of which costs it a little time."""

Explained = dict[str, float | None]


class Explaining(QObject):
    """Computes R2_lin of a study's layers one by one, once, on the worker of `jobs`, interrupted by any other job.

    ``explained`` carries the share of each layer's output that an affine map explains, of the layers that it is known
    of; None: of none yet. ``ended`` follows when all is known.
    """

    explained = Signal(object)
    ended = Signal()
    _found = Signal(object, object)  # the engine, and what is known of its layers; emitted on the worker

    def __init__(self, jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._engine: Engine | None = None
        self.soon = QTimer(self, singleShot=True, interval=REST_MS)
        self.soon.timeout.connect(self._begin)
        self._found.connect(self._on_found)

    def take(self, engine: Engine) -> None:
        """Work on another study from now on."""
        self.soon.stop()
        self._engine = engine
        self.explained.emit(engine.shares.copy() or None)

    def rest(self) -> bool:
        """Start soon, or go on, now that the interrupting job has ended; returns False if there is nothing to do."""
        needed = self._engine is not None and self._engine.ready and not self._engine.explained
        if needed:
            self.soon.start()
        return needed

    def _begin(self) -> None:
        engine = self._engine
        if engine is None or engine.explained or not engine.ready or self._jobs.running:
            return

        def work(progress: Progress) -> Explained:
            try:
                self._compute(engine, progress)
            except Cancelled:
                raise
            except Exception:
                engine.explained = True  # reported once, and not tried again
                raise
            engine.explained = True
            return engine.shares.copy()

        self._jobs.start(work, self._end, idle=True)

    def _compute(self, engine: Engine, progress: Progress) -> None:
        """Compute what is not known yet, on the worker; what is found stays known if it is interrupted."""
        told = time.monotonic()
        for name, share in engine.study(progress).each_r2_linear(progress, engine.shares.copy()):
            engine.shares[name] = share
            if time.monotonic() - told >= TOLD_SECONDS:
                told = time.monotonic()
                self._found.emit(engine, engine.shares.copy())

    def _end(self, shares: Explained) -> None:
        self.explained.emit(shares)
        self.ended.emit()

    def _on_found(self, engine: Engine, shares: Explained) -> None:
        if engine is self._engine:
            self.explained.emit(shares)
