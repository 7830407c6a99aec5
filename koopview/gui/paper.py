"""The paper's figures 2 to 5, drawn by the window's own panels and written as PDF and PNG; no window is shown."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from koopview.gui.application import application
from koopview.gui.displays import draw_without_display
from koopview.gui.history import numerical_rank
from koopview.gui.panels.boundary import caption, hybrid_caption
from koopview.gui.panels.right_vectors import RightVectorsPanel
from koopview.gui.plots.class_legend import ClassLegend
from koopview.gui.plots.class_map import ClassMap
from koopview.gui.plots.eigenvalue_grid import EigenvalueGrid, height_of
from koopview.gui.plots.path_grid import PathGrid, Paths
from koopview.gui.saving.pictures import TWO_COLUMNS, save_picture_of
from koopview.gui.text import class_name
from koopview.gui.widgets.card import label
from koopview.study.result import FitResult
from koopview.study.views import BoundaryView, RightVectorsView

if TYPE_CHECKING:  # torch is imported only where a figure's numbers are computed
    from koopview.study.paper import PaperFigures

FORMATS = (".pdf", ".png")
_WIDTH = 760
"""Logical pixels of two columns of a paper."""
Figure = TypeVar("Figure", bound=QWidget)


def write_figures(figures: "PaperFigures", folder: Path) -> list[Path]:
    """Write figures 2 to 5 into `folder`, each as PDF and PNG, and return the files' paths; raises FileError."""
    draw_without_display()
    application()
    drawn = {
        "figure-2": ("A sample's path through the scaled Yin-Yang layer", states(figures.path)),
        "figure-3": ("Decision boundaries, original and hybrids", boundaries(figures.boundaries)),
        "figure-4": ("Eigenvalues over rank and delays, with accuracies", spectra(figures.spectra)),
        "figure-5": ("Right singular vectors over delays", vectors(figures.vectors)),
    }
    written = []
    for name, (title, widget) in drawn.items():
        for ending in FORMATS:
            written.append(folder / f"{name}{ending}")
            save_picture_of([widget], written[-1], TWO_COLUMNS, title)
    return written


def states(result: FitResult) -> PathGrid:
    """Return figure 2: original step against scaled path, one plot per state."""
    grid = _sized(PathGrid(), 260)
    shown = tuple(range(min(8, result.paths.shape[2])))
    grid.show_paths(Paths.of(result, 0, shown))
    return grid


def boundaries(pairs: Sequence[tuple[FitResult, BoundaryView]]) -> QWidget:
    """Return figure 3: the original's classes over the plane, beside those of each hybrid."""
    widget = _sized(QWidget(), 260)
    row, column = QHBoxLayout(), QVBoxLayout(widget)
    result, view = pairs[0]
    row.addWidget(_class_map(view.original, view, caption("original", result, "original")))
    for result, view in pairs:
        row.addWidget(_class_map(view.hybrid, view, hybrid_caption(result), view.original))
    legend = ClassLegend(areas=True)
    names = [class_name(view.class_names, index) for index in range(int(view.original.max()) + 1)]
    legend.show_classes(names, [""] * len(names))
    column.addLayout(row, 1)
    column.addWidget(legend)
    return widget


def _class_map(classes: np.ndarray, view: BoundaryView, words: str, over: np.ndarray | None = None) -> ClassMap:
    drawn = ClassMap(words, lambda x, y: "")
    drawn.show_classes(classes, view.extent, words, over)
    return drawn


def spectra(results: Sequence[FitResult]) -> EigenvalueGrid:
    """Return figure 4: a plane of eigenvalues for each rank and number of delays, with the hybrid's accuracy."""
    cells = {(one.settings.delays, one.settings.rank): one for one in results}
    grid = _sized(EigenvalueGrid(), height_of(cells, _WIDTH))
    grid.show_cells(cells, None)
    return grid


def vectors(pairs: Sequence[tuple[FitResult, RightVectorsView]]) -> QWidget:
    """Return figure 5: right singular vectors over the delays, one row per layer."""
    widget = _sized(QWidget(), 240 * len(pairs))
    column = QVBoxLayout(widget)
    for result, view in pairs:
        layer = f"layer {result.settings.layer}, {result.layer_inputs} → {result.layer_outputs}"
        column.addWidget(label(f"{layer}: numerical rank {numerical_rank(result)}", "small"))
        panel = RightVectorsPanel()
        panel.show_result(result)
        panel.show_view(view)
        column.addWidget(panel, 1)
    return widget


def _sized(widget: Figure, height: int) -> Figure:
    widget.resize(_WIDTH, height)
    return widget
