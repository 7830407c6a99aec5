"""KoopView: see, fit and question the linear (Koopman) operator inside a trained network's layer.

The method is that of Aswani, Jabari and Shafique (arXiv 2409.01308). Every hybrid network is compared with affine maps
as controls. Names are imported on first use, so that ``import koopview`` takes no time and a saved study can be drawn
before torch is imported.
"""

from koopview.lazy import imported_from, listed_from

__version__ = "0.1.0"

_HOMES = {
    "Study": "koopview.study.study",
    "Dataset": "koopview.network.data",
    "DoubtWarning": "koopview.study.doubts",
    "FitSettings": "koopview.study.settings",
    "Source": "koopview.study.source",
    "compare": "koopview.study.compare",
    "open_study": "koopview.opening",
    "plot": "koopview.gui",
    "view": "koopview.gui",
}
__getattr__ = imported_from(__name__, _HOMES)
__dir__ = listed_from(__name__, _HOMES)
__all__ = [
    "Dataset",
    "DoubtWarning",
    "FitSettings",
    "Source",
    "Study",
    "__version__",
    "compare",
    "open_study",
    "plot",
    "view",
]
