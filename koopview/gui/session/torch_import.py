"""Imports torch on the worker thread without stopping the window for longer than a frame or two."""

import ctypes
import importlib.util
import os
import sys
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
    load_library()
    with quick_imports():
        import torch  # noqa: F401 - for those who import it after this


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
