"""Small plots side by side, one per number of delays: right singular vectors along the path (figure 5 of the paper)."""

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QCursor, QResizeEvent
from PySide6.QtWidgets import QGraphicsSimpleTextItem, QToolTip

from koopview.gui.looks.pens import hair_pen, plot_pen
from koopview.gui.looks.theme import LIGHT, SMALL, Theme, bold, font
from koopview.gui.plots.axes import Axis, ShareAxis
from koopview.gui.plots.classes import seen
from koopview.gui.plots.plain_plot import PlainPlot
from koopview.gui.plots.plot import dress_axes, quiet_axes
from koopview.gui.text import minus

LEFT, RIGHT, TITLE, AXIS = 40, 14, 17, 16
_NEXT = 20
"""Room left of a plot beside another, which has the scale of all."""
_ROOM = 0.04
"""Room above and below the scale of all plots, as a share of it."""
_FAINT = 0.16
_STYLES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine)
_COLOURS = ("#0072b2", "#d55e00", "#cc79a7")
_OUTSIDE = 1.0
"""Per cent of all values that may lie above the plots, and below them, for outlying samples."""


@dataclass(frozen=True, eq=False)
class Vectors:
    """One plot.

    Attributes
    ----------
    delays : int
    values : array (vectors, samples, windows)
    shares : array (windows,)
        The share s of the path at which each window's newest state stands.
    shown : bool
        Whether these are the delays of the fit on screen.
    """

    delays: int
    values: np.ndarray
    shares: np.ndarray
    shown: bool


