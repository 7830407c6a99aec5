"""Import torch on the worker thread without blocking the window for longer than a frame or two."""

import ctypes
import importlib.util
import os
import sys
import threading
from contextlib import suppress
from pathlib import Path

from koopview.gui.quick_imports import quick_imports

_LIBRARIES = {"linux": "libtorch_cpu.so", "darwin": "libtorch_cpu.dylib"}
"""torch's largest library by platform: its native start-up code takes 0.2 s."""

_IMPORTING = threading.Lock()
"""Held while torch is imported."""


def import_torch() -> None:
    """Import torch, if it is not there yet.

    A plain import holds the interpreter's lock, and so blocks the window, in two places. The largest library starts
    for 0.2 s: here a foreign call loads it without the lock. Garbage collection visits the new objects for 0.05 s at
    a time: :func:`quick_imports` turns it off.

    Two workers may ask at once; the second waits. Each would otherwise import some of torch's modules before the other
    has registered the operators that they need, which ends the program.
    """
    with _IMPORTING:
        if "torch" in sys.modules:
            return
        thread = threading.Thread(target=_import, name="import torch")
        thread.start()
        thread.join()


def _import() -> None:
    """Import torch, from a separate thread: torch keeps the frames of its callers alive, and a study with them."""
    load_library()
    with quick_imports(), suppress(ImportError, OSError):  # code that needs torch imports it again, reports the error
        import torch  # noqa: F401


def load_library() -> bool:
    """Load torch's largest library and return whether it was loaded; else the import does it."""
    path = _library()
    if path is None:
        return False
    load = ctypes.CDLL(None).dlopen  # it releases the lock; ctypes.CDLL(path) does not
    load.argtypes, load.restype = [ctypes.c_char_p, ctypes.c_int], ctypes.c_void_p
    return bool(load(os.fsencode(path), os.RTLD_NOW))


def _library() -> Path | None:
    found = importlib.util.find_spec("torch") if sys.platform in _LIBRARIES else None
    if found is None or found.origin is None:
        return None
    path = Path(found.origin).parent / "lib" / _LIBRARIES[sys.platform]
    return path if path.is_file() else None
