"""The memory that this process uses."""

from pathlib import Path


def resident_bytes():
    """Return the memory of this process that is in use now (Linux)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
