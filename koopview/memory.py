"""How much memory is free, so that work that cannot fit is refused with a sentence; giving back what is free."""

import ctypes
import gc
import os
import sys
from pathlib import Path

from koopview.errors import InputError

GIB = 2**30

_M_ARENA_MAX = -8
"""glibc's number for the most heaps (malloc.h)."""


def check_memory(needed: int, what: str, expected: str) -> None:
    """Raise InputError if `needed` bytes are more than are free; `what` needs them, `expected` would need less."""
    free = free_memory()
    if free is not None and needed > free:
        sizes = f"{needed / GIB:,.1f} GiB of memory and {free / GIB:,.1f} GiB are free"
        raise InputError(f"{what} would take {sizes}, expected {expected}")


def free_memory() -> int | None:
    """Return the bytes that may still be used, None where the system does not tell."""
    known = [size for size in (_free_of_machine(), _free_of_container()) if size is not None]
    return min(known, default=None)


def share_one_heap() -> None:
    """Let all threads that are still to begin take memory from one heap, where the C library is glibc.

    It would give each of them a heap of its own, and what a worker thread's fits leave there in pieces is of no use to
    the next: over some thousand fits a program that holds no more than before grew by a tenth.
    """
    tune = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if tune is not None:
        tune(_M_ARENA_MAX, 1)


def give_back() -> None:
    """Give memory that nobody holds back to the system; takes some milliseconds.

    A few Python objects in a circle can hold large arrays, and are too few for Python to look for them soon; what is
    freed lies in pieces that the C library (glibc) keeps.
    """
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)


def _free_of_machine() -> int | None:
    """Return what Linux says is free, elsewhere all that the machine has, where Python can tell."""
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
    """Return what is left of a container's share (cgroup 2), None where there is no limit."""
    group = Path("/sys/fs/cgroup")
    try:
        return int((group / "memory.max").read_text()) - int((group / "memory.current").read_text())
    except (OSError, ValueError):  # no such file, or its word for no limit, "max"
        return None
