"""A view that can be zoomed and finds its way back: what is home, and what moves it."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

from koopview.gui.plots.plot import quiet_plot


@pytest.fixture
def plot(qtbot):
    """A plot on screen, which lives as long as the test."""
    made = quiet_plot("plot", "A plot")
    qtbot.addWidget(made)
    made.resize(500, 300)
    made.show()
    return made


@pytest.fixture
def view(plot):
    """The view of a plot whose home is 0 to 10 and −1 to 1."""
    plot.getViewBox().set_home((0, 10), (-1, 1))
    return plot.getViewBox()


def test_home_is_seen_with_room_around_it(view):
    np.testing.assert_allclose(view.viewRange(), [(0, 10), (-1, 1)])
    view.set_home((0, 10), (-1, 1), padding=0.1)
    np.testing.assert_allclose(view.viewRange(), [(-1, 11), (-1.2, 1.2)])


def test_a_close_up_stays_while_home_does_and_goes_with_it(view):
    view.setRange(xRange=(2, 3), padding=0)
    view.set_home((0, 10), (-1, 1))
    np.testing.assert_allclose(view.viewRange()[0], (2, 3))
    view.set_home((0, 20), (-1, 1))
    np.testing.assert_allclose(view.viewRange()[0], (0, 20))


def test_the_key_home_leads_back(view):
    view.scaleBy((0.5, 0.5))
    view.keyPressEvent(QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Home, Qt.KeyboardModifier.NoModifier))
    np.testing.assert_allclose(view.viewRange(), [(0, 10), (-1, 1)])


def test_what_keeps_its_proportions_is_whole(view):
    view.setAspectLocked(True)
    view.set_home((0, 28), (0, 28))
    (left, right), (low, high) = view.viewRange()
    assert left <= 0.01
    assert right >= 27.99
    assert low <= 0.01
    assert high >= 27.99
