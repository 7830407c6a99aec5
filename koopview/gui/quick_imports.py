"""Import many modules in less time, without work of Python, PySide and pyqtgraph that a start does not need."""

import builtins
import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

_MIRRORED = ("QtCore", "QtGui", "QtWidgets")
_COPIES = "_copy_attrs"
"""The function with which pyqtgraph fills its modules of Qt's names."""


@contextmanager
def quick_imports() -> Iterator[None]:
    """Context for a start's imports: without garbage collection and without PySide reading source texts.

    An import leaves no garbage; its objects are frozen, so that no later collection visits them. For the source
    texts, see :func:`sources_unread`, for Qt's classes :func:`make_classes_on_request`.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        make_classes_on_request()
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


def make_classes_on_request() -> None:
    """Let pyqtgraph, if it is not imported yet, take Qt's classes from PySide when it uses them.

    PySide makes a class when it is first asked for it. pyqtgraph copies all 700 into modules of its own when it is
    imported, which takes a tenth of a start; of these, a tenth is used.
    """
    if "pyqtgraph" not in sys.modules:
        for name in _MIRRORED:
            sys.modules[f"pyqtgraph.Qt.{name}"] = _mirror(name)


def _mirror(name: str) -> ModuleType:
    """Return pyqtgraph's module of Qt's names, empty; a name is looked up in PySide's module of the same name."""
    mirror = ModuleType(f"pyqtgraph.Qt.{name}")
    mirror.__path__ = []  # a package, as pyqtgraph's is
    vars(mirror)["__getattr__"] = _looks_up(mirror, name)
    return mirror


def _looks_up(mirror: ModuleType, name: str) -> Callable[[str], Any]:
    def look_up(attribute: str) -> Any:
        if sys._getframe(1).f_code.co_name == _COPIES:
            return None  # it asks whether there is something to copy
        found = getattr(import_module(f"PySide6.{name}"), attribute)
        setattr(mirror, attribute, found)
        return found

    return look_up
