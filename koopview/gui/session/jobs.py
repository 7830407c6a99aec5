"""Run engine calls on one worker thread: the latest replaces earlier ones; handle progress, cancelling and errors."""

import atexit
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
from koopview.gui.session.timers import once
from koopview.installation import imports_explained
from koopview.progress import Progress
from koopview.threads import take_all_threads

PROGRESS_SECONDS = 0.03
"""Least time between two progress messages, each of which costs the window a little time."""

STUCK_MS = 10_000
"""Time after which a job that does not end, though it is no longer wanted, is left to itself: the longest step between
two progress calls takes 3 s, but a person's own code (a factory, a trusted file) may never return."""

NICE = 5
"""Increase of the worker's nice value, from 0 to 19, so that the window has priority."""


class Job:
    """One engine call, the callback for its result, and whether it is still wanted."""

    def __init__(self, work: Callable[[Progress], Any], done: Callable[[Any], None]) -> None:
        self.work, self.done = work, done
        self.cancelled = False
        self.begun, self.ended = threading.Event(), threading.Event()
        self.result: Any = None


class Worker(QObject):
    """Lives on the worker thread and runs its jobs one after another; `nice` lowers its priority.

    Once `stopping` is set, no job begins and the running one ends at its next progress call.
    """

    stopping = False

    progressed = Signal(object, float, str)
    finished = Signal(object)
    failed = Signal(object, str, str)

    def __init__(self, nice: int = NICE) -> None:
        super().__init__()
        self._nice = nice

    @Slot()
    def give_way(self) -> None:
        """Lower the worker's priority, so that the window gets a processor although torch uses all of them.

        On Linux priorities are per thread, and the threads that torch starts from here inherit this one. Elsewhere the
        priority of the whole process would change, so nothing is done.
        """
        if sys.platform == "linux":
            os.nice(self._nice)

    @Slot(object)
    def run(self, job: Job) -> None:
        """Run a job unless it was cancelled while it waited."""
        try:
            self._check(job)
            job.begun.set()
            take_all_threads()
            with imports_explained():
                job.result = job.work(self._progress(job))
            job.ended.set()
            self.finished.emit(job)
        except Cancelled:
            pass
        except KoopViewError as error:
            self.failed.emit(job, str(error), "")
        except (Exception, SystemExit) as error:  # a defect: reported as one, with its trace behind a button
            text = " ".join(f"{type(error).__name__}: {error}".split())
            self.failed.emit(job, f"Something unexpected went wrong: {text}", traceback.format_exc())

    def _progress(self, job: Job) -> Progress:
        """Return the callback that reports a job's progress, and stops it once it is no longer wanted."""
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
    """The window's interface to the worker thread, whose priority `nice` lowers.

    ``starting`` is emitted before a job is given to it. Results, progress and errors of a job that is no longer the
    latest are dropped here.
    """

    progressed = Signal(float, str, float)  # share done, what is being done, seconds left (NaN: not known yet)
    failed = Signal(str, str)  # sentence, details
    starting = Signal()
    _asked = Signal(object)

    def __init__(self, parent: QObject | None = None, nice: int = NICE) -> None:
        super().__init__(parent)
        self._nice = nice
        self._latest: Job | None = None
        self._started = 0.0
        self._stuck = once(self, self._begin_anew, STUCK_MS)
        self._begin_thread()

    def _begin_thread(self) -> None:
        self._thread = QThread()
        self._worker = Worker(self._nice)
        self._worker.moveToThread(self._thread)
        self._asked.connect(self._worker.run, Qt.ConnectionType.QueuedConnection)
        self._worker.progressed.connect(self._on_progress)
        self._worker.finished.connect(self._on_finished)
        self._worker.failed.connect(self._on_failed)
        self._thread.started.connect(self._worker.give_way)
        self._thread.start()
        # Qt aborts the program if a running thread is destroyed; this ends it even if nobody calls close().
        self._end = weakref.finalize(self, _end_thread, self._thread, self._worker)

    @property
    def running(self) -> bool:
        """Whether a job is wanted and not finished."""
        return self._latest is not None

    def start(self, work: Callable[[Progress], Any], done: Callable[[Any], None]) -> None:
        """Run ``work(progress)`` on the worker and then ``done(result)`` here; an earlier job is cancelled."""
        self.cancel()
        if not self._end.alive:
            return
        self.starting.emit()
        self._latest = Job(work, done)
        self._started = time.monotonic()
        self._asked.emit(self._latest)
        self._stuck.start(STUCK_MS)

    def wait(self, seconds: float) -> None:
        """Block for the latest job, at most `seconds`, and pass on its result if it has finished.

        A slider that waits for its picture moves at the engine's pace; without waiting it would cancel every picture.
        """
        job = self._latest
        if job is not None and job.ended.wait(seconds):
            self._on_finished(job)

    def cancel(self) -> None:
        """Cancel the latest job; it ends at its next progress call."""
        if self._latest is not None:
            self._latest.cancelled = True
            self._latest = None

    def close(self) -> None:
        """Cancel, and wait until the worker thread has ended; nothing can be started afterwards."""
        self.cancel()
        self._end()

    def leave(self) -> None:
        """Cancel, and let the worker thread end by itself: nobody waits for a file that is not read to its end yet."""
        self.cancel()
        if self._end.detach() is not None:
            _leave(self._thread, self._worker)

    def _begin_anew(self) -> None:
        """Give the latest job to a new thread, if an earlier one that is not wanted keeps the old one."""
        job = self._latest
        if job is not None and not job.begun.is_set() and self._end.detach() is not None:
            self._asked.disconnect(self._worker.run)
            _leave(self._thread, self._worker)
            self._begin_thread()
            self._asked.emit(job)

    @Slot(object, float, str)
    def _on_progress(self, job: Job, fraction: float, text: str) -> None:
        if job is self._latest:
            if fraction == 0:
                self._started = time.monotonic()  # what comes before the work itself tells nothing of its pace
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


_left: list[tuple[QThread, Worker]] = []
"""Threads that end by themselves, with their workers: what still runs must not be destroyed."""


def _leave(thread: QThread, worker: Worker) -> None:
    """Let a thread end by itself; Python waits for it before it ends, and before torch's own handlers at exit run."""
    _left[:] = [pair for pair in _left if not pair[0].isFinished()]
    _left.append((thread, worker))
    worker.stopping = True
    thread.quit()
    threading.Thread(target=thread.wait, args=(STUCK_MS,), name="wait for a worker").start()


@atexit.register
def _end_left() -> None:
    """End without the threads that hang: Python would destroy what they use."""
    if any(not thread.isFinished() for thread, _ in _left):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def _end_thread(thread: QThread, worker: Worker) -> None:
    """Stop the worker's job and wait for its thread, unless it hangs."""
    worker.stopping = True
    thread.quit()
    if not thread.wait(STUCK_MS):
        _leave(thread, worker)
