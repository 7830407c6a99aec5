"""Present mode: what it shows, that a room can read it, and the way back."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QObject, Qt

from koopview.gui.looks.theme import DARK, SMALL
from koopview.gui.present.page import ZOOM, smallest_text


@pytest.fixture
def presented(fitted):
    """The window in present mode at the size of a projector."""
    fitted.window.presenting.enter(full_screen=False)
    fitted.window.resize(1920, 1080)
    fitted.page = fitted.window.presenting.page
    return fitted


def test_f11_shows_the_chosen_panels_alone_and_f11_or_esc_come_back(fitted, qtbot):
    window = fitted.window
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    for leave in (Qt.Key.Key_F11, Qt.Key.Key_Escape):
        qtbot.keyClick(window, Qt.Key.Key_F11)
        page = window.presenting.page
        assert window.isFullScreen()
        assert page.isVisible()
        assert not window.workspace.isVisible()
        assert not any(bar.isVisible() for bar in (window.menuBar(), window.tools, window.status))
        assert [part.isVisible() for part in (page.plane.widget, page.bars, page.chooser, page.grid)] == [True] * 3 + [
            False
        ]
        qtbot.keyClick(page, leave)
        assert not window.isFullScreen()
        assert window.workspace.isVisible()
        assert window.tools.isVisible()


def test_esc_leaves_even_while_something_runs_and_stops_it_again_in_the_window(presented, qtbot):
    presented.session.work()
    qtbot.keyClick(presented.page, Qt.Key.Key_Escape)
    assert not presented.window.presenting.active
    assert presented.session.calls == []
    qtbot.keyClick(presented.window, Qt.Key.Key_Escape)
    assert presented.session.calls == [("stop",)]


def test_the_smallest_text_is_legible_from_eight_metres(presented):
    """On a picture 2 m wide a capital of 10 minutes of arc at 8 m, twice the limit of normal sight, is 23 mm high."""
    millimetres_a_pixel = 2000 / 1920
    assert smallest_text(ZOOM) * millimetres_a_pixel >= 8000 * 2.9089e-4 * 8.5
    tick = presented.page.plane.widget.getAxis("left").style["tickFont"]
    assert tick.pixelSize() == round(SMALL * ZOOM)


def test_lines_and_points_grow_too(presented):
    before, after = presented.window.eigenvalues.plane, presented.page.plane
    assert after._circle.opts["pen"].widthF() >= 1.7 * before._circle.opts["pen"].widthF()
    assert after._points.data["size"].max() == pytest.approx(ZOOM * before._points.data["size"].max())


def test_it_shows_the_result_on_screen_and_follows(presented, make):
    page = presented.page
    assert page.bars.rows() == presented.window.accuracy.bars.rows()
    assert page.above.text() == presented.window.accuracy.above.text()
    assert page.title.text() == "Yin-Yang — layer 2"
    other = make.result(replace(make.settings, delays=3))
    presented.session.finish(other)
    assert dict(row[:2] for row in page.bars.rows())["hybrid"] == f"{other.accuracy['hybrid']:.6g}"
    assert page.chooser.delays.value() == 3
    assert "0.10" in page.lift.text()


def test_what_no_longer_matches_the_sliders_is_dimmed(presented, qtbot):
    veils = presented.page._veils
    presented.page.chooser.delays.setValue(4)
    qtbot.waitUntil(lambda: all(veil.isVisibleTo(presented.page) for veil in veils[:2]))
    presented.session.finish(presented.result)
    assert not any(veil.isVisible() for veil in veils)


def test_its_sliders_and_layers_ask_the_session(presented):
    chooser, asked = presented.page.chooser, presented.session.requests
    chooser.rank.setValue(11)
    assert asked[-1].rank == 11
    chooser.delays.setValue(4)
    assert asked[-1].delays == 4
    chooser._group.button(2).click()
    assert (asked[-1].layer, asked[-1].replaced) == ("4", ("4",))


def test_the_trajectory_is_there_on_request_and_the_theme_changes(presented):
    page = presented.page
    page.paths.click()
    assert page.grid.isVisible()
    assert len(page.grid.rows()) == presented.result.settings.steps + 2
    page.dark.click()
    assert page._theme is DARK
    assert presented.window.appearance.theme is DARK


def test_a_failure_is_told_there_too(presented):
    presented.session.failed.emit("the file is gone", "")
    assert presented.window.message.isVisible()
    presented.window.presenting.leave()
    assert presented.window.message.isVisible()


def test_names_of_the_contract_are_still_there_once(presented):
    for name in ("eigenvaluePlot", "rankSlider", "delaySlider", "trajectoryPlot"):
        assert len(presented.window.findChildren(QObject, name)) == 1, name


def test_eigenvalues_that_are_one_blob_fill_the_projector_too(presented, make):
    values = 1 + 0.05 * (presented.result.fitted_eigenvalues - 1)
    crowd = replace(presented.result, settings=replace(make.settings, delays=2), eigenvalues=values)
    presented.session.finish(replace(crowd, fitted_eigenvalues=values))
    assert presented.page.plane.widget.getViewBox().viewRange()[1][1] < 0.5
