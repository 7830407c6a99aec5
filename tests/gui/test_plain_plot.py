"""A plot of a view and two axes shows what pyqtgraph's own plot shows."""

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtWidgets import QWidget

from koopview.gui.plots.plain_plot import PlainPlotWidget

X, Y = np.array([1.0, 2.0, 4.0]), np.array([1e-3, 1.0, 1e4])


@pytest.fixture
def both(qtbot):
    plots = PlainPlotWidget(), pg.PlotWidget()
    for plot in plots:
        qtbot.addWidget(plot)
        plot.resize(300, 200)
        plot.show()
    return plots


@pytest.mark.parametrize("logarithmic", [False, True])
@pytest.mark.parametrize("before", [True, False])
def test_items_are_seen_on_both_scales_added_before_or_after(both, logarithmic, before):
    ranges = []
    for plot in both:
        if before:
            plot.setLogMode(y=logarithmic)
        plot.addItem(pg.PlotDataItem(X, Y))
        if not before:
            plot.setLogMode(y=logarithmic)
        plot.getViewBox().updateAutoRange()
        ranges.append(plot.getViewBox().viewRange())
    np.testing.assert_allclose(*ranges, rtol=0.02)  # the room inside depends on the axes' numbers


def test_ranges_proportions_and_axes_follow_as_in_pyqtgraphs(both):
    seen = []
    for plot in both:
        plot.setRange(xRange=(0, 3), yRange=(-1, 1), padding=0)
        plot.showAxis("left", False)
        plot.setLabel("bottom", "h", color="#123456")
        seen.append((plot.viewRange(), plot.getAxis("left").isVisible(), plot.getAxis("bottom").labelString()))
        plot.setAspectLocked(True)
        seen[-1] += (plot.getViewBox().getAspectRatio(),)
    assert seen[0] == seen[1]


def test_an_item_that_is_removed_is_gone(both):
    plot, item = both[0], pg.PlotCurveItem(X, Y)
    plot.addItem(item)
    assert item.scene() is plot.scene()
    plot.removeItem(item)
    assert item.scene() is None


def test_its_widgets_are_those_of_an_empty_view(both):
    """Each of pyqtgraph's has 43 more, in a menu that is never opened."""
    empty = pg.GraphicsView()
    assert len(both[0].findChildren(QWidget)) == len(empty.findChildren(QWidget))
    assert not hasattr(both[0].plot_item, "ctrlMenu")
    empty.close()


def test_events_reach_the_view_not_the_plot(both):
    """pyqtgraph asks an item for a method before it sends an event, so that the plot must have none of the view's."""
    assert not any(hasattr(both[0].plot_item, name) for name in ("mouseDragEvent", "mouseClickEvent", "hoverEvent"))
