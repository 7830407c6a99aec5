"""One worker: the latest job wins whatever the others do, and the thread ends in every case."""

import gc
import math
import os
import subprocess
import sys
import threading
import time

import pytest
from PySide6.QtCore import QCoreApplication, QEventLoop, QThread

from koopview.errors import Cancelled, InputError
from koopview.gui.session.collecting import without_collection
from koopview.gui.session.jobs import Jobs

SECONDS = 30
"""A bound for what would otherwise hang; nothing here needs it."""


@pytest.fixture
def jobs(qtbot):
    made = Jobs()
    made.told, made.failures = [], []
    made.progressed.connect(lambda *values: made.told.append(values))
    made.failed.connect(lambda *values: made.failures.append(values))
    yield made
    made.close()


class Work:
    """A job that begins, waits for `go` while it tells progress, and returns `result` or raises it."""

    def __init__(self, result=None, waits=True):
        self.result, self.begun, self.go, self.ended = result, threading.Event(), threading.Event(), threading.Event()
        self.cancelled = False
        if not waits:
            self.go.set()

    def __call__(self, progress):
        self.begun.set()
        try:
            while not self.go.wait(0.001):
                progress(0.5, "working")
        except Cancelled:
            self.cancelled = True
            raise
        finally:
            self.ended.set()
        if isinstance(self.result, BaseException):
            raise self.result
        return self.result


def drain(qtbot, jobs):
    """Run the event loop until all that was started has ended and every message of it has arrived."""
    last = []
    qtbot.waitUntil(lambda: not jobs.running, timeout=1000 * SECONDS)
    jobs.start(lambda progress: "last", last.append)
    qtbot.waitUntil(lambda: last == ["last"], timeout=1000 * SECONDS)


def test_work_runs_elsewhere_and_its_result_arrives_here(qtbot, jobs):
    threads = []
    jobs.start(
        lambda progress: QThread.currentThread(), lambda thread: threads.extend([thread, QThread.currentThread()])
    )
    assert jobs.running
    qtbot.waitUntil(lambda: len(threads) == 2)
    here = QCoreApplication.instance().thread()
    assert threads[0] is not here
    assert threads[1] is here
    assert not jobs.running


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives each thread a priority of its own")
def test_work_and_the_threads_that_it_starts_give_way_to_the_window(qtbot, jobs):
    def priorities(progress):
        found = [os.getpriority(os.PRIO_PROCESS, 0)]
        thread = threading.Thread(target=lambda: found.append(os.getpriority(os.PRIO_PROCESS, 0)))
        thread.start()
        thread.join()
        return found

    found, here = [], os.getpriority(os.PRIO_PROCESS, 0)
    jobs.start(priorities, found.extend)
    qtbot.waitUntil(lambda: len(found) == 2)
    assert min(found) > here or here == 19  # larger numbers come later; 19 is the last
    assert os.getpriority(os.PRIO_PROCESS, 0) == here


def test_the_latest_wins_and_the_earlier_one_is_stopped(qtbot, jobs):
    first, second, done = Work("first"), Work("second", waits=False), []
    jobs.start(first, done.append)
    assert first.begun.wait(SECONDS)
    jobs.start(second, done.append)
    drain(qtbot, jobs)
    assert done == ["second"]
    assert first.cancelled
    assert jobs.failures == []


def test_a_job_that_waits_its_turn_never_begins_once_it_is_superseded(qtbot, jobs):
    first, second, third, done = Work(), Work(waits=False), Work("third", waits=False), []
    jobs.start(first, done.append)
    assert first.begun.wait(SECONDS)
    jobs.start(second, done.append)
    jobs.start(third, done.append)
    drain(qtbot, jobs)
    assert done == ["third"]
    assert not second.begun.is_set()


@pytest.mark.parametrize(
    "outcome", ["result", InputError("no"), ZeroDivisionError()], ids=["result", "error", "defect"]
)
@pytest.mark.parametrize("ending", ["superseded", "cancelled"])
def test_what_ended_in_the_moment_before_never_arrives(qtbot, jobs, outcome, ending):
    """The first job has ended and its message is on the way when it is no longer wanted."""
    first, done = Work(outcome, waits=False), []
    jobs.start(first, lambda result: done.append("first"))
    running = jobs._latest
    assert (running.ended if outcome == "result" else first.ended).wait(SECONDS)
    if ending == "superseded":
        jobs.start(lambda progress: "second", done.append)
    else:
        jobs.cancel()
        assert not jobs.running
    drain(qtbot, jobs)
    assert done == (["second"] if ending == "superseded" else [])
    assert jobs.failures == []


