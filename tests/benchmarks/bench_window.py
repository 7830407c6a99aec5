"""Responsiveness of the window while the engine works: the GUI thread's gaps, and the time to follow a slider.

    python packaging/bootstrap.py bench

A gap is the longest time between two ticks of a timer of 5 ms. Times are of this machine and this run, each the median
of several. No gap should reach 50 ms, a change of rank should take a small part of a fit, and a slider should be
followed 20 times a second.
"""

import os
import statistics
import time
from dataclasses import replace

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QElapsedTimer, QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from koopview.gui import create_window
from koopview.gui.selection import with_eigenvalues

TICK_MS = 5


class Gaps:
    """Ticks every 5 ms on the GUI thread and keeps the longest time between two ticks."""

    def __init__(self):
        self.longest, self._clock, self._timer = 0.0, QElapsedTimer(), QTimer(interval=TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._clock.start()
        self._timer.start()

    def _tick(self):
        self.longest = max(self.longest, self._clock.nsecsElapsed() / 1e6)
        self._clock.restart()

    def take(self):
        """Return the longest gap (ms) so far and begin again."""
        longest, self.longest = self.longest, 0.0
        return longest

    def stop(self):
        """Tick no more."""
        self._timer.stop()


def settle(window):
    """Run the event loop until all requests are shown; return the seconds it took."""
    started, loop = time.perf_counter(), QEventLoop()
    window.settled.connect(loop.quit)
    if window.property("busy"):
        loop.exec()
    window.settled.disconnect(loop.quit)
    return time.perf_counter() - started


def rest(seconds):
    """Run the event loop for some seconds."""
    loop = QEventLoop()
    QTimer.singleShot(int(1000 * seconds), loop.quit)
    loop.exec()


def fits(window, gaps):
    """Fit MNIST's first layer again and again; returns the median fit's seconds."""
    session, seconds, longest = window.session, [], []
    for delays in (9, 11, 8, 10, 7):
        session.request(replace(session.settings, delays=delays))
        seconds.append(settle(window))
        rest(0.3)
        longest.append(gaps.take())
    print(f"fits, r = 50: median {statistics.median(seconds):.2f} s; {gap_words(longest)}")
    return statistics.median(seconds)


def sweeps(window, gaps):
    """Sweep a layer small enough for several sweeps."""
    session, longest = window.session, []
    session.request(replace(session.settings, layer="4", replaced=("4",), delays=4))
    settle(window)
    gaps.take()
    for samples in (400, 500, 600):
        session.request(replace(session.settings, samples=samples))
        settle(window)
        session.sweep()
        settle(window)
        longest.append(gaps.take())
    print(f"sweeps of the last hidden layer: {gap_words(longest)}")


def edits(window, gaps):
    """Move one eigenvalue to and fro."""
    session, longest = window.session, []
    for share in (0.9, 0.5, 1.1, 0.0, 0.7):
        result = session.result
        session.request(with_eigenvalues(result, {0: share * complex(result.fitted_eigenvalues[0])}))
        settle(window)
        rest(0.2)
        longest.append(gaps.take())
    print(f"mode edits: {gap_words(longest)}")


def drag(window, gaps, fit_seconds):
    """Drag the rank slider over its whole range and back, as fast as the window follows."""
    slider, drawn, times = window.fit_panel.controls.rank_slider, [], []
    window.session.result_changed.connect(lambda result: drawn.append(result) if result is not None else None)
    ranks = [*range(1, min(100, slider.maximum()) + 1)]
    slider.setSliderDown(True)
    started = time.perf_counter()
    for rank in (*ranks, *reversed(ranks)):
        before = time.perf_counter()
        slider.setValue(rank)
        QApplication.processEvents()
        times.append(time.perf_counter() - before)
    seconds = time.perf_counter() - started
    slider.setSliderDown(False)
    settle(window)
    print(
        f"rank slider, r = 1 to {ranks[-1]} and back: {len(drawn) / seconds:.0f} redraws a second, "
        f"median {1000 * statistics.median(times):.0f} ms (a fit: {1000 * fit_seconds:.0f} ms), "
        f"slowest {1000 * max(times):.0f} ms"
    )
    gaps.take()


def gap_words(longest):
    """Return the longest gaps (ms) of several runs in words."""
    return f"longest gap: median {statistics.median(longest):.0f} ms, worst {max(longest):.0f} ms of {len(longest)}"


def main():
    """Fit, drag, edit and sweep MNIST in a window that is shown."""
    window = create_window(["--demo", "mnist"])
    window.show()
    rest(0.1)  # the first picture
    gaps = Gaps()
    rest(12)  # the engine starts behind the saved picture
    settle(window)
    print(f"start of the engine, torch imported on the worker: longest gap {gaps.take():.0f} ms")
    seconds = fits(window, gaps)
    drag(window, gaps, seconds)
    edits(window, gaps)
    sweeps(window, gaps)
    window.close()


if __name__ == "__main__":
    main()
