"""A panel that fills the window and comes back, and the layouts of the View menu."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QWidget

from koopview.gui.widgets.workspace import LAYOUTS


def action(window, name):
    return window.findChild(QAction, name)


def boxes(window):
    """The place of every panel that is there to see."""
    QApplication.processEvents()
    panels = {name: getattr(window, name) for name in ("eigenvalues", "accuracy", "meaning", "trajectory", "network")}
    panels |= {"results": window.results, "fit": window.fit_panel}
    return {name: (one.mapTo(window, QPoint(0, 0)), one.size()) for name, one in panels.items() if one.isVisible()}


def head(panel):
    return QPoint(panel.width() // 2, panel.head.geometry().center().y())


@pytest.mark.parametrize("name", ["eigenvalues", "meaning", "trajectory", "fit_panel"])
def test_a_double_click_on_the_head_lets_a_panel_fill_the_window_and_another_puts_it_back(fitted, qtbot, name):
    window, before = fitted.window, boxes(fitted.window)
    panel = getattr(window, name)
    qtbot.mouseDClick(panel, Qt.MouseButton.LeftButton, pos=head(panel))
    (seen,) = boxes(window).values()
    assert seen[1].width() > 0.95 * window.workspace.width()
    assert seen[1].height() > 0.95 * window.workspace.height()
    qtbot.mouseDClick(panel, Qt.MouseButton.LeftButton, pos=head(panel))
    assert boxes(window) == before


def test_a_double_click_below_the_head_enlarges_nothing(fitted, qtbot):
    panel = fitted.window.accuracy
    qtbot.mouseDClick(panel, Qt.MouseButton.LeftButton, pos=panel.rect().bottomRight() - QPoint(4, 4))
    assert fitted.window.workspace.enlarged is None


def test_the_key_enlarges_the_panel_with_the_focus_and_escape_puts_it_back(fitted, qtbot):
    window, before = fitted.window, boxes(fitted.window)
    window.activateWindow()
    window.results.tabs.tabBar().setFocus()
    action(window, "enlargeAction").trigger()
    assert window.workspace.enlarged is window.results
    assert list(boxes(window)) == ["results"]
    fitted.session.work()  # Esc belongs to the enlarged panel first
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.workspace.enlarged is None
    assert boxes(window) == before
    assert fitted.session.calls == []
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert fitted.session.calls == [("stop",)]


def test_an_enlarged_panel_survives_present_mode_and_another_size(fitted):
    window = fitted.window
    window.workspace.enlarge(window.eigenvalues)
    window.presenting.enter(full_screen=False)
    window.presenting.leave()
    assert window.workspace.enlarged is window.eigenvalues
    assert action(window, "stopAction").shortcut().isEmpty()
    window.resize(1000, 560)
    assert list(boxes(window)) == ["eigenvalues"]
    window.enlarging.put_back()
    assert set(boxes(window)) == {"eigenvalues", "accuracy", "fit"}  # the others fold in so small a window


def test_what_is_remembered_is_the_layout_without_the_enlarged_panel(fitted):
    workspace = fitted.window.workspace
    before = workspace.states()
    workspace.enlarge(fitted.window.trajectory)
    assert workspace.states() == before


@pytest.mark.parametrize("name", list(LAYOUTS))
def test_layouts_leave_out_what_they_say_and_are_remembered(fitted, session, name):
    from koopview.gui.looks.appearance import Appearance
    from koopview.gui.window import MainWindow

    everything = {"eigenvalues", "accuracy", "meaning", "trajectory", "network", "results", "fit"}
    fitted.window.workspace.enlarge(fitted.window.accuracy)
    action(fitted.window, f"layout{name.title()}Action").trigger()
    assert set(boxes(fitted.window)) == everything - set(LAYOUTS[name])
    later = MainWindow(session, Appearance("light"), keeps_layout=False)
    later.workspace.restore(fitted.window.workspace.states())
    later.show()
    assert set(boxes(later)) == everything - set(LAYOUTS[name])


def test_every_panel_has_a_way_to_grow_that_is_told(fitted):
    named = [one.accessibleName() for one in fitted.window.findChildren(QWidget) if "nlarge" in one.accessibleName()]
    assert {"Enlarge Eigenvalues", "Enlarge Hybrid accuracy", "Enlarge What it means", "Enlarge Trajectory"} <= {*named}
    assert "Enlarge Further results" in named


def test_a_panel_enlarged_in_a_small_window_leaves_the_heights_of_the_large_one(fitted):
    window = fitted.window
    window.resize(1280, 800)
    before = boxes(window)
    window.resize(960, 540)
    boxes(window)
    window.workspace.enlarge(window.results)
    boxes(window)
    window.enlarging.put_back()
    window.resize(1280, 800)
    assert boxes(window) == before
