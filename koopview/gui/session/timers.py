"""Single-shot timers."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

WARM_UP_MS = 200
"""Delay of the import of torch after a saved study, which is painted first: the import takes half of the machine."""

PAINTED_MS = 20
"""Delay of the views of a saved study, behind its first paint, which Qt begins 5 ms after it is asked for."""

IDLE_MS = 2000
"""Time without work after which unused memory is returned to the system."""


def once(parent: QObject, call: Callable[[], None], milliseconds: int) -> QTimer:
    """Return a QTimer that calls once, some milliseconds after its start."""
    timer = QTimer(parent, singleShot=True, interval=milliseconds)
    timer.timeout.connect(call)
    return timer
