"""The device and memory that the program uses, as far as they are known; no Qt here."""

import os
import sys
from pathlib import Path


def device() -> str:
    """Return "CPU · 2 threads", empty until torch, the only source, is imported."""
    torch = sys.modules.get("torch")
    threads = getattr(torch, "get_num_threads", None)  # a worker may be in the middle of importing torch
    if threads is None:
        return ""
    number = threads()
    return f"CPU · {number} thread{'s' if number != 1 else ''}"


def memory() -> str:
    """Return the memory of the process as "212 MiB", empty if the system does not report it."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return ""
    return f"{pages * os.sysconf('SC_PAGE_SIZE') / 2**20:.0f} MiB"