class VectorGrid(pg.GraphicsLayoutWidget):
    """Draws :class:`Vectors` on one scale, which zooming changes for all; means are strong lines, samples faint."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Right singular vectors over the share s of the path, one plot a number of delays")
        self.setFrameShape(self.Shape.NoFrame)
        self.ci.layout.setContentsMargins(0, 0, 0, 0)
        self.ci.layout.setSpacing(0)
        self.setMinimumHeight(84)
        self._theme: Theme = LIGHT
        self._vectors: tuple[Vectors, ...] = ()
        self.plots: list[VectorPlot] = []
        self.scene().sigMouseMoved.connect(self._hover)
        self.set_theme(LIGHT)

    def show_vectors(self, vectors: tuple[Vectors, ...]) -> None:
        """Draw `vectors` from left to right, one plot for each number of delays."""
        self._vectors = vectors
        while len(self.plots) > len(vectors):
            self.removeItem(self.plots.pop())
            self.ci.layout.setColumnFixedWidth(len(self.plots), 0)
        while len(self.plots) < len(vectors):
            self.plots.append(VectorPlot(LEFT if not self.plots else _NEXT))
            self.addItem(self.plots[-1], 0, len(self.plots) - 1)
            if len(self.plots) > 1:
                self.plots[-1].setYLink(self.plots[0])
        scale = scale_of(vectors)
        for plot, shown in zip(self.plots, vectors, strict=True):
            plot.show_vectors(shown, scale, self._theme)
        self._share_width()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Keep all plots equally wide."""
        super().resizeEvent(event)
        if hasattr(self, "plots"):  # pyqtgraph calls this while it makes the widget
            self._share_width()

    def _share_width(self) -> None:
        """Give every plot the same width between its frame's sides; the first alone has numbers left of it."""
        if self.plots:
            count = len(self.plots)
            inner = (self.width() - LEFT - _NEXT * (count - 1)) / count
            for column, left in enumerate((LEFT, *[_NEXT] * (count - 1))):
                self.ci.layout.setColumnFixedWidth(column, max(1.0, left + inner))

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._theme = theme
        self.setBackground(theme.panel)
        self.show_vectors(self._vectors)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the room of small plots."""
        return QSize(200 * max(1, len(self._vectors)), 140)

    def _hover(self, scene: QPointF) -> None:
        """Show the means under the mouse."""
        for plot, vectors in zip(self.plots, self._vectors, strict=True):
            view = plot.getViewBox()
            if view.sceneBoundingRect().contains(scene):
                window = int(np.abs(vectors.shares - view.mapSceneToView(scene).x()).argmin())
                QToolTip.showText(QCursor.pos(), reading(vectors, window), self)


class VectorPlot(PlainPlot):
    """The vectors at one number of delays: per vector a line item for all samples, and one for their mean."""

    def __init__(self, left: int = LEFT) -> None:
        axes = {"left": Axis("left"), "bottom": ShareAxis()}
        super().__init__(axes)
        quiet_axes(self)
        axes["left"].number(18)
        axes["left"].setWidth(left)
        axes["left"].setStyle(showValues=left == LEFT)
        axes["bottom"].setStyle(tickTextOffset=1)
        axes["bottom"].setHeight(AXIS)
        self.layout.setContentsMargins(0, TITLE, RIGHT, 0)
        self.setMinimumSize(left, TITLE + AXIS)
        self.setPreferredWidth(left)  # all plots are equally wide, with any title
        self._words = QGraphicsSimpleTextItem(self)
        self._words.setPos(left, 1)
        self._zero = pg.InfiniteLine(angle=0, movable=False)
        self.addItem(self._zero)
        self.samples: list[pg.PlotCurveItem] = []
        self.means: list[pg.PlotCurveItem] = []

    def show_vectors(self, vectors: Vectors, scale: tuple[float, float], theme: Theme) -> None:
        """Draw `vectors` between the ends of `scale`, in the colours of `theme`."""
        self._have_lines(len(vectors.values))
        self._name(vectors, theme)
        self._dress(theme)
        across, values = level(vectors.shares, vectors.values)
        for index, lines in enumerate(values):
            joined = np.ones(lines.shape, np.uint8)
            joined[:, -1] = 0
            self.samples[index].setData(np.tile(across, len(lines)), lines.ravel(), connect=joined.ravel())
            self.means[index].setData(across, lines.mean(axis=0))
        low, high = scale
        room = _ROOM * (high - low)
        self.getViewBox().set_home((float(across[0]), float(across[-1])), (low - room, high + room))

    def _have_lines(self, count: int) -> None:
        for lines, above in ((self.samples, 1), (self.means, 2)):
            while len(lines) > count:
                self.removeItem(lines.pop())
            while len(lines) < count:
                lines.append(pg.PlotCurveItem())
                lines[-1].setSegmentedLineMode("on" if above == 1 else "off")  # faint lines are darker where they cross
                lines[-1].setZValue(above)
                self.addItem(lines[-1])

    def _name(self, vectors: Vectors, theme: Theme) -> None:
        self._words.setFont(bold(SMALL) if vectors.shown else font(SMALL))
        self._words.setBrush(QColor(theme.ink))
        self._words.setText(f"h = {vectors.delays}{' (shown)' * vectors.shown}")
        self.getAxis("bottom").show_shares(*vectors.shares[[0, -1]].tolist(), long_name="s at the newest state")

    def _dress(self, theme: Theme) -> None:
        dress_axes(self, theme, grid=False)
        self.getViewBox().setBorder(plot_pen(theme.line))
        self._zero.setPen(plot_pen(theme.line))
        for index, (samples, mean) in enumerate(zip(self.samples, self.means, strict=True)):
            colour = vector_colour(index, theme)
            mean.setPen(plot_pen(colour, 2.2, vector_style(index)))
            faint = QColor(colour)
            faint.setAlphaF(_FAINT)
            samples.setPen(hair_pen(faint))


def level(shares: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return x and y of lines through `values` (vectors, samples, windows); a single window becomes a level line."""
    if len(shares) > 1:
        return shares, values.astype(float)
    return np.array([shares[0] - 0.05, shares[0] + 0.05]), np.repeat(values.astype(float), 2, axis=2)


def scale_of(plots: tuple[Vectors, ...]) -> tuple[float, float]:
    """Return the lowest and the highest value of all plots, with 0, all means and most samples between them."""
    means = [
        float(extreme) for one in plots for extreme in (one.values.mean(axis=1).min(), one.values.mean(axis=1).max())
    ]
    everything = np.concatenate([one.values.ravel() for one in plots]) if plots else np.ones(1)
    low, high = np.percentile(everything, [_OUTSIDE, 100 - _OUTSIDE])
    low, high = min([0.0, float(low), *means]), max([0.0, float(high), *means])
    return (low, high) if high > low else (-1.0, 1.0)


def vector_colour(index: int, theme: Theme) -> QColor:
    """Return the colour of the vector at an index, with enough contrast to the panel's background."""
    return seen(QColor(_COLOURS[index % len(_COLOURS)]), theme)


def vector_style(index: int) -> Qt.PenStyle:
    """Return the line style of the vector at an index."""
    return _STYLES[index % len(_STYLES)]


def reading(vectors: Vectors, window: int) -> str:
    """Return the means of all vectors at a window, as text."""
    lines = [f"v{i + 1}: {minus(f'{value:.3f}')}" for i, value in enumerate(vectors.values.mean(axis=1)[:, window])]
    where = f"<b>h = {vectors.delays}, z[{window}]</b> up to s = {vectors.shares[window]:.2f}"
    return f"{where}, mean of {vectors.values.shape[1]} samples<br>" + "<br>".join(lines)
