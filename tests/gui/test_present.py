"""Present mode: what it shows, that a room can read it, and the way back."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QObject, QPointF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from koopview.gui.looks.appearance import remembered_choice
from koopview.gui.looks.theme import DARK, LIGHT, SMALL
from koopview.gui.present.large import smallest_text
from koopview.gui.present.page import ZOOM
from koopview.gui.present.sentence import sentence
from koopview.gui.present.slow_sweep import STEP_MS
from koopview.gui.present.stories import YINYANG, story_of
from koopview.study.views import BoundaryView, ChangedView


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
        pictures = (page.plane.widget, page.bars, page.curve.widget, page.meaning, page.chooser)
        assert all(part.isVisible() for part in pictures)
        assert not page.grid.isVisible()
        qtbot.keyClick(page, leave)
        assert not window.isFullScreen()
        assert window.workspace.isVisible()
        assert window.tools.isVisible()


def test_esc_leaves_even_while_something_runs_and_stops_it_again_in_the_window(presented, qtbot):
    presented.session.work()
    qtbot.keyClick(presented.page, Qt.Key.Key_Escape)
    assert not presented.window.presenting.active
    assert ("stop",) not in presented.session.calls
    qtbot.keyClick(presented.window, Qt.Key.Key_Escape)
    assert presented.session.calls[-1] == ("stop",)


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


def test_a_page_without_a_picture_says_what_to_do(window):
    window.presenting.enter(full_screen=False)
    assert "choose a built-in study" in window.presenting.page.sentence.text()
    window.session.work()
    assert window.presenting.page.sentence.text() == "The first picture is on its way…"


def test_it_shows_the_result_on_screen_and_follows(presented, make):
    page = presented.page
    assert page.bars.rows() == presented.window.accuracy.bars.rows()
    assert page.title.text() == "Layer 2, 8 → 6, as one linear operator"
    assert page.sentence.text() == sentence(presented.result)
    other = make.result(replace(make.settings, delays=3))
    presented.session.finish(other)
    assert dict(row[:2] for row in page.bars.rows())["hybrid"] == f"{other.accuracy['hybrid']:.6g}"
    assert page.chooser.delays.value() == 3
    assert "0.10" in page.caption.text()
    assert page.sentence.text() == sentence(other)
    assert page.sentence.text().startswith("Three delays see 10 % of the path.")


def test_the_grey_lines_of_the_curve_are_named(presented):
    QApplication.processEvents()
    assert presented.page.caption.drawn() == "over delays h · ■ affine of lift ┄ affine"


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
    assert presented.window.appearance.choice == "light"


@pytest.mark.parametrize("size", [(1920, 1080), (960, 540)])
def test_a_long_failure_is_readable_and_moves_no_picture(presented, size):
    window, page = presented.window, presented.page
    window.resize(*size)
    QApplication.processEvents()
    parts = (page.plane.widget, page.right, page.meaning, page.chooser)
    before = [part.geometry() for part in parts]
    name = "a_study_with_a_name_that_no_panel_has_room_for_" * 3
    presented.session.failed.emit(f"{name} cannot be opened: {'it is cut in the middle of a record ' * 8}", "")
    QApplication.processEvents()
    assert [part.geometry() for part in parts] == before
    sentence = window.message.sentence
    assert sentence.height() >= sentence.heightForWidth(sentence.width())
    assert page.shelf.geometry().contains(window.message.geometry().translated(page.shelf.pos()))
    assert page.rect().contains(page.shelf.geometry())
    window.message.shut.click()
    QApplication.processEvents()
    assert page.shelf.height() == 0


def test_light_and_dark_are_of_this_room_and_the_window_has_its_own_theme_again(presented, qtbot):
    window = presented.window
    window.appearance._remembers = True
    before = remembered_choice()
    qtbot.keyClick(presented.page, Qt.Key.Key_L)
    assert window.appearance.theme is DARK
    assert remembered_choice() == before
    qtbot.keyClick(presented.page, Qt.Key.Key_Escape)
    assert window.appearance.theme is LIGHT
    assert presented.page.theme is LIGHT


def test_a_presets_own_dark_page_turns_light_by_the_first_key(presented, qtbot):
    page = presented.page
    page.show_preset(replace(page.preset, theme="dark"), LIGHT)
    assert page.theme is DARK
    qtbot.keyClick(page, Qt.Key.Key_L)
    assert page.theme is LIGHT


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


# The third picture ---------------------------------------------------------------------------------------------------


def changed_view():
    """Two changed samples in a plane whose left half is of class 0, in the hybrid all of class 1."""
    left = np.repeat([[0, 1]], 8, axis=0).repeat(4, axis=1)
    plane = BoundaryView((0.0, 1.0, 0.0, 1.0), left, np.ones_like(left), ("yin", "yang"))
    first = np.zeros(2, int)
    points = np.array([[0.2, 0.3], [0.3, 0.8]], np.float32)
    return ChangedView(50, np.array([3, 4]), first, first + 1, first, np.ones(2), ("yin", "yang"), None, plane, points)


def test_what_it_means_is_the_third_picture_and_is_made_while_it_is_there(presented):
    assert presented.session.watched["meaning", "present"]
    presented.session.view_changed.emit("meaning", changed_view())
    page = presented.page
    assert page.pages.summary.text().replace("\u00a0", " ") == "2 of 50 changed: 2 became wrong, 0 right"
    assert "2 of 50" in page.meaning.accessibleDescription().replace("\u00a0", " ")
    image = QImage(page.meaning.size(), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    page.meaning.render(painter)
    painter.end()
    height, width = image.height(), image.width()
    colours = {image.pixelColor(x, y).name() for x in range(0, width, 3) for y in range(0, height, 3)}
    assert len(colours) > 10  # a picture, not an empty ground
    presented.window.presenting.leave()
    assert not presented.session.watched["meaning", "present"]


@pytest.mark.parametrize("size", [(1920, 1080), (1280, 720), (1024, 768)])
def test_all_of_the_page_is_used_and_nothing_is_cut(presented, size):
    presented.window.resize(*size)
    QApplication.processEvents()
    page = presented.page
    assert (page.width(), page.height()) == size
    pictures = (page.plane.widget, page.right, page.meaning)
    least = page.layout().totalMinimumSize()
    assert least.width() <= size[0]
    assert least.height() <= size[1]
    across = sum(part.width() for part in pictures)
    assert across >= 0.9 * size[0] - 2 * 24
    assert min(part.height() for part in pictures) >= 0.5 * size[1]
    assert page.sentence.heightForWidth(page.sentence.width()) <= page.sentence.height()
    assert page.foot.keys.fontMetrics().horizontalAdvance(page.foot.keys.text()) <= page.foot.keys.width()


# Keys ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def lectured(presented, qtbot):
    """Present mode in the active window, whose keys a test presses."""
    presented.window.activateWindow()
    qtbot.waitUntil(presented.window.isActiveWindow)
    presented.press = lambda key: qtbot.keyClick(presented.window.focusWidget() or presented.page, key)
    return presented


def test_left_and_right_go_from_layer_to_layer(lectured):
    asked = lectured.session.requests
    lectured.press(Qt.Key.Key_Right)
    assert (asked[-1].layer, asked[-1].replaced) == ("4", ("4",))
    for _ in range(9):
        lectured.press(Qt.Key.Key_Left)
    assert asked[-1].layer == "0"
    before = len(asked)
    lectured.press(Qt.Key.Key_Left)
    assert len(asked) == before


def test_left_and_right_are_left_to_a_picture_that_has_the_focus(lectured):
    lectured.page.plane.widget.setFocus()
    lectured.press(Qt.Key.Key_Right)
    assert lectured.session.requests == []
    assert lectured.window.eigenvalues.selection.indices


@pytest.mark.parametrize(("key", "name"), [(Qt.Key.Key_H, "delays"), (Qt.Key.Key_R, "rank")])
def test_a_slider_moves_by_itself_a_step_at_a_time_and_any_key_stops_it(lectured, make, key, name):
    sweep = lectured.page.window().presenting.lecture.sweeper.sweep
    start = getattr(lectured.page.chooser, name).value()
    lectured.press(key)
    assert sweep.running
    assert sweep.timer.interval() == STEP_MS == 500
    sweep.timer.timeout.emit()
    assert getattr(lectured.session.requests[-1], name) == start + 1
    sweep.timer.timeout.emit()  # the step before is not on screen yet
    assert len(lectured.session.requests) == 1
    lectured.session.finish(make.result(lectured.session.settings))
    sweep.timer.timeout.emit()
    assert getattr(lectured.session.requests[-1], name) == start + 2
    lectured.press(Qt.Key.Key_X)
    assert not sweep.running
    for running in (True, False):  # the same key stops what it began
        lectured.press(key)
        assert sweep.running is running


def test_a_sweep_ends_at_the_end_and_begins_again_at_the_start(lectured, make):
    chooser, sweep = lectured.page.chooser, lectured.window.presenting.lecture.sweeper.sweep
    lectured.session.finish(make.result(replace(make.settings, delays=20)))
    lectured.press(Qt.Key.Key_H)
    assert chooser.delays.value() == 1
    lectured.session.finish(make.result(replace(make.settings, delays=20)))
    sweep.timer.timeout.emit()
    assert not sweep.running


def test_one_key_each_for_light_the_pointer_a_black_screen_and_the_line_of_keys(lectured):
    lecture, page = lectured.window.presenting.lecture, lectured.page
    lectured.press(Qt.Key.Key_L)
    assert page.theme is DARK
    lectured.press(Qt.Key.Key_P)
    assert lecture.pointer.isVisible()
    assert QApplication.overrideCursor().shape() == Qt.CursorShape.BlankCursor
    QTest.mouseMove(lectured.window.windowHandle(), page.mapTo(lectured.window, page.rect().center()))
    QApplication.processEvents()
    assert (lecture.pointer.at - QPointF(page.rect().center())).manhattanLength() < 3
    lectured.press(Qt.Key.Key_P)
    assert not lecture.pointer.isVisible()
    assert QApplication.overrideCursor() is None
    lectured.press(Qt.Key.Key_B)
    assert lecture.black.isVisible()
    assert lecture.black.grab().toImage().pixelColor(50, 50).name() == "#000000"
    lectured.press(Qt.Key.Key_B)
    assert not lecture.black.isVisible()
    lectured.press(Qt.Key.Key_K)
    assert not page.foot.isVisible()
    lectured.press(Qt.Key.Key_K)
    assert page.foot.isVisible()


@pytest.mark.parametrize("key", [Qt.Key.Key_PageDown, Qt.Key.Key_Right, Qt.Key.Key_H])
def test_a_key_under_the_black_screen_only_brings_the_picture_back(lectured, key):
    lecture = lectured.window.presenting.lecture
    lectured.press(Qt.Key.Key_B)
    lectured.press(key)
    assert not lecture.black.isVisible()
    assert not lecture.story.begun
    assert not lecture.sweeper.sweep.running
    assert lectured.session.requests == []


def test_esc_leaves_all_of_it_and_the_cursor_is_back(lectured):
    for key in (Qt.Key.Key_P, Qt.Key.Key_B, Qt.Key.Key_PageDown, Qt.Key.Key_H, Qt.Key.Key_Escape, Qt.Key.Key_Escape):
        lectured.press(key)
    lecture = lectured.window.presenting.lecture
    assert not lectured.window.presenting.active
    assert QApplication.overrideCursor() is None
    assert not lecture.story.begun
    assert not lecture.sweeper.sweep.running
    assert lecture.black.isHidden()


def test_the_third_picture_is_gone_through_by_keys_and_says_what_is_chosen(lectured):
    page = lectured.page
    lectured.session.view_changed.emit("meaning", changed_view())
    for _ in range(20):
        lectured.press(Qt.Key.Key_Tab)
        if lectured.window.focusWidget() is page.meaning:
            break
    lectured.press(Qt.Key.Key_Right)
    assert "test sample 4: yin → yang" in page.meaning.accessibleDescription()
    assert lectured.session.requests == []  # Right is the picture's own here


def test_everything_has_a_name(presented):
    page, lecture = presented.page, presented.window.presenting.lecture
    parts = [page, page.meaning, page.curve.widget, page.bars, page.plane.widget, page.grid, page.foot.keys]
    parts += [page.paths, page.dark, page.leave, page.chooser.delays, page.chooser.rank, lecture.black, lecture.pointer]
    assert all(part.accessibleName() for part in parts)


# The story -----------------------------------------------------------------------------------------------------------


def test_page_down_tells_the_story_and_page_up_goes_back(lectured, make):
    page, steps = lectured.page, YINYANG.steps
    lectured.session.open(make.state(model="demo:yinyang"), make.settings)
    lectured.session.finish(make.result(make.settings))
    titles = []
    for index, step in enumerate(steps):
        lectured.press(Qt.Key.Key_PageDown)
        lectured.session.finish(make.result(lectured.session.settings))
        titles.append(page.title.text())
        assert titles[-1] == f"{index + 1} of {len(steps)} · {step.title}"
        assert "–" not in page.sentence.text()
        assert lectured.window.presenting.lecture.story._mark.parent() is page.part(step)
    lectured.press(Qt.Key.Key_PageUp)
    assert page.title.text() == titles[-2]
    for _ in range(2):
        lectured.press(Qt.Key.Key_PageDown)
    assert page.title.text().startswith("Layer 2")  # the story is over
    lectured.session.finish(make.result(lectured.session.settings))
    assert page.sentence.text() == sentence(lectured.session.result)


@pytest.mark.parametrize("keys", [(Qt.Key.Key_Escape,), (Qt.Key.Key_PageUp, Qt.Key.Key_PageUp)])
def test_a_story_gives_back_the_settings_from_before_it(lectured, make, keys):
    before = replace(make.settings, delays=11, rank=7)
    lectured.session.open(make.state(model="demo:yinyang"), before)
    lectured.session.finish(make.result(before))
    for _ in range(2):
        lectured.press(Qt.Key.Key_PageDown)
    assert lectured.session.settings.delays == 1
    for key in keys:
        lectured.press(key)
    assert not lectured.window.presenting.lecture.story.begun
    assert lectured.session.settings == before


def test_a_story_of_a_study_that_was_left_gives_nothing_back(lectured, make):
    lectured.session.open(make.state(model="demo:yinyang"), make.settings)
    lectured.session.finish(make.result(make.settings))
    lectured.press(Qt.Key.Key_PageDown)
    other = replace(make.settings, layer="4", replaced=("4",))
    lectured.session.open(make.state(), other)
    assert lectured.session.settings == other
    assert not lectured.window.presenting.lecture.story.begun


def test_until_a_step_is_fitted_its_numbers_are_dashes(lectured):
    state = replace(lectured.session.state, model="demo:yinyang")
    lectured.session.open(state, lectured.result.settings)
    lectured.press(Qt.Key.Key_PageDown)
    script = story_of(state).based_on(lectured.result.settings)
    assert "– of – points correctly" in script.said(script.steps[0], None)


def test_a_slider_that_is_moved_in_a_story_is_told_by_its_own_numbers(make):
    script = story_of(make.state(model="demo:yinyang")).based_on(make.settings)
    other = make.result(replace(make.settings, delays=3))
    assert script.said(script.steps[0], other) == sentence(other)


@pytest.mark.parametrize("model", ["demo:yinyang", "demo:mnist", "demo:mnist-conv", "demo:mnist-vit", "own.pt"])
def test_every_study_has_a_story_of_six_to_nine_steps_that_fits_its_room(presented, make, model):
    presented.window.resize(1024, 768)
    script = story_of(make.state(model=model)).based_on(make.settings)
    assert 6 <= len(script.steps) <= 9
    page = presented.page
    for step in script.steps:
        result = make.result(script.settings(step, make.settings))
        page.tell(step.title, script.said(step, replace(result, layer_inputs=784, layer_outputs=512)))
        assert page.sentence.heightForWidth(page.sentence.width()) <= page.sentence.height(), step.title
        assert page.part(step) is not None


def test_long_names_of_layers_are_whole_beside_each_other(presented, make):
    layers = tuple(
        replace(make.state().layers[0], name=f"blocks.{index}.attention", supported=True) for index in range(5)
    )
    settings = replace(make.settings, layer=layers[0].name, replaced=(layers[0].name,))
    chooser = presented.page.chooser
    chooser.show_state(replace(make.state(), layers=layers), settings)
    for size, head in (((1920, 1080), ""), ((6000, 1080), "layer ")):
        presented.window.resize(*size)
        QApplication.processEvents()
        buttons = chooser._group.buttons()
        assert [button.text() for button in buttons] == [f"{head}{layer.name}" for layer in layers]
        assert all(button.width() >= button.sizeHint().width() for button in buttons)
