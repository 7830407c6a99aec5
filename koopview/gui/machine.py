"""What the program runs on: device and memory, as far as they are known; no Qt here."""

import os
import sys
from pathlib import Path


def device() -> str:
    """Return "CPU · 2 threads", empty while torch (which alone knows) is not imported."""
    torch = sys.modules.get("torch")
    threads = getattr(torch, "get_num_threads", None)  # a worker may be in the middle of importing torch
    if threads is None:
        return ""
    number = threads()
    return f"CPU · {number} thread{'s' if number != 1 else ''}"


def memory() -> str:
    """Return the memory that the process holds, as "212 MiB", empty where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return ""
    return f"{pages * os.sysconf('SC_PAGE_SIZE') / 2**20:.0f} MiB"
