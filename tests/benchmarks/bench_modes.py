"""The first click on an eigenvalue of a built-in study: seconds from the click until its mode is on screen.

    python tests/benchmarks/bench_modes.py [mnist|yinyang] [seconds to wait before the click, 0]

The window is that of a first start, torch not imported yet. First the Mode tab is opened, then an eigenvalue is
clicked as a mouse does it; painting the whole window is part of both. One run a process: what is imported once counts.
On a busy machine the seconds of the GUI's thread say more than those of the clock.
"""

import os
import sys
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from koopview.gui import create_window


def press(widget, place):
    """Click with the left button at a point of a widget's viewport."""
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    for kind, held in ((QEvent.Type.MouseButtonPress, left), (QEvent.Type.MouseButtonRelease, Qt.MouseButton.NoButton)):
        event = QMouseEvent(kind, place, widget.mapToGlobal(place), left, held, none)
        QApplication.sendEvent(widget, event)


def drawn(panel):
    """Run the event loop until a mode is on screen, painted; return the seconds."""
    started = time.perf_counter()
    while panel.currentWidget() is not panel.picture:
        QApplication.processEvents()
        if time.perf_counter() - started > 600:
            raise SystemExit("no mode within ten minutes")
        time.sleep(0.001)
    panel.window().grab()
    return time.perf_counter() - started


def main(name, pause):
    """Open a built-in study, its Mode tab, and click one eigenvalue."""
    window = create_window(["--demo", name])
    window.resize(1440, 900)
    window.show()
    while window.session.result is None:
        QApplication.processEvents()
    window.grab()
    started, cpu = time.perf_counter(), time.thread_time()
    results = window.results
    results.tabs.setCurrentIndex([results.tabs.tabText(i) for i in range(results.tabs.count())].index("Mode"))
    window.grab()
    tab, tab_cpu = time.perf_counter() - started, time.thread_time() - cpu
    started = time.perf_counter()
    while time.perf_counter() - started < pause:  # torch is imported behind the first picture meanwhile
        QApplication.processEvents()
        time.sleep(0.001)
    plane = window.eigenvalues.plane
    value = plane._values[0]
    scene = plane.widget.getViewBox().mapViewToScene(QPointF(value.real, value.imag))
    clicked, cpu = time.perf_counter(), time.thread_time()
    press(plane.widget.viewport(), QPointF(plane.widget.mapFromScene(scene)))
    print(f"{name}: Mode tab {tab:.3f} s ({tab_cpu:.3f} s of the thread), ", end="", flush=True)
    drawn(results.mode)
    seconds, cpu = time.perf_counter() - clicked, time.thread_time() - cpu
    print(f"click to mode {seconds:.3f} s ({cpu:.3f} s of the thread), torch imported: {'torch' in sys.modules}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "mnist", float(sys.argv[2]) if len(sys.argv) > 2 else 0.0)
    sys.stdout.flush()
    os._exit(0)  # nothing is waited for
