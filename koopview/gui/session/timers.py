"""Timers that call once."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

WARM_UP_MS = 200
"""A saved study is painted before torch is imported behind it: the import takes half of the machine."""

IDLE_MS = 2000
"""After so long without work, memory that nobody holds goes back to the system."""


def once(parent: QObject, call: Callable[[], None], milliseconds: int) -> QTimer:
    """Return a timer that calls once, so many milliseconds after its start."""
    timer = QTimer(parent, singleShot=True, interval=milliseconds)
    timer.timeout.connect(call)
    return timer
