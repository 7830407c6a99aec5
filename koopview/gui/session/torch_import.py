"""Imports torch on the worker thread without stopping the window for longer than a frame or two."""

import ctypes
import importlib.util
import os
import sys
import threading
from contextlib import suppress
from pathlib import Path

from koopview.gui.quick_imports import quick_imports

_LIBRARIES = {"linux": "libtorch_cpu.so", "darwin": "libtorch_cpu.dylib"}
"""torch's largest library by platform: start-up code of 0.2 s, none of it Python's."""


def import_torch() -> None:
    """Import torch, if it is not there yet.

    A plain import holds the interpreter's lock twice for long, and the window with it: while the largest library
    starts (0.2 s), which a foreign call does without the lock, and while garbage is looked for among the new objects
    (0.05 s at a time), which :func:`quick_imports` does not do.
    """
    if "torch" in sys.modules:
        return
    thread = threading.Thread(target=_import, name="import torch")
    thread.start()
    thread.join()


def _import() -> None:
    """Import torch, from a thread of its own: it keeps a frame, and with it all that called, a study among them."""
    load_library()
    with (
        quick_imports(),
        suppress(ImportError, OSError),
    ):  # who needs torch imports it once more, and is told why it cannot
        import torch  # noqa: F401


def load_library() -> bool:
    """Load torch's largest library and return whether that was done; where it was not, the import does it."""
    path = _library()
    if path is None:
        return False
    load = ctypes.CDLL(None).dlopen  # which lets the lock go; ctypes.CDLL(path) does not
    load.argtypes, load.restype = [ctypes.c_char_p, ctypes.c_int], ctypes.c_void_p
    return bool(load(os.fsencode(path), os.RTLD_NOW))


def _library() -> Path | None:
    found = importlib.util.find_spec("torch") if sys.platform in _LIBRARIES else None
    if found is None or found.origin is None:
        return None
    path = Path(found.origin).parent / "lib" / _LIBRARIES[sys.platform]
    return path if path.is_file() else None
