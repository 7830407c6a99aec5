"""Imports many modules in less time: without what Python and PySide do at each of them and starting does not need."""

import builtins
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quick_imports() -> Iterator[None]:
    """Import in here what a start brings: no search for garbage, no reading of source texts.

    An import leaves no garbage behind; its objects are frozen, so that no later search goes through them again. For
    the reading, see :func:`sources_unread`.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        with sources_unread():
            yield
    finally:
        if collects:
            gc.enable()
        gc.freeze()


@contextmanager
def sources_unread() -> Iterator[None]:
    """Import in here without PySide opening the source of every module.

    PySide looks in each imported module's text for its own name, so that ``from __feature__ import ...`` changes only
    the modules that use it. That costs a fifth of the time of an import. A module it has not seen is looked at when
    a feature is first asked for, so nothing is lost; where one is in use already, all stays as it is.
    """
    import PySide6.QtCore  # noqa: F401 - which puts the reading import in its place

    reading = builtins.__import__
    if not _features_are_used():
        vars(builtins)["__import__"] = getattr(builtins, "__orig_import__", reading)
    try:
        yield
    finally:
        vars(builtins)["__import__"] = reading


def _features_are_used() -> bool:
    chosen: dict[str, int] = getattr(sys.modules.get("__feature__"), "pyside_feature_dict", {})
    return any(flag > 0 for flag in chosen.values())
