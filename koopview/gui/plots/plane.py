"""The complex plane with the unit circle and the eigenvalues on it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QBrush, QColor, QMouseEvent, QPen
from PySide6.QtWidgets import QToolTip

from koopview.gui.looks.pens import plot_pen
from koopview.gui.looks.theme import LIGHT, Theme
from koopview.gui.plots.beyond import Beyond
from koopview.gui.plots.colours import colour_indices, scale_of, viridis
from koopview.gui.plots.contours import Contours
from koopview.gui.plots.home_view import Ends, ViewRange
from koopview.gui.plots.mode_tip import is_ill_conditioned, mode_tip
from koopview.gui.plots.plane_gestures import GesturePlot, inside
from koopview.gui.plots.plane_groups import GroupMarks
from koopview.gui.plots.plot import dress_plot, enlarge_plot, name_axes
from koopview.gui.selection import ModeSelection, together
from koopview.study.result import FitResult

if TYPE_CHECKING:
    from koopview.study.views import ModesView

_REACH, FARTHEST, _CROWDED = 9.0, 2.0, 0.35
_RING = 0.22
"""Line width of a ring, as a share of its diameter."""

_CIRCLE = np.exp(2j * np.pi * np.linspace(0, 1, 361))


class Plane:
    """Owns the plot ``widget``; points are one scatter item with shared brushes.

    Ill-conditioned eigenvalues are rings, coloured like the others. Edited ones are joined by a line to a cross at
    their old place; selected ones have a ring of the text's colour, those under the mouse a dotted one. A group of
    more than a pair is one mark: a ring with the number of its modes at their mean, joined to each of them.
    """

    def __init__(self, selection: ModeSelection) -> None:
        self.widget, self._selection = GesturePlot(), selection
        self._values, self._fitted = np.zeros(0, complex), np.zeros(0, complex)
        self._result: FitResult | None = None
        self._power = 1
        self._modes: ModesView | None = None
        self._zoom = 1.0
        self._close_up = False
        self._range: ViewRange | None = None
        self._grabbed: int | None = None
        self._brushes = [QBrush(QColor(*(int(part) for part in colour))) for colour in viridis()]
        self._pens: tuple[object, list[QPen]] = (None, [])
        self._theme = LIGHT
        self.contours = Contours(self.widget)
        self._edges = pg.ScatterPlotItem(pxMode=True, brush=None)
        self._circle = pg.PlotCurveItem(_CIRCLE.real, _CIRCLE.imag)
        self._moves = pg.PlotCurveItem(connect="pairs")
        self._points_before, self._points = (
            pg.ScatterPlotItem(size=9, pxMode=True, brush=None, symbol=symbol) for symbol in ("x", "o")
        )
        self._chosen, self._ring = (pg.ScatterPlotItem(size=17, pxMode=True, brush=None) for _ in range(2))
        self._chosen.on_screen_only = self._ring.on_screen_only = True  # saved pictures do not show the selection
        parts = (self._circle, self._moves, self._points_before, self._edges, self._points, self._chosen, self._ring)
        for item in parts:
            self.widget.addItem(item)
        self.groups, self.beyond = GroupMarks(self.widget), Beyond(self.widget)
        self.widget.setAspectLocked(True)
        self._connect()
        self.set_theme(LIGHT)
        self._look()

    def show_result(self, result: FitResult | None, power: int = 1) -> None:
        """Draw the eigenvalues of `result` to the power `power`, coloured by their residuals; none for None.

        The view moves in steps, and only if fitted ones leave it: never during a drag, rarely while a slider moves.
        """
        self._result, self._power = result, power
        self._values = np.zeros(0, complex) if result is None else result.eigenvalues**power
        self._fitted = self._values if result is None else result.fitted_eigenvalues**power
        values, fitted = self._values, self._fitted
        _put(self._ring, values[:0])
        self.beyond.say(int((np.abs(values) > FARTHEST).sum()), FARTHEST)
        self._draw_points()
        self.groups.show_result(result, values)
        moved = np.flatnonzero(values != fitted)
        _put(self._points_before, fitted[moved], size=self._zoom * _size(len(values)))
        _put(self._moves, np.stack([fitted[moved], values[moved]], 1).ravel())
        self.contours.show_values(np.concatenate([values, fitted[moved]]))
        self._show_selection()
        if self._wanted_range() != self._range:
            self._look()

    def _draw_points(self) -> None:
        """Draw well-conditioned eigenvalues as discs, and ill-conditioned ones as rings."""
        result, values, size = self._result, self._values, self._zoom * _size(len(self._values))
        if result is None:
            for item in (self._points, self._edges):
                _put(item, values)
            return
        residuals, hollow = np.asarray(result.residuals, float), is_ill_conditioned(result)
        indices = colour_indices(residuals, scale_of(residuals)).tolist()
        brushes, pens = self._brushes, self._pens_of(_RING * size)
        self._points.setData(
            x=values.real,
            y=values.imag,
            size=np.where(hollow, size - 1, size),
            brush=[None if ring else brushes[index] for index, ring in zip(indices, hollow, strict=True)],
            pen=[pens[index if ring else -1] for index, ring in zip(indices, hollow, strict=True)],
        )
        _put(self._edges, values[hollow], size=size - 1)
        self._edges.setPen(plot_pen(self._theme.muted, _RING * size + 1.2))

    def _pens_of(self, width: float) -> list[QPen]:
        """Return a pen per colour for rings, and last one for the discs; they are kept, as a slider asks for them."""
        edge = plot_pen(self._theme.muted, 0.6)  # a wider pen hides the colours of overlapping points
        key = (width, self._theme.muted, edge.widthF())  # which a picture or another screen changes
        if self._pens[0] != key:
            self._pens = (key, [*(plot_pen(brush.color(), width) for brush in self._brushes), edge])
        return self._pens[1]

    def set_zoom(self, zoom: float) -> None:
        """Enlarge texts and markers `zoom` times, for a projector; lines follow with the next theme."""
        self._zoom = zoom
        enlarge_plot(self.widget, zoom)
        for rings in (self._chosen, self._ring):
            rings.setSize(17 * zoom)
        self._points_before.setSize(zoom * _size(len(self._values)))
        self._draw_points()
        for part in (self.contours, self.groups, self.beyond):
            part.set_zoom(zoom)

    def show_modes(self, modes: "ModesView | None") -> None:
        """Show each mode's importance, the score lost without it, in the tooltips; None if it is not known."""
        self._modes = modes

    def _connect(self) -> None:
        self.widget.grips = self._grips
        self.widget.hovered.connect(self._hover)
        self.widget.clicked.connect(self._click)
        self.widget.encircled.connect(
            lambda corners, adds: self._selection.select(np.flatnonzero(inside(self._values, corners)), adds)
        )
        self.widget.stepped.connect(self._selection.step)
        self.widget.all_asked.connect(lambda: self._selection.select(range(len(self._values))))
        self._selection.changed.connect(self._show_selection)

    def show_close_up(self, wanted: bool) -> None:
        """Zoom to the eigenvalues if `wanted`, else show the unit circle with all of them, up to modulus FARTHEST."""
        self._close_up = wanted
        self._look()

    def _look(self) -> None:
        self._range = self._wanted_range()
        across, upwards = self._range
        self.widget.setRange(xRange=across, yRange=upwards, padding=0)

    def _wanted_range(self) -> ViewRange:
        """Return the ViewRange to show; its ends move in steps, so that the view is steady while a slider moves."""
        held = self._grabbed is not None  # the view follows a dragged eigenvalue only after its release
        kept = (
            self._values[self._values != 0] if self._close_up else self._values
        )  # removed modes do not end a close-up
        seen = self._fitted if held else np.concatenate([self._fitted, kept])
        near = seen[np.abs(seen) <= FARTHEST]
        if self._close_up and len(near):
            return _ends(near.real), _ends(near.imag)
        home = min(FARTHEST, max(1.0, np.ceil(20 * np.abs(seen).max(initial=0.0)) / 20))
        return (-1.12 * home, 1.12 * home), (-1.12 * home, 1.12 * home)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._theme = theme
        dress_plot(self.widget, theme)
        for part in (self.contours, self.groups, self.beyond):
            part.set_theme(theme)
        self._draw_points()
        self._circle.setPen(plot_pen(theme.muted, 1.4))
        self._points_before.setPen(plot_pen(theme.muted, 1.4))
        self._moves.setPen(plot_pen(theme.muted, 1.2, Qt.PenStyle.DotLine))
        self._chosen.setPen(plot_pen(theme.ink, 2.4))
        self.widget.set_theme(theme)
        self._ring.setPen(plot_pen(theme.muted, 1.6, Qt.PenStyle.DotLine))
        name_axes(self.widget, theme, "Im λ", "Re λ")

    def tip(self, index: int) -> str:
        """Return the tooltip of an eigenvalue."""
        return "" if self._result is None else mode_tip(self._result, index, self._power, self._modes)

    def _hover(self, event: QMouseEvent) -> None:
        index = self._nearest(event.position())
        if index is None or self._result is None:
            _put(self._ring, self._values[:0])
            QToolTip.hideText()
            return
        group = self._values[[*together(self._result, index)]]
        _put(self._ring, group)
        QToolTip.showText(event.globalPosition().toPoint(), self.tip(index), self.widget)

    def grabbed(self) -> int | None:
        """Return the index of the eigenvalue that is being dragged."""
        return self._grabbed

    def _grips(self, point: QPointF) -> bool:
        """Grab the selected eigenvalue under `point`, even below others; return whether there is one."""
        self._grabbed = self._nearest(point, self._selection.indices)
        return self._grabbed is not None

    def _click(self, point: QPointF, adds: bool) -> None:
        index = self._nearest(point)
        if index is None:
            if not adds:
                self._selection.select(())
        elif adds:
            self._selection.toggle(index)
        else:
            self._selection.select((index,))

    def _show_selection(self) -> None:
        chosen = self._values[[index for index in self._selection.indices if index < len(self._values)]]
        _put(self._chosen, chosen)

    def _nearest(self, point: QPointF, among: Sequence[int] | None = None) -> int | None:
        """Return the index of the eigenvalue under `point`, of all or of those in `among`; None if none is near."""
        indices = np.arange(len(self._values)) if among is None else np.array(among, int)
        marks = self.groups.firsts if among is None else np.zeros(0, int)  # a drag takes hold of eigenvalues alone
        width, height = self.widget.getViewBox().viewPixelSize()
        if not len(indices) or not width or not height:  # a plot without extent, in a panel that is being laid out
            return None
        here = self.widget.in_plot(point)
        values = np.concatenate([self._values[indices], self.groups.means[: len(marks)]])
        indices = np.concatenate([indices, marks])
        gaps = np.hypot((values.real - here.x()) / width, (values.imag - here.y()) / height)
        return int(indices[gaps.argmin()]) if gaps.min() <= _REACH else None


