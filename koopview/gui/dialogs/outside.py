"""Open pages with the system's own programs, which a bundle's libraries must not reach."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

_PATH, _BEFORE = "LD_LIBRARY_PATH", "LD_LIBRARY_PATH_ORIG"
"""Where a program looks for libraries, and what PyInstaller keeps of what stood there before its bundle did."""


def open_outside(url: QUrl) -> bool:
    """Open a page in the system's browser; returns whether there is one."""
    with _system_libraries():
        return QDesktopServices.openUrl(url)


@contextmanager
def _system_libraries() -> Iterator[None]:
    """Let the programs that are started meanwhile find the system's libraries, also from inside a bundle."""
    own = os.environ.get(_PATH)
    if own is None or not hasattr(sys, "frozen"):
        yield
        return
    del os.environ[_PATH]
    if _BEFORE in os.environ:
        os.environ[_PATH] = os.environ[_BEFORE]
    try:
        yield
    finally:
        os.environ[_PATH] = own
