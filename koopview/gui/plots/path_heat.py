"""A sample's path as a heat map: states from top to bottom, the share s of the path from left to right."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QCursor
from PySide6.QtWidgets import QToolTip

from koopview.gui.looks.pens import plot_pen
from koopview.gui.looks.theme import LIGHT, Theme
from koopview.gui.plots.axes import Axis, ShareAxis
from koopview.gui.plots.heat_margins import Appended, AppendedMargin, ColourBar, Hatch, LiftStrip
from koopview.gui.plots.path_grid import Paths, pad_text
from koopview.gui.plots.plain_plot import PlainPlotWidget
from koopview.gui.plots.plot import dress_plot, quiet_plot
from koopview.gui.widgets.save_menu import make_exportable

LEFT, AXIS = 44, 18
"""Room for the states' numbers and for the shares."""

_STOPS = {
    "light": ("#762a83", "#b58bc3", "#f4f4f5", "#7fc28a", "#1b7837"),
    "dark": ("#d9aee4", "#8d4fa1", "#26292f", "#34905a", "#a4e3b3"),
}
"""From the lowest value through 0 to the highest: Brewer's purple and green, with 0 near the panel's background."""

_MANY = 64
"""Number of states above which a few of the largest values do not set the scale."""
_MOST = 99.5
_LOWEST_ROW = 13
"""Least height of a row, in logical pixels, with room for its state's number."""
_FINE = 1000
"""Columns of the image if steps are not evenly spaced."""


