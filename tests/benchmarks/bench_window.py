"""How the window behaves while the engine works: the GUI thread's gaps, and a change of rank against a fit.

    python packaging/bootstrap.py bench

Times are of this machine and this run; what matters is that no gap reaches 100 ms and that a change of rank is a
small part of a fit.
"""

import os
import time
from dataclasses import replace

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QElapsedTimer, QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from koopview.gui import create_window

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


def settle(window):
    """Run the event loop until all that was asked for is shown; returns the seconds it took."""
    started, loop = time.perf_counter(), QEventLoop()
    window.settled.connect(loop.quit)
    if window.property("busy"):
        loop.exec()
    window.settled.disconnect(loop.quit)
    return time.perf_counter() - started


def rest(seconds):
    """Run the event loop for so long."""
    loop = QEventLoop()
    QTimer.singleShot(int(1000 * seconds), loop.quit)
    loop.exec()


def main():
    """Fit MNIST's first layer and move the rank, in a window that is shown."""
    window = create_window(["--demo", "mnist"])
    window.show()
    session = window.session
    gaps = Gaps()
    rest(12)  # the engine starts behind the saved picture
    print(f"start of the engine, torch imported on the worker: longest gap {gaps.take():.0f} ms")
    for delays in (9, 11, 8):
        session.request(replace(session.settings, delays=delays))
        seconds = settle(window)
        print(f"MNIST, layer 0, h = {delays}, r = 50: fit {seconds:.2f} s, longest gap {gaps.take():.0f} ms")
    rest(0.5)
    gaps.take()
    times = []
    for rank in (*range(100, 0, -3), *range(1, 101, 3)):
        started = time.perf_counter()
        session.request(session.settings.with_rank(rank))
        settle(window)
        QApplication.processEvents()
        times.append(time.perf_counter() - started)
    times.sort()
    print(
        f"rank changes: median {1000 * times[len(times) // 2]:.0f} ms, slowest {1000 * times[-1]:.0f} ms, "
        f"longest gap {gaps.take():.0f} ms"
    )
    window.close()


if __name__ == "__main__":
    main()
