"""What a report says of the program and the machine it runs on."""

import os
import platform
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import koopview
from koopview.resources import resource_path

_LIBRARIES = ("PySide6-Essentials", "numpy", "pillow", "pyqtgraph", "safetensors", "scipy", "torch")


def installation() -> str:
    """Return "bundle", "checkout" or "wheel"."""
    if getattr(sys, "frozen", False):
        return "bundle"
    return "wheel" if resource_path("").parent == Path(koopview.__file__).resolve().parent else "checkout"


def versions() -> dict[str, str]:
    """Return the versions of KoopView, Python and the libraries that it needs, "" for one that is not to be found."""
    return {"koopview": koopview.__version__, "python": platform.python_version()} | {
        name: _version(name) for name in _LIBRARIES
    }


def about() -> dict[str, Any]:
    """Return where the program runs, in words and numbers for a report."""
    return {
        "versions": versions(),
        "installation": installation(),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "processors": os.cpu_count(),
        "display": {name: os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")},
    }


def drawing() -> dict[str, str]:
    """Return how Qt draws once it runs: its platform, and the family of its font; empty before."""
    gui = sys.modules.get("PySide6.QtGui")
    if gui is None or gui.QGuiApplication.instance() is None:
        return {}
    return {"qt_platform": gui.QGuiApplication.platformName(), "font": gui.QFontInfo(gui.QGuiApplication.font()).family()}


def _version(name: str) -> str:
    """Return the version of an installed library; a bundle may hold its modules without their papers."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        module = {"PySide6-Essentials": "PySide6", "pillow": "PIL"}.get(name, name)
        return str(getattr(sys.modules.get(module), "__version__", ""))
