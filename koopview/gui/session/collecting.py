"""No search for cyclic garbage while a file is read: it stops every thread, the window too, for a tenth of a second."""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_running = 0  # how many readers run, on several threads


@contextmanager
def without_collection() -> Iterator[None]:
    """Context without garbage collection on any thread, until the last of those in it leaves; safe on any thread.

    Reading makes many objects and no cycles worth mentioning, and each of them brings the next search nearer.
    """
    _count(1)
    try:
        yield
    finally:
        _count(-1)


def _count(change: int) -> None:
    global _running
    with _lock:
        _running += change
        if _running:
            gc.disable()
        else:
            gc.enable()