class PathHeat(PlainPlotWidget):
    """Draws all states of :class:`Paths`; appended entries are hatched and named at the right.

    Each step has a column around its share of the path, half-way to its neighbours'. If there are more states than
    pixels, each pixel shows a mean, and zooming in shows each state.
    """

    def __init__(self) -> None:
        self._margin, self._lift = AppendedMargin(), LiftStrip()
        axes = {"left": Axis("left"), "bottom": ShareAxis(), "top": self._lift, "right": self._margin}
        super().__init__(axes)
        quiet_plot("heatMap", "Trajectory: all states of one sample over the share s of the path, as colours", self)
        self.setMinimumHeight(104)
        self._paths: Paths | None = None
        self._theme = LIGHT
        self.image = pg.ImageItem(axisOrder="row-major", autoDownsample=True)
        self.bar, self.hatches = ColourBar(), (Hatch(), Hatch())
        for item in (self.image, *self.hatches):
            self.addItem(item)
        self._lay_out()
        self.scene().sigMouseMoved.connect(self._hover)
        self.exportable = make_exportable(self, "Heat map", self.rows)
        self.set_theme(LIGHT)

    def _lay_out(self) -> None:
        self.getAxis("left").setWidth(LEFT)
        self.getAxis("bottom").setHeight(AXIS)
        self.getAxis("bottom").setStyle(tickTextOffset=3)
        self.invertY(True)
        self.bar.setImageItem(self.image, insert_in=self.plot_item)

    def show_paths(self, paths: Paths | None) -> None:
        """Draw all states of `paths`, nothing for None."""
        self._paths = paths
        self.plot_item.setVisible(paths is not None)
        if paths is None:
            return
        states, (first, last) = paths.path.shape[1], padded_ends(paths.shares)
        self.image.setImage(fine(paths), autoLevels=False)
        self.image.setRect(first, 0.5, last - first, states)
        self.bar.show_reach(reach_of(paths.path), float(np.abs(paths.path).max()))
        self.getAxis("left").number(_LOWEST_ROW, lambda state: f"S{state:.0f}", (1,), whole=True)
        self.getAxis("bottom").show_shares(0.0, 1.0, paths.lift)
        self._lift.lift = paths.lift
        self._show_appended(appended(paths), first + (last - first) * column_edges(paths.shares))
        self.getViewBox().set_home((first, last), (0.5, states + 0.5))

    def _show_appended(self, entries: tuple[Appended, ...], edges: np.ndarray) -> None:
        self._margin.show_entries(entries)
        for hatch in self.hatches[len(entries) :]:
            hatch.hide()
        for hatch, entry in zip(self.hatches, entries, strict=False):
            left, right = edges[entry.step], edges[entry.step + 1]
            hatch.setRect(QRectF(left, entry.first - 0.5, right - left, entry.last - entry.first + 1))
            hatch.show()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._theme = theme
        dress_plot(self, theme, grid=False)
        self.getViewBox().setBorder(plot_pen(theme.line))
        self.bar.set_theme(theme, colours(theme))
        for part in (self._lift, self._margin, *self.hatches):
            part.set_theme(theme)

    def rows(self) -> list[list[str]]:
        """Return the path as rows: state, then one column per step."""
        if self._paths is None:
            return []
        head = ["state", *(f"step {step}" for step in range(self._paths.steps + 1))]
        values = self._paths.path.T
        return [head, *([f"S{i + 1}", *(f"{value:.6g}" for value in row)] for i, row in enumerate(values))]

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the room of a small map."""
        return QSize(560, 180)

    def at(self, scene: QPointF) -> tuple[int, int] | None:
        """Return the state and the step of the cell under a point of the scene."""
        view = self.getViewBox()
        if self._paths is None or not view.sceneBoundingRect().contains(scene):
            return None
        point, (length, states) = view.mapSceneToView(scene), self._paths.path.shape
        first, last = padded_ends(self._paths.shares)
        column = np.searchsorted(column_edges(self._paths.shares), (point.x() - first) / (last - first), "right")
        return min(states - 1, max(0, round(point.y()) - 1)), min(length - 1, max(0, int(column) - 1))

    def _hover(self, scene: QPointF) -> None:
        """Read the value under the mouse."""
        found = self.at(scene)
        if found and self._paths is not None:
            QToolTip.showText(QCursor.pos(), self._paths.told(*found), self)


def appended(paths: Paths) -> tuple[Appended, ...]:
    """Return the Appended entries of each end, with the words about them."""
    states, ends = paths.path.shape[1], ((0, paths.inputs), (paths.steps, paths.outputs))
    return tuple(
        Appended(real + 1, states, step, f"appended\n{pad_text(paths.pad)} at s = {1 if step else 0}")
        for step, real in ends
        if real < states
    )


def fine(paths: Paths) -> np.ndarray:
    """Return the path as an image (states, columns) with equally wide columns, unlike those of the steps."""
    widths = np.diff(column_edges(paths.shares))
    if np.allclose(widths, widths[0]):
        return np.ascontiguousarray(paths.path.T)
    return np.ascontiguousarray(paths.path.T[:, columns_of(paths.shares, _FINE)])


def reach_of(path: np.ndarray) -> float:
    """Return the modulus for the deepest colours: the largest, or for many states one that few values exceed."""
    sizes = np.abs(path)
    largest = float(sizes.max(initial=0.0))
    most = float(np.percentile(sizes, _MOST)) if path.shape[1] > _MANY else largest
    return most or largest or 1.0


def colours(theme: Theme) -> pg.ColorMap:
    """Return the map's colours from the lowest to the highest value."""
    return pg.ColorMap(None, [QColor(name) for name in _STOPS["dark" if theme.name == "dark" else "light"]])


def padded_ends(shares: np.ndarray) -> tuple[float, float]:
    """Return the start of the first and the end of the last column, each symmetric about its step."""
    return float(shares[0] - (shares[1] - shares[0]) / 2), float(shares[-1] + (shares[-1] - shares[-2]) / 2)


def column_edges(shares: np.ndarray) -> np.ndarray:
    """Return the edges (steps + 2,) of the steps' columns, as shares of the map's width: half-way between steps."""
    first, last = padded_ends(shares)
    edges = np.concatenate([[first], (shares[1:] + shares[:-1]) / 2, [last]])
    return (edges - first) / (last - first)


def columns_of(shares: np.ndarray, width: int) -> np.ndarray:
    """Return the index of the step whose column each of `width` pixels lies in, int (width,)."""
    middles = (np.arange(width) + 0.5) / width
    return np.clip(np.searchsorted(column_edges(shares), middles, "right") - 1, 0, len(shares) - 1)
