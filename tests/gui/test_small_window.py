"""Small screens: everything fits a window of 960 x 540 or can be reached in it, and a smaller one is refused."""

import itertools

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QScrollArea, QToolButton

from koopview.arguments import window_options
from koopview.errors import InputError
from koopview.gui.application import keep_on_screen
from koopview.gui.looks.theme import UNIT
from koopview.gui.plots.bars import BESIDE, SHORTEST, Bar, Bars
from koopview.gui.plots.curve import ROOM_ABOVE, seen_heights
from koopview.values import LEAST_SIZE

SMALL, LARGE = (960, 540), (1440, 900)


ALL = {"network", "trajectory", "results", "fit", "meaning"}
FOLDED = ("Network", "Trajectory", "Further results", "What it means")


def sized(window, size):
    window.resize(*size)
    QApplication.processEvents()
    return window


def shown(window):
    docks = {name for name, dock in window.workspace.docks.items() if dock.isVisible()}
    return docks | ({"meaning"} if window.meaning.isVisible() else set())


def button(window, text):
    found = [one for one in window.status.findChildren(QToolButton) if one.text() == text]
    assert len(found) == 1
    return found[0]


def middle(window):
    """The area in which the panels of the top row are moved."""
    return next(area for area in window.workspace.findChildren(QScrollArea) if area.isAncestorOf(window.eigenvalues))


def test_the_window_fits_960_by_540(fitted):
    window = sized(fitted.window, (200, 200))
    assert LEAST_SIZE == SMALL
    assert (window.width(), window.height()) == SMALL
    least = window.minimumSizeHint()
    assert least.width() <= SMALL[0]
    assert least.height() <= SMALL[1]


def test_the_pair_is_seen_whole_in_a_small_window(fitted):
    window = sized(fitted.window, SMALL)
    seen = middle(window).viewport()
    for panel in (window.eigenvalues, window.accuracy):
        corner = panel.mapTo(seen, panel.rect().bottomRight())
        assert seen.rect().contains(corner)


def test_docks_fold_where_they_have_no_room_and_come_back(fitted):
    window = sized(fitted.window, LARGE)
    assert shown(window) == ALL
    assert not button(window, "Network").isVisible()
    sized(window, SMALL)
    assert shown(window) == {"fit"}
    assert all(button(window, text).isVisible() for text in FOLDED)
    sized(window, (1060, 768))
    assert shown(window) == ALL - {"network"}
    sized(window, LARGE)
    assert shown(window) == ALL


def test_a_folded_dock_opens_in_a_small_window_and_the_middle_scrolls(fitted):
    window = sized(fitted.window, SMALL)
    for text in FOLDED:
        button(window, text).click()
    QApplication.processEvents()
    assert shown(window) == ALL
    assert (window.width(), window.height()) == SMALL
    area = middle(window)
    for bar in (area.verticalScrollBar(), area.horizontalScrollBar()):
        assert bar.maximum() > 0
        bar.setValue(bar.maximum())
    corner = window.meaning.mapTo(area.viewport(), window.meaning.rect().bottomRight())
    assert area.viewport().rect().contains(corner)


def test_what_a_person_hides_stays_hidden(fitted):
    window = sized(fitted.window, LARGE)
    window.workspace.docks["network"].toggleViewAction().trigger()
    for size in (SMALL, LARGE):
        sized(window, size)
    assert shown(window) == ALL - {"network"}
    assert button(window, "Network").isVisible()


def test_what_was_folded_comes_back_in_a_larger_window_of_the_next_start(fitted, session, qtbot):
    from reference.windows import main_window

    sized(fitted.window, SMALL)
    states = fitted.window.workspace.states()
    for size, there in ((SMALL, {"fit"}), (LARGE, ALL)):
        later = main_window(session, keeps_layout=False)
        later.workspace.restore(states)
        later.show()
        assert shown(sized(later, size)) == there


@pytest.mark.parametrize("ends", [[SMALL], [(1920, 1080)], [SMALL, (960, 800)]])
def test_the_panels_below_keep_their_share_of_the_window_of_the_next_start(fitted, session, ends):
    """A window closed while small, or on a large screen, left the next one a stage of few rows."""
    from reference.windows import main_window

    def share(window):
        stage = window.workspace.top.parentWidget().height()
        return stage / (stage + window.results.height())

    usual = share(sized(fitted.window, LARGE))
    for size in ends:
        sized(fitted.window, size)
    later = main_window(session, keeps_layout=False)
    later.workspace.restore(fitted.window.workspace.states())
    later.show()
    for size in (*ends, LARGE):
        sized(later, size)
    assert share(later) == pytest.approx(usual, abs=0.02)


def test_the_first_layout_comes_back_in_a_small_window_too(fitted):
    window = sized(fitted.window, SMALL)
    button(window, "Network").click()
    window.actions_by_name["reset_layout"].trigger()
    QApplication.processEvents()
    assert shown(window) == {"fit"}


def test_no_words_of_the_bars_above_and_below_are_cut_off(fitted):
    window = sized(fitted.window, SMALL)
    for bar in (window.tools, window.status):
        for widget in [*bar.findChildren(QToolButton), *bar.findChildren(QLabel)]:
            if widget.isVisible() and widget.objectName() != "qt_toolbar_ext_button":
                assert widget.width() >= widget.minimumSizeHint().width()
                assert bar.rect().contains(widget.geometry())


