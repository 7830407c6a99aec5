"""Import many modules in less time, without per-module work of Python and PySide that a start does not need."""

import builtins
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quick_imports() -> Iterator[None]:
    """Context for a start's imports: without garbage collection and without PySide reading source texts.

    An import leaves no garbage; its objects are frozen, so that no later collection visits them. For the source
    texts, see :func:`sources_unread`.
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
    """Context for imports without PySide opening the source of every module.

    PySide searches each imported module's text for its own name, so that ``from __feature__ import ...`` changes only
    the modules that use it. That takes a fifth of the time of an import. Skipped modules are searched when a feature
    is first requested, so nothing is lost; if a feature is in use already, nothing is skipped.
    """
    import PySide6.QtCore  # noqa: F401 - installs PySide's import hook

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
