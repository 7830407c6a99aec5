"""From the start of the process to the first paint: KoopView on its built-in study against an empty pyqtgraph window.

    python packaging/bootstrap.py bench

Both in turn, several times, each in a separate process; the ratio of the medians must not exceed 1.3. Times are of this
machine and this run.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = 9
PAINTED = """
import os, sys, time
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication

class Painted(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and watched is target() and ready():
            sys.stdout.write(repr(time.time()) + " " + str("torch" in sys.modules))
            sys.stdout.flush()
            os._exit(0)
        return False
"""
EMPTY = (
    PAINTED
    + """
import pyqtgraph as pg
application = QApplication([])
window = pg.PlotWidget()
window.resize(1280, 800)
target = lambda: window.viewport()
ready = lambda: True
"""
)
OURS = (
    PAINTED
    + """
from koopview.gui import create_window
window = create_window(["--demo", "yinyang", "--size", "1280x800"])
application = QApplication.instance()
target = lambda: window.eigenvalues.plane.widget.viewport()
ready = lambda: window.drawn_result() is not None  # the study is read on the worker
"""
)
SHOWN = """
filter = Painted()
application.installEventFilter(filter)
window.show()
application.exec()
"""


def environment(cache):
    """Return an environment in which Python keeps compiled modules, as after a first start."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {"QT_QPA_PLATFORM": "offscreen", **kept, "PYTHONPYCACHEPREFIX": cache}


def first_paint(code, env):
    """Return the seconds from process start to the first paint of its plot, and whether torch was imported."""
    started = time.time()
    done = subprocess.run([sys.executable, "-c", code + SHOWN], capture_output=True, text=True, timeout=60, env=env)
    painted, torch = done.stdout.split()
    return float(painted) - started, torch == "True"


def main():
    """Start both in turn and print the medians and their ratio."""
    with tempfile.TemporaryDirectory() as cache:
        measure(environment(cache))


def measure(env):
    """Start both in turn, after one start each that reads and compiles their files."""
    for code in (EMPTY, OURS):
        first_paint(code, env)
    empty, ours, ratios, torch = [], [], [], False
    for _ in range(ROUNDS):
        empty.append(first_paint(EMPTY, env)[0])
        seconds, early = first_paint(OURS, env)
        ours.append(seconds)
        ratios.append(ours[-1] / empty[-1])
        torch = torch or early
    theirs, own = statistics.median(empty), statistics.median(ours)
    print(
        f"first paint: empty pyqtgraph window {theirs:.2f} s, KoopView {own:.2f} s; "
        f"ratio of the medians {own / theirs:.2f}, "
        f"median of the ratios {statistics.median(ratios):.2f} (at most 1.3), torch imported before: {torch}"
    )


if __name__ == "__main__":
    main()
