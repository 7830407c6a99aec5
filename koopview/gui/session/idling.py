"""Work for which nobody waits: done piece by piece while nothing else runs, on a thread that gives way to all others.

It has a worker of its own: a step of a decomposition takes seconds and cannot be interrupted, so that whatever shared
a thread with it would wait that long.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from PySide6.QtCore import QObject, Signal

from koopview.gui.session.jobs import Jobs
from koopview.gui.session.timers import once
from koopview.progress import Progress

REST_MS = 400
"""Time from showing all requests to the start of this work."""

_NICE = 15
"""Increase of the worker's nice value: a fit that a person waits for gets ten times as much of a processor. At 19 a
thread that holds Python's lock would hardly come to its release while a fit runs, and the window would wait for it."""


class Piece(NamedTuple):
    """A call for the worker, and the one that takes its result in the window's thread."""

    work: Callable[[Progress], Any]
    done: Callable[[Any], None]


Task = Callable[[], Piece | None]
"""Returns what is to be done next of something, None if all of it is done, or nothing can be."""


class Idle(QObject):
    """Does the pieces of its `tasks`, the first task's first, while it is let; ``ended`` follows when all is done."""

    ended = Signal()
    failed = Signal(str, str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks: list[Task] = []
        self._jobs: Jobs | None = None
        self.soon = once(self, self._begin, REST_MS)

    def add(self, task: Task) -> None:
        """Do another task too, after the others."""
        self._tasks.append(task)

    def rest(self) -> None:
        """Begin soon, or go on, now that nothing else runs."""
        if not self.running:
            self.soon.start()

    def give_way(self) -> None:
        """Do nothing until :meth:`rest` is called: the running piece ends at its next step, and is done again later."""
        self.soon.stop()
        if self._jobs is not None:
            self._jobs.cancel()

    def close(self) -> None:
        """Do nothing any more, and wait for the thread: Python must not end while it imports torch or computes."""
        self.give_way()
        if self._jobs is not None:
            self._jobs.close()

    @property
    def running(self) -> bool:
        """Whether a piece is being done."""
        return self._jobs is not None and self._jobs.running

    def _next(self) -> Piece | None:
        return next((piece for task in self._tasks if (piece := task()) is not None), None)

    def _begin(self) -> None:
        piece = self._next()
        if piece is None:
            self.ended.emit()
            return
        if self._jobs is None:
            self._jobs = Jobs(self, _NICE)
            self._jobs.failed.connect(self._on_failed)
        self._jobs.start(piece.work, partial(self._end, piece))

    def _end(self, piece: Piece, result: Any) -> None:
        self.soon.start(0)  # first, as what is done with the result may call for something else
        piece.done(result)

    def _on_failed(self, sentence: str, details: str) -> None:
        self.soon.start(0)
        self.failed.emit(sentence, details)
