"""KoopView: see, fit and question the linear (Koopman) operator inside a trained network's layer.

The method is that of Aswani, Jabari and Shafique (arXiv 2409.01308). Names are imported on first use, so that
``import koopview`` costs nothing and a saved study can be drawn before torch is imported.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "Study": "koopview.study.study",
    "Dataset": "koopview.network.data",
    "FitSettings": "koopview.study.settings",
    "Source": "koopview.study.source",
    "open_study": "koopview.opening",
    "view": "koopview.gui",
}
__all__ = ["Dataset", "FitSettings", "Source", "Study", "__version__", "open_study", "view"]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'koopview' has no attribute {name!r}")
