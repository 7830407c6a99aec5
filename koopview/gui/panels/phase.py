"""The phase portrait: many test samples' paths over two states or principal components, coloured by class."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QSignalBlocker
from PySide6.QtGui import QColor, QCursor
from PySide6.QtWidgets import QHBoxLayout, QToolTip, QVBoxLayout

from koopview.gui.looks.pens import hair_pen, plot_pen
from koopview.gui.looks.theme import LIGHT, UNIT, Theme
from koopview.gui.plots.class_legend import ClassLegend
from koopview.gui.plots.classes import class_line, class_marker
from koopview.gui.plots.plot import dress_plot, name_axes, quiet_plot
from koopview.gui.text import class_name, spoken_class
from koopview.gui.widgets.card import label
from koopview.gui.widgets.fields import Choice
from koopview.gui.widgets.save_menu import make_exportable
from koopview.gui.widgets.view_panel import ViewPanel
from koopview.study.result import FitResult
from koopview.study.views import PhaseView

_FAINT, _START, _END = 0.4, 4, 7
_NEAR = 12
"""Largest distance, in pixels, from the mouse to a path that it highlights."""


class PhasePanel(ViewPanel):
    """One line per sample: open dots where paths start, their class's marker where they end."""

    kind = "phase"

    def __init__(self) -> None:
        super().__init__("phasePanel", "Phase portrait: paths of test samples over two coordinates")
        self._view: PhaseView | None = None
        self._theme: Theme = LIGHT
        self._points = np.zeros((0, 0, 2))
        self.plot = quiet_plot("phasePlot", "Paths of test samples over two coordinates")
        self.lines: list[pg.PlotDataItem] = []
        self.ends: list[pg.ScatterPlotItem] = []
        self.starts = pg.ScatterPlotItem(pxMode=True, size=_START)
        self.nearest = pg.PlotDataItem()
        for item in (self.starts, self.nearest):
            item.setZValue(5)
            self.plot.addItem(item)
        self.across, self.up = (
            _axis_box("phaseXBox", "Coordinate to the right"),
            _axis_box("phaseYBox", "Coordinate upwards"),
        )
        self.legend = ClassLegend(areas=False)
        self._lay_out()
        for box in (self.across, self.up):
            box.currentIndexChanged.connect(self._place)
        self.plot.scene().sigMouseMoved.connect(self._hover)
        make_exportable(self.plot, "Phase portrait", self.rows, self.picture)

    @property
    def shown_samples(self) -> int:
        """How many paths are drawn."""
        return 0 if self._view is None else len(self._view.paths)

    def _lay_out(self) -> None:
        column = QVBoxLayout()
        column.setSpacing(UNIT)
        column.addWidget(self.across)
        column.addWidget(self.up)
        column.addWidget(self.legend, 1)
        column.addWidget(label("○ start · marker: end", "small"))
        whole = QHBoxLayout(self.picture)
        whole.setContentsMargins(UNIT, 0, UNIT, 2)
        whole.setSpacing(UNIT)
        whole.addWidget(self.plot, 1)
        whole.addLayout(column)

    def rows(self) -> list[tuple[str, ...]]:
        """Return every point drawn: sample, label, step and its two coordinates."""
        view = self._view
        if view is None:
            return []
        names = coordinate_names(view)
        head = ("sample", "label", "step", *(names[box.currentIndex()] for box in (self.across, self.up)))
        labels = [""] * len(view.paths) if view.labels is None else [str(value) for value in view.labels]
        return [
            head,
            *(
                (str(i + 1), labels[i], str(k), f"{x:.6g}", f"{y:.6g}")
                for i, path in enumerate(self._points)
                for k, (x, y) in enumerate(path)
            ),
        ]

    def show_result(self, result: FitResult | None) -> None:
        """Set the result whose views will arrive; for None show words."""
        super().show_result(result)
        if result is None:
            self._view = None

    def draw(self, view: PhaseView) -> None:
        """Draw the paths of `view` over the chosen coordinates, or the first two components."""
        self._view = view
        names = coordinate_names(view)
        for box, axis, first in ((self.across, "x", 0), (self.up, "y", min(1, len(names) - 1))):
            with QSignalBlocker(box):
                same, chosen = box.count() == len(names), box.currentIndex()
                box.clear()
                box.addItems([f"{axis}: {name}" for name in names])
                box.setCurrentIndex(chosen if same and chosen >= 0 else first)
        self._make_items(class_count(view))
        labelled = view.labels is not None
        self.legend.show_classes(
            [class_name(view.class_names, i) for i in range(len(self.lines))] if labelled else ["paths"]
        )
        self._place()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        super().set_theme(theme)
        self._theme = theme
        dress_plot(self.plot, theme)
        self.legend.set_theme(theme)
        self.starts.setPen(plot_pen(theme.muted, 0.8))
        self.starts.setBrush(QColor(theme.panel))
        self.nearest.setPen(plot_pen(theme.ink, 2.2))
        for index, (line, end) in enumerate(zip(self.lines, self.ends, strict=True)):
            colour = class_line(index, theme)
            end.setPen(plot_pen(theme.panel, 0.8))
            end.setBrush(colour)
            faint = QColor(colour)
            faint.setAlphaF(_FAINT)
            line.setPen(hair_pen(faint))
        self._name_axes()

    def _make_items(self, classes: int) -> None:
        """Make one line item and one item of end markers per class: a thousand lines in one item are quick."""
        while len(self.lines) < classes:
            self.lines.append(pg.PlotDataItem())
            self.ends.append(pg.ScatterPlotItem(pxMode=True, size=_END, symbol=class_marker(len(self.ends))))
            self.ends[-1].setZValue(4)
            self.plot.addItem(self.lines[-1])
            self.plot.addItem(self.ends[-1])
        for item in (*self.lines[classes:], *self.ends[classes:]):
            self.plot.removeItem(item)
        self.lines, self.ends = self.lines[:classes], self.ends[:classes]
        self.set_theme(self._theme)

    def _place(self) -> None:
        view = self._view
        if view is None:
            return
        chosen = [coordinate(view, box.currentIndex()) for box in (self.across, self.up)]
        self._points = np.stack(chosen, axis=2).astype(float)
        labels = np.zeros(len(self._points), dtype=int) if view.labels is None else view.labels
        for index, (line, end) in enumerate(zip(self.lines, self.ends, strict=True)):
            paths = self._points[labels == index]
            line.setData(paths[:, :, 0].ravel(), paths[:, :, 1].ravel(), connect=connections(paths))
            end.setData(paths[:, -1, 0], paths[:, -1, 1])
        self.starts.setData(self._points[:, 0, 0], self._points[:, 0, 1])
        self.nearest.setData([], [])
        self._set_range()
        self._name_axes()

    def _set_range(self) -> None:
        low, high = self._points.min(axis=(0, 1)), self._points.max(axis=(0, 1))
        room = np.where(high > low, 0.0, 0.5)
        across, upwards = zip((low - room).tolist(), (high + room).tolist(), strict=True)
        self.plot.getViewBox().set_home(across, upwards, padding=0.04)

    def _name_axes(self) -> None:
        names = [] if self._view is None else coordinate_names(self._view)
        chosen = [names[box.currentIndex()].split(" (")[0] if names else "" for box in (self.up, self.across)]
        name_axes(self.plot, self._theme, *chosen)

    def _hover(self, scene: QPointF) -> None:
        """Highlight the path nearest to the mouse and name its sample."""
        view = self._view
        if view is None or not len(self._points):
            return
        box = self.plot.getViewBox()
        here, (width, height) = box.mapSceneToView(scene), box.viewPixelSize()
        gaps = np.hypot((self._points[:, :, 0] - here.x()) / width, (self._points[:, :, 1] - here.y()) / height)
        sample = int(gaps.min(axis=1).argmin())
        if gaps[sample].min() > _NEAR:
            self.nearest.setData([], [])
            QToolTip.hideText()
            return
        self.nearest.setData(self._points[sample, :, 0], self._points[sample, :, 1])
        QToolTip.showText(QCursor.pos(), sample_words(view, sample), self.plot)