@pytest.mark.parametrize("asked", ["640x480", "959x540", "960x539"])
def test_a_size_below_the_least_is_refused_with_both(asked):
    with pytest.raises(InputError, match=f"'{asked}' is too small for the window, expected at least 960x540"):
        window_options(["--size", asked])


def test_the_least_size_is_taken():
    assert window_options(["--size", "960x540"]).size == SMALL


def test_a_window_larger_than_its_screen_opens_as_large_as_that(window):
    window.hide()
    window.resize(1280, 800)
    keep_on_screen(window, QSize(1600, 1000))
    assert (window.width(), window.height(), window.isMaximized()) == (1280, 800, False)
    keep_on_screen(window, QSize(1024, 768))
    assert window.isMaximized()
    assert window.normalGeometry().size() == QSize(1024, 768)


def bars_of(qtbot, width):
    bars = Bars("Accuracies")
    qtbot.addWidget(bars)
    bars.resize(width, 120)
    bars.show_bars([Bar("hybrid", 0.9, "hybrid", "diamond", interval=(0.89, 0.91))])
    return bars


def test_short_bars_get_the_room_of_what_stands_beside_the_figures(qtbot):
    long, short = bars_of(qtbot, 400), bars_of(qtbot, 260)
    assert long.track(0).width() >= SHORTEST
    assert short.track(0).width() >= SHORTEST
    assert long.width() - long.track(0).right() == pytest.approx(short.width() - short.track(0).right() + BESIDE)


@pytest.mark.parametrize("height", [24, 33, 48, 70, 120, 400])
@pytest.mark.parametrize(("low", "top"), [(60, 100), (50, 100), (0, 100), (90, 100), (-1.0, 1.0)])
def test_numbers_beside_the_curve_stand_clear_of_each_other_and_of_the_edges(low, top, height):
    digits = 0 if top > 1 else 2
    heights = seen_heights(low, top, height, digits)
    pixels = [(one - low) / (top - low) / ROOM_ABOVE * height for one in heights]
    assert len(heights) >= (2 if height >= 33 else 1)
    assert all(later - one >= 14 for one, later in itertools.pairwise(pixels))
    assert all(low <= one <= top for one in heights)
    assert [round(one, digits) for one in heights] == pytest.approx(heights, abs=1e-9)  # none is written rounded


def test_a_window_made_small_and_large_again_has_its_panels_as_high_as_before(fitted):
    """The panels below fold on the way; their share of the height is that from before."""
    window = fitted.window
    window.resize(1280, 800)
    QApplication.processEvents()
    before = window.workspace.docks["results"].height()
    for size in ((960, 540), (1280, 800)):
        window.resize(*size)
        QApplication.processEvents()
    assert window.workspace.docks["results"].isVisible()
    assert abs(window.workspace.docks["results"].height() - before) <= 2


def drag(widget, kind, at):
    """Send a press, move or release of the left button; QTest's moves come without a button."""
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    event_type = QEvent.Type.MouseMove if kind == "Move" else QEvent.Type[f"MouseButton{kind}"]
    button, held = (none if kind == "Move" else left), (none if kind == "Release" else left)
    place, modifiers = QPointF(at), Qt.KeyboardModifier.NoModifier
    event = QMouseEvent(event_type, place, QPointF(widget.mapToGlobal(at)), button, held, modifiers)
    QApplication.sendEvent(widget, event)
    QTest.qWait(20)  # the edge follows a moment later


def test_lower_panels_have_the_widths_again_that_a_person_gave_them(fitted):
    """Panels at the sides fold on the way, and the right one of the lower panels is at its least in between."""
    window = sized(fitted.window, LARGE)
    docks = window.workspace.docks
    yard = docks["trajectory"].parentWidget()
    edge = docks["trajectory"].geometry().bottomRight() + QPoint(UNIT // 2, -60)
    for kind, right in (("Press", 0), ("Move", 30), ("Move", 70), ("Release", 70)):
        drag(yard, kind, edge + QPoint(right, 0))
    chosen = {name: dock.width() for name, dock in docks.items()}
    assert chosen["trajectory"] > chosen["results"] + 60
    for size in (SMALL, (1100, 700), (1280, 800), LARGE):
        sized(window, size)
    assert {name: dock.width() for name, dock in docks.items()} == chosen
    window.workspace.enlarge(window.trajectory)
    window.enlarging.put_back()
    for size in (SMALL, LARGE):
        sized(window, size)
    assert {name: dock.width() for name, dock in docks.items()} == chosen


@pytest.mark.parametrize("size", [(1280, 800), (960, 540), (1920, 1080)])
def test_the_ends_of_the_residuals_colours_stand_clear_of_the_buttons(fitted, size):
    panel = sized(fitted.window, size).eigenvalues
    bar, button = panel.bar, panel.contours
    assert bar.width() >= bar.minimumWidth()
    right, left = bar.geometry().right(), button.geometry().left()
    assert right + UNIT <= left or button.y() > bar.geometry().bottom()


def test_the_sweeps_fields_and_views_are_whole_in_a_narrow_tab(fitted):
    window = sized(fitted.window, (1280, 800))
    sweep = window.results.sweep
    window.results.open_sweep()
    sweep.views.show()  # as with the first cell
    QTest.qWait(20)
    parts = (*sweep.views.findChildren(QToolButton), sweep.delays, sweep.ranks, sweep.start)
    boxes = [QRect(part.mapTo(sweep, QPoint(0, 0)), part.size()) for part in parts]
    assert all(part.width() >= part.minimumSizeHint().width() for part in parts)
    assert not any(one.intersects(other) for one, other in itertools.combinations(boxes, 2))
