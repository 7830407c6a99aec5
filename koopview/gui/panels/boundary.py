"""The decision boundary over a plane of inputs: the original network beside the hybrid (figure 3 of the paper)."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout

from koopview.gui.history import has_labels
from koopview.gui.looks.theme import UNIT, Theme
from koopview.gui.plots.class_legend import ClassLegend
from koopview.gui.plots.class_map import CAPTION, ClassMap, at_place
from koopview.gui.plots.legend import Legend
from koopview.gui.text import class_name, minus, spoken_class, told_score
from koopview.gui.widgets.save_menu import make_exportable
from koopview.gui.widgets.view_panel import ViewPanel
from koopview.study.result import FitResult
from koopview.study.views import BoundaryView
from koopview.words import MISSING, percent_figure

_SMALL = 160
"""Side of a plane below which it needs the room beside it more than the legend does."""


class BoundaryPanel(ViewPanel):
    """Two planes and the legend of classes; the original's border is drawn over the hybrid's classes."""

    kind = "boundary"

    def __init__(self) -> None:
        super().__init__("boundaryPanel", "Decision boundary, original beside hybrid")
        self._view: BoundaryView | None = None
        self.original = ClassMap("Classes that the original network predicts", self.reading)
        self.hybrid = ClassMap("Classes that the hybrid network predicts", self.reading, strong=True)
        self.classes, self.legend = ClassLegend(areas=True), Legend(column=True)
        self.legend.show_entries(("original's border", "ink", Qt.PenStyle.SolidLine))
        column = QVBoxLayout()
        column.setContentsMargins(0, UNIT, 0, UNIT)
        column.addWidget(self.classes, 1)
        column.addWidget(self.legend, 0, Qt.AlignmentFlag.AlignLeft)
        planes, self._parts = QHBoxLayout(), QHBoxLayout(self.picture)
        for row in (planes, self._parts):
            row.setSpacing(4 * UNIT)
        planes.addWidget(self.original, 1)
        planes.addWidget(self.hybrid, 1)
        self._parts.setContentsMargins(UNIT, 0, UNIT, 2)
        self._parts.addLayout(planes, 2)
        self._parts.addLayout(column, 1)
        make_exportable(self.picture, "Decision boundary", self.rows).least_width = 600

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Show the legend below the planes where these would be small beside it."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        ways, left = QBoxLayout.Direction, self.width() - self.classes.sizeHint().width() - 10 * UNIT
        beside = left >= 2 * min(self.height() - CAPTION, _SMALL)
        self._parts.setDirection(ways.LeftToRight if beside else ways.TopToBottom)
        self._parts.setSpacing(4 * UNIT if beside else 0)
        self._parts.setStretch(1, int(beside))

    def rows(self) -> list[tuple[str, ...]]:
        """Return the plane's points with the predictions of original and hybrid, as rows."""
        view = self._view
        if view is None:
            return []
        x_low, x_high, y_low, y_high = view.extent
        count_y, count_x = view.original.shape
        x = x_low + (np.arange(count_x) + 0.5) / count_x * (x_high - x_low)
        y = y_low + (np.arange(count_y) + 0.5) / count_y * (y_high - y_low)
        cells = [
            (f"{x[j]:.6g}", f"{y[i]:.6g}", str(view.original[i, j]), str(view.hybrid[i, j]))
            for i in range(count_y)
            for j in range(count_x)
        ]
        return [("x", "y", "original", "hybrid"), *cells]

    def reading(self, x: float, y: float) -> str:
        """Return the predictions at a point of the plane as text."""
        view = self._view
        if view is None:
            return ""
        found = [
            spoken_class(view.class_names, at_place(one, view.extent, x, y)) for one in (view.original, view.hybrid)
        ]
        return f"{minus(f'x {x:.2f}, y {y:.2f}')}<br>original: <b>{found[0]}</b><br>hybrid: <b>{found[1]}</b>"

    def show_result(self, result: FitResult | None) -> None:
        """Set the result, whose accuracies are shown beside the classes."""
        super().show_result(result)
        if self._view is not None:
            self._show_words(self._view)

    def draw(self, view: BoundaryView) -> None:
        """Draw the predictions of both networks."""
        self._view = view
        self._show_words(view)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        super().set_theme(theme)
        for part in (self.original, self.hybrid, self.classes, self.legend):
            part.set_theme(theme)

    def _show_words(self, view: BoundaryView) -> None:
        result = self._result
        self.original.show_classes(view.original, view.extent, caption("original", result, "original"))
        short = caption("hybrid", result, "hybrid")
        self.hybrid.show_classes(view.hybrid, view.extent, hybrid_caption(result), view.original, short)
        count = max(len(view.class_names), int(max(view.original.max(), view.hybrid.max())) + 1)
        names = [class_name(view.class_names, index) for index in range(count)]
        self.classes.show_classes(names, class_notes(result, count))
        self._make_room()


def caption(words: str, result: FitResult | None, name: str) -> str:
    """Return `words` with the score called `name`, if there are labels."""
    if result is None or not has_labels(result):
        return words
    return f"{words} {told_score(result.rows[name], result.measure)}"


def hybrid_caption(result: FitResult | None) -> str:
    """Return the caption of the hybrid's plane: the replaced layer, or how many are, and its accuracy."""
    if result is None:
        return "hybrid"
    count = len(result.settings.replaced)
    layer = f"{result.layer_inputs}×{result.layer_outputs}" if count == 1 else f"{count} layers"
    return caption(f"hybrid: {layer} replaced", result, "hybrid")


def class_notes(result: FitResult | None, count: int) -> list[str]:
    """Return the accuracy of each class, original → hybrid, empty without labels."""
    if result is None or not result.per_class.get("hybrid"):
        return [""] * count
    pairs = list(zip(result.per_class["original"], result.per_class["hybrid"], strict=True))
    notes = [" → ".join(map(_figure, pair)) + " %" for pair in pairs]
    return [*notes, *[""] * count][:count]


def _figure(fraction: float) -> str:
    return MISSING if np.isnan(fraction) else percent_figure(fraction)
