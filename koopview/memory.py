"""Find the free memory, so that work too large for it is refused with a sentence; return freed memory to the system."""

import ctypes
import gc
import os
import sys
import weakref
from collections.abc import Iterable
from pathlib import Path

from koopview.errors import MemoryShort

GIB = 2**30

NUMBER = 8
"""Bytes of a float64."""

_SELDOM = 1000
"""Searches of what was made lately, for each of which 7,000 objects were made, before one of all objects."""

_M_ARENA_MAX = -8
"""glibc's number for the most heaps (malloc.h)."""


def check_memory(needed: int, what: str, expected: str) -> None:
    """Raise MemoryShort if more bytes are `needed` than are free; `what` needs them, `expected` would need less."""
    free = free_memory()
    if free is not None and needed > free:
        sizes = f"{needed / GIB:,.1f} GiB of memory and {free / GIB:,.1f} GiB are free"
        raise MemoryShort(f"{what} would take {sizes}, expected {expected}")


def free_memory() -> int | None:
    """Return the bytes that may still be used, None if the system does not report them."""
    known = [size for size in (_free_of_machine(), _free_of_container()) if size is not None]
    return min(known, default=None)


def share_one_heap() -> None:
    """Make all threads started later share one heap, if the C library is glibc.

    By default each thread gets its own heap, and the fragments that a worker thread's fits leave there are useless to
    the next thread: over some thousand fits a program's memory grew by a tenth, though it held no more than before.
    """
    tune = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if tune is not None:
        tune(_M_ARENA_MAX, 1)


def give_back() -> None:
    """Return unused memory to the system; takes some milliseconds.

    A reference cycle of few Python objects can hold large arrays without soon triggering Python's garbage collector.
    Freed memory stays in fragments that the C library (glibc) keeps.
    """
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)


def search_only_at_rest() -> None:
    """Let Python search all objects for unused memory only where :func:`give_back` does, or after very much work.

    A search of all that a window has made since its start stops every thread for 50 to 200 ms. Most memory is freed
    without one, and what was made lately is still searched often.
    """
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, _SELDOM)


class Settled:
    """What a study needs as long as it is open, left out of the searches for unused memory.

    A deep network consists of some hundred thousand Python objects: to visit them all takes 0.2 s, in which no other
    thread runs.
    """

    def __init__(self) -> None:
        self._frozen = False
        self._left: list[weakref.ref[object]] = []

    def give_back(self) -> None:
        """Return unused memory to the system, and leave what is in use now out of later searches.

        If parts of a study that was left are still there, objects that refer to each other may hold them: then all
        objects are searched, those left out before too.
        """
        if any(part() is not None for part in self._left):
            gc.unfreeze()
            self._frozen = False
        self._left = []
        give_back()
        if not self._frozen:
            gc.freeze()
            self._frozen = True

    def leave(self, parts: Iterable[object]) -> None:
        """Leave a study, whose memory its `parts` take: what comes in its place is settled at the next rest."""
        self._left += [weakref.ref(part) for part in parts]
        self._frozen = False


def _free_of_machine() -> int | None:
    """Return the bytes free on Linux, elsewhere all bytes of the machine, None if Python cannot find out."""
    try:
        after = Path("/proc/meminfo").read_text().split("MemAvailable:")[1]
        return 1024 * int(after.split()[0])
    except (OSError, ValueError, IndexError):
        pass
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def _free_of_container() -> int | None:
    """Return the bytes left of a container's limit (cgroup 2), None without a limit."""
    group = Path("/sys/fs/cgroup")
    try:
        return int((group / "memory.max").read_text()) - int((group / "memory.current").read_text())
    except (OSError, ValueError):  # no such file, or no limit, written "max"
        return None