def coordinate_names(view: PhaseView) -> list[str]:
    """Return the names of an axis's choices: components with their shares of the variance, then all states."""
    components = [f"PC {i + 1} ({100 * share:.0f} %)" for i, share in enumerate(view.shares)]
    return components + [f"S{i + 1}" for i in range(view.paths.shape[2])]


def coordinate(view: PhaseView, index: int) -> np.ndarray:
    """Return the coordinate (samples, steps + 1) at an index of :func:`coordinate_names`."""
    count = view.components.shape[2]
    return view.components[:, :, index] if index < count else view.paths[:, :, index - count]


def class_count(view: PhaseView) -> int:
    """Return the number of classes, 1 without labels."""
    return 1 if view.labels is None else max(len(view.class_names), int(view.labels.max(initial=0)) + 1)


def connections(paths: np.ndarray) -> np.ndarray:
    """Return whether each point of concatenated paths (samples, steps + 1, 2) is joined to the next, a bool array."""
    joined = np.ones(paths.shape[:2], dtype=np.uint8)
    joined[:, -1] = 0
    return joined.ravel()


def sample_words(view: PhaseView, sample: int) -> str:
    """Return the name of a path."""
    name = "" if view.labels is None else f" · {spoken_class(view.class_names, int(view.labels[sample]))}"
    return f"test sample {sample + 1}{name}"


def _axis_box(name: str, accessible: str) -> Choice:
    tip = f"{accessible}: a principal component of all states (with its share of their variance), or a state"
    box = Choice(name, accessible, tip)
    box.setProperty("role", "compact")
    box.setMaxVisibleItems(16)
    box.setMinimumContentsLength(13)
    return box
