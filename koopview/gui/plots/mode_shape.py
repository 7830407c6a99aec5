"""A mode's shape: one stem per state, or a picture or a table if the layer's tensor is one."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from koopview.gui.looks.pens import plot_pen
from koopview.gui.looks.theme import LIGHT, Theme
from koopview.gui.plots.plot import AXES, dress_plot, quiet_plot
from koopview.gui.widgets.save_menu import make_exportable

_GAP = 0.12
"""Gap between the pictures of the real and the imaginary part, as a share of a picture's width."""

_MOST_DOTS = 150
_ABOVE = 1.2
"""How far the plot reaches beyond the longest stem, whose dot stays whole in a low plot."""

_DIVERGING = {True: ("#1f5fa8", "#b2182b"), False: ("#74b3f5", "#ff8170")}
"""Colours of the least and the largest value, on a light ground and on a dark one; between them is the ground."""

_LIGHT_FROM = 128


class ModeShape:
    """Owns the plot ``widget``. Real parts are drawn in full, imaginary ones hollow and dashed."""

    def __init__(self) -> None:
        self.widget = quiet_plot("modeShapePlot", "Shape of the selected mode")
        self._entry = "S"
        self.widget.getAxis("bottom").number(40, lambda k: f"{self._entry}{k:.0f}", landmarks=(1,), whole=True)
        self._shape = np.zeros(0, complex)
        self._picture: tuple[int, int] | None = None
        self._start, self._square = 0, True
        self._theme = LIGHT
        self._zero = pg.InfiniteLine(angle=0, movable=False)
        self._stems = {part: pg.PlotCurveItem(connect="pairs") for part in ("real", "imag")}
        self._dots = {part: pg.ScatterPlotItem(size=6, pxMode=True) for part in ("real", "imag")}
        self._images = {part: pg.ImageItem(axisOrder="row-major") for part in ("real", "imag")}
        self._marks = {symbol: pg.ScatterPlotItem(size=9, pxMode=True, symbol=symbol) for symbol in ("t1", "t")}
        for item in (
            self._zero,
            *self._stems.values(),
            *self._dots.values(),
            *self._images.values(),
            *self._marks.values(),
        ):
            self.widget.addItem(item)
        self._view = self.widget.getViewBox()
        self.exportable = make_exportable(self.widget, "Mode shape", self.rows)
        self.exportable.fills = True
        self.set_theme(LIGHT)

    def show_shape(
        self,
        shape: np.ndarray,
        picture: tuple[int, ...] | None,
        channel: int = 0,
        *,
        square: bool = True,
        entry: str = "S",
    ) -> None:
        """Draw a mode's shape (states,), or a `picture` of its first entries, if given: (rows, columns) or a channel.

        The colours of all channels have one scale. A picture's pixels are `square`, a table's cells fill the plot.
        `entry` begins the name of each number: S of a state, x of an input.
        """
        self._shape, self._square, self._entry = shape, square, entry
        self._picture = None if picture is None else (picture[-2], picture[-1])
        self._start = 0 if self._picture is None else channel * self._picture[0] * self._picture[1]
        self._draw()

    def mark(self, up: np.ndarray, down: np.ndarray) -> None:
        """Mark points (points, 2) of the picture, in pixels from its lower left corner, by triangles up and down."""
        for symbol, points in (("t1", up), ("t", down)):
            self._marks[symbol].setData(x=points[:, 0], y=points[:, 1])

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._theme = theme
        dress_plot(self.widget, theme)
        self._zero.setPen(plot_pen(theme.baseline))
        for marks in self._marks.values():
            marks.setPen(plot_pen(theme.panel, 1.0))
            marks.setBrush(QColor(theme.ink))
        for part, colour, style in (
            ("real", theme.hybrid, Qt.PenStyle.SolidLine),
            ("imag", theme.muted, Qt.PenStyle.DotLine),
        ):
            self._stems[part].setPen(plot_pen(colour, 1.4, style))
            self._dots[part].setPen(plot_pen(colour, 1.2))
            self._dots[part].setBrush(QColor(colour) if part == "real" else QColor(theme.panel))
        self._draw()

    def rows(self) -> list[tuple[str, ...]]:
        """Return state, real and imaginary part, one row each."""
        parts = zip(self._shape.real.tolist(), self._shape.imag.tolist(), strict=True)
        head = ("state" if self._entry == "S" else "input", "Re", "Im")
        return [head, *((f"{self._entry}{k}", f"{re:.9g}", f"{im:.9g}") for k, (re, im) in enumerate(parts, 1))]

    def _draw(self) -> None:
        pictured, is_real = self._picture is not None, not np.any(self._shape.imag)
        for items in (self._stems, self._dots):
            items["real"].setVisible(not pictured)
            items["imag"].setVisible(not pictured and not is_real)
        self._images["real"].setVisible(pictured)
        self._images["imag"].setVisible(pictured and not is_real)
        self._zero.setVisible(not pictured)
        self.widget.setAspectLocked(pictured and self._square)
        for name in AXES:
            self.widget.showAxis(name, not pictured)
        if pictured:
            self._draw_pictures(is_real)
        elif len(self._shape):
            self._draw_stems()

    def _draw_stems(self) -> None:
        states, reach = np.arange(1, len(self._shape) + 1), max(float(np.abs(self._shape).max()), 1e-12)
        few, paired = len(states) <= _MOST_DOTS, bool(np.any(self._shape.imag))
        for part, heights in (("real", self._shape.real), ("imag", self._shape.imag)):
            shift = (0.12 if part == "imag" else -0.12) if few and paired else 0.0
            x = np.repeat(states + shift, 2)
            y = np.stack([np.zeros(len(states)), heights], 1).ravel()
            self._stems[part].setData(x, y)
            self._dots[part].setData(x=states + shift if few else [], y=heights if few else [])
        self._view.set_home((0.5, len(states) + 0.5), (-_ABOVE * reach, _ABOVE * reach), padding=0.01)

    def _draw_pictures(self, is_real: bool) -> None:
        rows, columns = self._picture or (0, 0)
        seen = np.abs(self._shape)
        reach = max(float(seen[np.isfinite(seen)].max(initial=0.0)), 1e-12)
        low, high = _DIVERGING[QColor(self._theme.panel).lightness() > _LIGHT_FROM]
        middle = [QColor(low), QColor(self._theme.panel), QColor(high)]
        table = pg.ColorMap([0.0, 0.5, 1.0], middle).getLookupTable(nPts=256)
        for index, part in enumerate(("real", "imag")):
            entries = self._shape[self._start : self._start + rows * columns]
            pixels = getattr(entries.reshape(rows, columns), part)
            self._images[part].setImage(pixels[::-1], levels=(-reach, reach), lut=table)
            self._images[part].setRect(index * (1 + _GAP) * columns, 0, columns, rows)
        width = columns if is_real else (2 + _GAP) * columns
        self._view.set_home((0, width), (0, rows), padding=0.01)
