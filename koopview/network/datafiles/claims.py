"""What a file says that it unpacks to, checked before memory is taken."""

from pathlib import Path

from koopview.errors import FileError
from koopview.network.datafiles.samples import Asked

LARGE = 200 << 20
"""Bytes that any file may unpack to."""

RATIO = 100
"""Times its size that a larger one may unpack to; random numbers pack to no less than a third, digits to a tenth."""


def check_unpacked(path: Path, unpacked: int, asked: Asked, part: str = "") -> None:
    """Raise FileError if a file (or a part of it) unpacks to far more than its size, as no numbers of use do."""
    of = f"{part} of " if part else ""
    check_unpacked_from(path.stat().st_size, unpacked, f"{of}{asked.what} {path}")


def check_unpacked_from(size: int, unpacked: int, what: str) -> None:
    """Raise FileError if so many bytes unpack to far more; the message calls them `what`."""
    if unpacked > LARGE and unpacked > RATIO * size:
        raise FileError(
            f"{what} would unpack from {_sized(size)} to {_sized(unpacked)}, "
            f"expected at most {RATIO} times its size, or {_sized(LARGE)}"
        )


def _sized(count: int) -> str:
    return f"{count / (1 << 20):,.0f} MiB" if count >= 1 << 20 else f"{count:,} bytes"
