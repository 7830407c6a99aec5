"""R2_lin of every layer, computed while the machine is idle: it shows whether a lift is worth trying."""

import time

from PySide6.QtCore import QObject, Signal

from koopview.errors import Cancelled
from koopview.gui.session.engine import Engine
from koopview.gui.session.idling import Piece
from koopview.progress import Progress

TOLD_SECONDS = 0.15
"""Least time between two messages to the window, each of which costs it a little time."""

Explained = dict[str, float | None]


class Explaining(QObject):
    """Computes R2_lin of a study's layers one by one, once.

    ``explained`` carries the share of each layer's output that an affine map explains, of the layers that it is known
    of; None: of none yet.
    """

    explained = Signal(object)
    _found = Signal(object, object)  # the engine, and what is known of its layers; emitted on the worker

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._engine: Engine | None = None
        self._found.connect(self._on_found)

    def take(self, engine: Engine) -> None:
        """Work on another study from now on."""
        self._engine = engine
        self.explained.emit(engine.shares.copy() or None)

    def next(self) -> Piece | None:
        """Return the Piece that computes what is not known yet, None if all is."""
        engine = self._engine
        if engine is None or engine.explained or not engine.ready:
            return None

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

        return Piece(work, self.explained.emit)

    def _compute(self, engine: Engine, progress: Progress) -> None:
        """Compute what is not known yet, on the worker; what is found stays known if it is interrupted."""
        told = time.monotonic()
        for name, share in engine.study(progress).each_r2_linear(progress, engine.shares.copy()):
            engine.shares[name] = share
            if time.monotonic() - told >= TOLD_SECONDS:
                told = time.monotonic()
                self._found.emit(engine, engine.shares.copy())

    def _on_found(self, engine: Engine, shares: Explained) -> None:
        if engine is self._engine:
            self.explained.emit(shares)