def test_progress_of_a_job_that_is_not_wanted_is_not_told(qtbot, jobs):
    told = threading.Event()

    def work(progress):
        progress(0.3, "old news")
        told.set()

    jobs.start(work, lambda result: None)
    assert told.wait(SECONDS)
    jobs.start(Work(waits=False), lambda result: None)
    drain(qtbot, jobs)
    assert "old news" not in [text for _, text, _ in jobs.told]


def test_errors_are_sentences_and_defects_have_details(qtbot, jobs):
    for error in (InputError("delays is 9"), ZeroDivisionError("two\nlines"), SystemExit(3), MemoryError()):
        jobs.start(Work(error, waits=False), lambda result: pytest.fail("no result"))
        qtbot.waitUntil(lambda: not jobs.running)
    (plain, none), *defects = jobs.failures
    assert (plain, none) == ("delays is 9", "")
    assert [sentence for sentence, _ in defects] == [
        "Something unexpected went wrong: ZeroDivisionError: two lines",
        "Something unexpected went wrong: SystemExit: 3",
        "Something unexpected went wrong: MemoryError:",
    ]
    assert all("Traceback" in details and "test_jobs.py" in details for _, details in defects)
    drain(qtbot, jobs)  # the worker lives on


def test_progress_is_told_seldom_with_the_time_left(qtbot, jobs, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    def work(progress):
        for step in range(1, 101):
            now[0] = step / 10
            progress(step / 100, f"step {step}")
            progress(step / 100, "at the same moment")

    jobs.start(work, lambda result: None)
    drain(qtbot, jobs)
    told = [(fraction, text, left) for fraction, text, left in jobs.told if text.startswith("step")]
    assert len(told) == 100
    assert "at the same moment" not in [text for _, text, _ in jobs.told]
    assert math.isnan(jobs.told[0][2])
    fractions = [fraction for fraction, _, _ in told]
    assert fractions == sorted(fractions)


def test_time_left_follows_from_the_share_done(qtbot, jobs, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    work = Work(waits=True)
    jobs.start(work, lambda result: None)
    now[0] = 110.0
    jobs._on_progress(jobs._latest, 0.25, "a quarter")
    jobs._on_progress(jobs._latest, 0.01, "hardly begun")
    assert jobs.told[0] == (0.25, "a quarter", 30.0)
    assert math.isnan(jobs.told[1][2])
    work.go.set()


def test_waiting_hands_the_result_over_once(qtbot, jobs):
    done = []
    jobs.start(lambda progress: "now", done.append)
    jobs.wait(SECONDS)
    assert done == ["now"]
    assert not jobs.running
    drain(qtbot, jobs)
    assert done == ["now"]


def test_waiting_for_a_slow_job_gives_up_and_the_result_comes_later(qtbot, jobs):
    work, done = Work("later"), []
    jobs.start(work, done.append)
    jobs.wait(0.001)
    assert done == []
    work.go.set()
    qtbot.waitUntil(lambda: done == ["later"])


def test_waiting_for_nothing_or_for_a_failure_hands_nothing_over(qtbot, jobs):
    jobs.wait(SECONDS)
    jobs.start(Work(InputError("no"), waits=False), lambda result: pytest.fail("no result"))
    jobs.wait(0.01)
    qtbot.waitUntil(lambda: not jobs.running)
    assert jobs.failures == [("no", "")]


def test_what_is_done_with_a_result_may_start_the_next_job(qtbot, jobs):
    seen = []

    def done(number):
        seen.append(number)
        if number < 5:
            jobs.start(lambda progress: number + 1, done)

    jobs.start(lambda progress: 1, done)
    qtbot.waitUntil(lambda: seen == [1, 2, 3, 4, 5])


def test_closing_in_the_middle_of_a_job_ends_the_thread_and_tells_nothing_more(qtbot, jobs):
    work, waiting = Work(), Work()
    jobs.start(work, lambda result: pytest.fail("no result"))
    assert work.begun.wait(SECONDS)
    jobs.start(waiting, lambda result: pytest.fail("no result"))
    thread = jobs._thread
    jobs.close()
    jobs.told.clear()
    assert thread.isFinished()
    assert work.cancelled
    assert not waiting.begun.is_set()
    QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents)
    assert (jobs.told, jobs.failures) == ([], [])
    jobs.close()
    jobs.start(lambda progress: 1, lambda result: pytest.fail("no result"))
    assert not jobs.running


def test_starting_and_closing_often_leaves_no_thread(qtbot):
    threads = []
    for number in range(40):
        made, work = Jobs(), Work(number)
        made.start(work, lambda result: None)
        if number % 2:
            assert work.begun.wait(SECONDS)
        threads.append(made._thread)
        made.close()
    assert all(thread.isFinished() for thread in threads)


def test_what_is_forgotten_ends_its_thread(qtbot):
    made, work = Jobs(), Work()
    made.start(work, lambda result: None)
    assert work.begun.wait(SECONDS)
    thread = made._thread
    del made
    gc.collect()
    assert thread.isFinished()
    assert work.cancelled


@pytest.mark.parametrize("busy", [False, True])
def test_a_program_that_forgets_to_close_ends_well(busy):
    script = (
        "import threading\nfrom PySide6.QtCore import QCoreApplication\nfrom koopview.gui.session.jobs import Jobs\n"
        "app, begun, jobs = QCoreApplication([]), threading.Event(), Jobs()\n"
        "def work(progress):\n"
        "    begun.set()\n"
        "    while True:\n"
        "        progress(0.5, '')\n"
        f"if {busy}:\n"
        "    jobs.start(work, print)\n"
        "    begun.wait()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=2 * SECONDS)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_job_that_hangs_does_not_keep_the_next_one(qtbot, jobs, monkeypatch):
    """A person's own code may never return and never ask whether it is still wanted."""
    monkeypatch.setattr("koopview.gui.session.jobs.STUCK_MS", 50)
    release, begun, arrived = threading.Event(), threading.Event(), []
    jobs.start(lambda progress: (begun.set(), release.wait(SECONDS)), arrived.append)
    assert begun.wait(SECONDS)
    jobs.start(lambda progress: "next", arrived.append)
    qtbot.waitUntil(lambda: arrived == ["next"], timeout=1000 * SECONDS)
    jobs.start(lambda progress: "and the next", arrived.append)
    qtbot.waitUntil(lambda: arrived == ["next", "and the next"], timeout=1000 * SECONDS)
    release.set()
    qtbot.wait(50)
    assert arrived == ["next", "and the next"]


def test_a_job_that_waits_for_a_short_one_stays_where_it_is(qtbot, jobs):
    thread, first = jobs._thread, Work()
    jobs.start(first, lambda result: None)
    assert first.begun.wait(SECONDS)
    drained = []
    jobs.start(lambda progress: "next", drained.append)
    qtbot.waitUntil(lambda: drained == ["next"], timeout=1000 * SECONDS)
    assert jobs._thread is thread


def test_a_program_ends_though_a_job_hangs():
    code = (
        "import threading\n"
        "from PySide6.QtCore import QCoreApplication\n"
        "from koopview.gui.session import jobs\n"
        "jobs.STUCK_MS = 100\n"
        "application, begun = QCoreApplication([]), threading.Event()\n"
        "made = jobs.Jobs()\n"
        "made.start(lambda progress: (begun.set(), threading.Event().wait()), print)\n"
        "begun.wait(); made.close(); print('closed')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=SECONDS)
    assert (done.returncode, done.stdout) == (0, "closed\n"), done.stderr


def test_garbage_is_collected_again_once_the_last_reader_ends():
    assert gc.isenabled()
    with without_collection():
        with without_collection():
            assert not gc.isenabled()
        assert not gc.isenabled()  # the outer one still reads
    assert gc.isenabled()
    with pytest.raises(InputError), without_collection():
        raise InputError("broken")
    assert gc.isenabled()