def _put(item: pg.ScatterPlotItem | pg.PlotCurveItem, points: np.ndarray, **looks: float) -> None:
    """Draw complex `points` as the marks or the line of `item`; nothing is done where it is empty and stays so."""
    drawn = item.getData()[0]
    if len(points) or (drawn is not None and len(drawn)):
        item.setData(x=points.real, y=points.imag, **looks)


def crowded(values: np.ndarray) -> bool:
    """Return whether eigenvalues are too close together to be distinguished in a view of the unit circle."""
    near = values[np.abs(values) <= FARTHEST]
    return len(near) > 3 and float(max(np.ptp(near.real), np.ptp(near.imag))) < _CROWDED


def _ends(numbers: np.ndarray) -> Ends:
    """Return rounded ends a little beyond the least and the largest of `numbers`."""
    reach = max(float(np.ptp(numbers)), 0.05)
    step = 10.0 ** np.floor(np.log10(reach)) / 2
    low, high = float(numbers.min()) - reach / 20, float(numbers.max()) + reach / 20
    return float(np.floor(low / step) * step), float(np.ceil(high / step) * step)


def _size(points: int) -> int:
    """Return the diameter, in pixels, at which a number of points can still be distinguished."""
    return 9 if points <= 80 else 7 if points <= 250 else 5
