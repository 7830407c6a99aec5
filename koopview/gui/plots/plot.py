"""pyqtgraph plots in the window's theme (pyqtgraph itself ignores the palette, pyqtgraph issue 1588)."""

from typing import Any

import pyqtgraph as pg

from koopview.gui.looks.pens import plot_pen, thickness
from koopview.gui.looks.theme import SMALL, Theme, font
from koopview.gui.plots.plain_plot import AXES, PlainPlotWidget

pg.setConfigOptions(antialias=True)


def quiet_plot(name: str, accessible: str, plot: Any = None) -> Any:
    """Return a plot widget (`plot`, or a new one) without frame or tick marks, named `name`."""
    plot = PlainPlotWidget() if plot is None else plot
    plot.setObjectName(name)
    plot.setAccessibleName(accessible)
    plot.setFrameShape(plot.Shape.NoFrame)
    quiet_axes(plot)
    return plot


def quiet_axes(plot: Any) -> None:
    """Give the axes of a plot, a widget or an item, small numbers and no tick marks."""
    for name_of_axis in AXES:
        axis = plot.getAxis(name_of_axis)
        axis.setZValue(-1000)  # below the curves
        axis.enableAutoSIPrefix(False)  # it would write "Im λ (×0.001)" for small values
        axis.setStyle(tickFont=font(SMALL), tickTextOffset=6, tickLength=0, autoExpandTextSpace=False, maxTickLevel=0)
        axis.label.setFont(font(SMALL))


def enlarge_plot(plot: Any, zoom: float) -> None:
    """Enlarge the texts of a plot's axes `zoom` times, for a projector."""
    for name in AXES:
        axis = plot.getAxis(name)
        axis.setStyle(tickFont=font(round(SMALL * zoom)), tickTextOffset=round(6 * zoom))
        axis.setStyle(tickTextWidth=round(30 * zoom), tickTextHeight=round(18 * zoom))
        axis.label.setFont(font(round(SMALL * zoom)))
        axis.setWidth() if name == "left" else axis.setHeight()


def name_axes(plot: Any, theme: Theme, left: str, bottom: str) -> None:
    """Label the axes of `plot`; an unchanged label is not laid out again."""
    for name, text in zip(AXES, (left, bottom), strict=True):
        axis = plot.getAxis(name)
        if (axis.labelText, axis.labelStyle.get("color")) != (text, theme.muted):
            plot.setLabel(name, text, color=theme.muted)


def dress_plot(plot: Any, theme: Theme, grid: bool = True) -> None:
    """Give `plot` the colours of `theme`, only if they change: each new pen of an axis lays out its label again."""
    wears = (theme, thickness())
    if getattr(plot, "wears", None) == wears:
        return
    plot.wears = wears
    plot.setBackground(theme.panel)
    dress_axes(plot, theme, grid)


def dress_axes(plot: Any, theme: Theme, grid: bool = True) -> None:
    """Give the axes of a plot, a widget or an item, the colours of `theme`, and a `grid` at their numbers."""
    for name in AXES:
        axis = plot.getAxis(name)
        axis.setPen(plot_pen(theme.grid))
        axis.setTextPen(plot_pen(theme.muted))
        axis.setTickPen(plot_pen(theme.grid))
        axis.setGrid(255 if grid else False)
