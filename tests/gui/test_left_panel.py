"""The chosen sample and the fits so far, below the network."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt

from koopview.gui.history import changes
from koopview.gui.panels.sample import first_numbers
from koopview.gui.plots.sample_picture import picture_of
from koopview.study.sample_answers import Answers, SamplesView


def view_of(count=16, shape=(4,), picture=None, classes=(0, 1, 2), margins=(4.1, 3.2)):
    """A view in which the original answers 0 1 2 0 ... and the hybrid the same but for sample 1."""
    inputs = np.linspace(0, 1, count * int(np.prod(shape))).reshape(count, *shape)
    right = np.arange(count) % len(classes)
    wrong = right.copy()
    wrong[1] = 2
    ones = np.ones(count)
    return SamplesView(
        inputs, picture, None, Answers(right, margins[0] * ones, ones), Answers(wrong, margins[1] * ones, ones)
    )


def show(fitted, view):
    fitted.session.view_changed.emit("samples", view)
    return fitted.window.left.sample


def values(sample):
    return {name: label.text() for name, label in sample.values.items() if label.isVisible()}


def test_the_sample_shows_what_both_networks_answer_and_their_margins(fitted):
    assert fitted.session.watched["samples", ""]
    sample = show(fitted, view_of())
    assert values(sample) == {"original": "class 0 ✓", "hybrid": "class 0 ✓", "margin": "4.1 → 3.2"}
    fitted.window.trajectory.samples.setCurrentIndex(1)
    assert values(sample) == {"original": "class 1 ✓", "hybrid": "class 2 ✗", "margin": "4.1 → 3.2"}


def test_without_classes_the_first_output_is_shown_and_no_margin(fitted):
    ones = np.full(16, 0.25)
    view = replace(view_of(), original=Answers(None, None, ones), hybrid=Answers(None, None, 2 * ones))
    assert values(show(fitted, view)) == {"original": "0.250", "hybrid": "0.500"}


def test_numbers_stand_where_a_sample_is_no_picture(fitted):
    sample = show(fitted, view_of())
    assert sample.picture.isHidden()
    assert sample.numbers.text() == "0 0.0159 0.0317 0.0476"
    assert first_numbers(np.arange(9.0)) == "0 1 2 3 4 5 … (9 numbers)"


@pytest.mark.parametrize(("shape", "picture"), [((36,), (6, 6)), ((1, 28, 28), None), ((3, 16, 16), None)])
def test_pictures_are_drawn(fitted, shape, picture):
    view = view_of(shape=shape, picture=picture)
    sample = show(fitted, view)
    assert sample.picture.isVisible()
    assert sample.numbers.isHidden()
    drawn = picture_of(view, 3)
    values = view.inputs[3].reshape(picture or shape[1:]) if shape[0] != 3 else np.moveaxis(view.inputs[3], 0, -1)
    assert drawn.shape[:2] == values.shape[:2]
    flat = values.reshape(*values.shape[:2], -1)
    assert np.all(np.diff(drawn.astype(int).ravel()[np.argsort(flat.ravel())]) >= 0)  # brighter where it is larger


def test_a_place_in_a_plane_is_drawn_there(fitted):
    inputs = np.tile([[0.25, 0.75]], (16, 1))
    view = replace(view_of(shape=(2,)), inputs=inputs, plane=((0.0, 1.0, 0.0, 1.0), np.zeros((8, 8), int)))
    picture = show(fitted, view).picture
    image, side = picture.grab().toImage(), picture.width()
    dark = [
        (x / side, 1 - y / side)
        for x in range(side)
        for y in range(side)
        if image.pixelColor(x, y).name() == fitted.window.appearance.theme.ink
    ]
    np.testing.assert_allclose(np.mean(dark, axis=0), (0.25, 0.75), atol=0.03)


def rows(window):
    model = window.left.history.list.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def test_the_history_tells_what_changed_newest_first(fitted, make):
    fitted.session.finish(make.result(replace(make.settings, delays=4)))
    fitted.session.finish(make.result(replace(make.settings, delays=4, steps=40, rank=8)))
    found = rows(fitted.window)
    assert [row.split(",")[0] for row in found] == ["N 40 h 4 r 8", "h 4 r 22", "h 12 r 30"]  # the ranks used
    score = 100 * fitted.session.result.accuracy["hybrid"]
    assert found[0].endswith(f"hybrid {score:.1f} %")


def test_only_what_is_new_is_marked_as_new(make):
    one = make.result(replace(make.settings, rank=8))
    other = make.result(replace(make.settings, rank=8, delays=4, scaling="padded"))
    assert [(change.text, change.new) for change in changes(other, one)] == [
        ("padded", True),
        ("h 4", True),
        ("r 8", False),
    ]
    assert not any(change.new for change in changes(one, None))


def test_edits_are_compared_by_what_they_are_not_by_their_number(make):
    one, other = ({index: 0j} for index in (2, 4))
    plain = make.result(replace(make.settings, rank=8))
    before, after = (replace(plain, settings=plain.settings.with_edits(tuple(edit.items()))) for edit in (one, other))
    assert [change.text for change in changes(before, plain) if change.new] == ["1 edited"]
    assert [change.text for change in changes(after, before) if change.new] == ["1 edited otherwise"]
    assert not any(change.new for change in changes(after, after))
    assert [change.text for change in changes(plain, after) if change.new] == ["unedited"]


def test_a_click_and_a_key_bring_settings_back_as_a_change(fitted, make, qtbot):
    first = fitted.result.settings
    fitted.session.finish(make.result(replace(make.settings, delays=4)))
    listed = fitted.window.left.history.list
    assert listed.objectName() == "historyList"
    place = listed.visualRect(listed.model().index(1, 0)).center()
    qtbot.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert fitted.session.requests == [first]
    fitted.session.finish(make.result(first))
    listed.setCurrentIndex(listed.model().index(1, 0))
    qtbot.keyClick(listed, Qt.Key.Key_Return)
    assert [one.delays for one in fitted.session.requests] == [12, 4]
