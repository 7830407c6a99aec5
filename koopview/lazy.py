"""A package's names, imported on first use."""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def imported_from(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Return the ``__getattr__`` of `package` that imports each name of `homes` from its module there, on first use."""

    def find(name: str) -> Any:
        if name in homes:
            return getattr(import_module(homes[name]), name)
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return find


def listed_from(package: str, homes: Mapping[str, str]) -> Callable[[], list[str]]:
    """Return the ``__dir__`` of `package`: the names of `homes`, its version, and Python's own; nothing is imported."""

    def names() -> list[str]:
        own = [name for name in vars(sys.modules[package]) if name.startswith("__")]
        return sorted({*homes, *own})

    return names
