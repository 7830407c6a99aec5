"""Run engine calls on one worker thread: the latest wins, one place for progress, cancelling and errors."""

import os
import sys
import threading
import time
import traceback
import weakref
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, QThread, Signal, Slot

from koopview.errors import Cancelled, KoopViewError
from koopview.installation import imports_explained
from koopview.progress import Progress

PROGRESS_SECONDS = 0.03
"""Progress is told at most this often: each message costs the window a little time."""

_NICE = 5
"""How much the worker gives way to the window, in the system's own steps from 0 to 19."""


class Job:
    """One engine call, what to do with its result, and whether it is still wanted.

    One that is `idle` is done while nobody waits for anything, and gives way to every other.
    """

    def __init__(self, work: Callable[[Progress], Any], done: Callable[[Any], None], idle: bool = False) -> None:
        self.work, self.done, self.idle = work, done, idle
        self.cancelled = False
        self.ended = threading.Event()
        self.result: Any = None


class Worker(QObject):
    """Lives on the worker thread and runs the jobs that reach it, one after another.

    Once `stopping` is set, no job begins and the running one ends at its next progress call.
    """

    stopping = False

    progressed = Signal(object, float, str)
    finished = Signal(object)
    failed = Signal(object, str, str)

    @Slot()
    def give_way(self) -> None:
        """Let the window have a processor whenever it wants one: what torch computes keeps all of them busy.

        Where the system gives each thread a priority (Linux), the threads that torch starts from here inherit this one;
        elsewhere the whole process would give way, and nothing is done.
        """
        if sys.platform == "linux":
            os.nice(_NICE)

    @Slot(object)
    def run(self, job: Job) -> None:
        """Run a job unless it was cancelled while it waited."""
        try:
            self._check(job)
            with imports_explained():
                job.result = job.work(self._progress(job))
            job.ended.set()
            self.finished.emit(job)
        except Cancelled:
            pass
        except KoopViewError as error:
            self.failed.emit(job, str(error), "")
        except (Exception, SystemExit) as error:  # a defect: told as one, with its trace behind a button
            text = " ".join(f"{type(error).__name__}: {error}".split())
            self.failed.emit(job, f"Something unexpected went wrong: {text}", traceback.format_exc())

    def _progress(self, job: Job) -> Progress:
        """Return the callback that tells a job's progress, and stops it once it is no longer wanted."""
        told = 0.0

        def progress(fraction: float, text: str) -> None:
            nonlocal told
            self._check(job)
            if time.monotonic() - told >= PROGRESS_SECONDS:
                told = time.monotonic()
                self._tell(job, fraction, text)

        return progress

    def _tell(self, job: Job, fraction: float, text: str) -> None:
        self._check(job)
        self.progressed.emit(job, fraction, text)

    def _check(self, job: Job) -> None:
        if job.cancelled or self.stopping:
            raise Cancelled


class Jobs(QObject):
    """The worker thread as the window sees it.

    Results, progress and errors of a job that is no longer the latest never leave this object.
    """

    progressed = Signal(float, str, float)  # share done, what is being done, seconds left (NaN: not known yet)
    failed = Signal(str, str)  # sentence, details
    _asked = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._latest: Job | None = None
        self._started = 0.0
        self._thread = QThread()
        self._worker = Worker()
        self._worker.moveToThread(self._thread)
        self._asked.connect(self._worker.run, Qt.ConnectionType.QueuedConnection)
        self._worker.progressed.connect(self._on_progress)
        self._worker.finished.connect(self._on_finished)
        self._worker.failed.connect(self._on_failed)
        self._thread.started.connect(self._worker.give_way)
        self._thread.start()
        # Qt aborts the program where a running thread is destroyed; this ends it even if nobody calls close().
        self._end = weakref.finalize(self, _end_thread, self._thread, self._worker)

    @property
    def running(self) -> bool:
        """Whether a job is wanted and not finished, idle work aside."""
        return self._latest is not None and not self._latest.idle

    def start(self, work: Callable[[Progress], Any], done: Callable[[Any], None], idle: bool = False) -> None:
        """Run ``work(progress)`` on the worker and then ``done(result)`` here; an earlier job is cancelled."""
        self.cancel()
        if not self._end.alive:
            return
        self._latest = Job(work, done, idle)
        self._started = time.monotonic()
        self._asked.emit(self._latest)

    def wait(self, seconds: float) -> None:
        """Wait for the latest job so long at most, and hand over its result if it came.

        A slider that waits for its picture is paced by the engine; one that does not outruns it, and shows nothing.
        """
        job = self._latest
        if job is not None and job.ended.wait(seconds):
            self._on_finished(job)

    def cancel(self) -> None:
        """Stop wanting the latest job; it ends at its next progress call."""
        if self._latest is not None:
            self._latest.cancelled = True
            self._latest = None

    def close(self) -> None:
        """Cancel, and wait until the worker thread has ended; nothing can be started afterwards."""
        self.cancel()
        self._end()

    @Slot(object, float, str)
    def _on_progress(self, job: Job, fraction: float, text: str) -> None:
        if job is self._latest:
            elapsed = time.monotonic() - self._started
            left = elapsed * (1 - fraction) / fraction if fraction > 0.05 and elapsed > 0.5 else float("nan")
            self.progressed.emit(fraction, text, left)

    @Slot(object)
    def _on_finished(self, job: Job) -> None:
        if job is self._latest:
            self._latest = None
            job.done(job.result)

    @Slot(object, str, str)
    def _on_failed(self, job: Job, sentence: str, details: str) -> None:
        if job is self._latest:
            self._latest = None
            self.failed.emit(sentence, details)


def _end_thread(thread: QThread, worker: Worker) -> None:
    """Stop what the worker does and wait for its thread."""
    worker.stopping = True
    thread.quit()
    thread.wait()
