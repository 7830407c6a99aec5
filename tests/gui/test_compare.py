"""The window that compares two fits: on a real session with a small study, and its parts alone."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QComboBox, QSlider
from reference.windows import main_window
from safetensors.torch import save_file
from torch import nn

from koopview.gui.compare.distance_ruler import DistanceRuler, lengths_of
from koopview.gui.compare.others import ANOTHER_DRAW, THIS_STUDY, other_layer, others
from koopview.gui.compare.score_pairs import ScorePairs, is_clear
from koopview.gui.compare.side_looks import GLYPHS, side_colours
from koopview.gui.compare.spectra_plot import SpectraPlot
from koopview.gui.compare.window import LEAST, STOPPED, CompareWindow
from koopview.gui.exportable import exportables
from koopview.gui.looks.theme import CONTRAST, DARK, LIGHT
from koopview.gui.plots.classes import contrast
from koopview.gui.saving.pictures import save_picture_of
from koopview.gui.saving.saving import save_exportable
from koopview.gui.session.session import Session
from koopview.network.data import Dataset
from koopview.study.comparing import Comparison, comparison_rows
from koopview.study.sides import Side
from koopview.study.study import Study

MILLISECONDS = 60_000
SETTINGS = {"steps": 6, "delays": 2, "rank": 5, "samples": 60}


def module(seed):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3))


def make_study():
    x = np.random.default_rng(0).normal(size=(200, 4)).astype("f4")
    y = x[:, :3].argmax(1)
    study = Study(module(0), Dataset(x[:150], y[:150], x[150:], y[150:], name="noise"), name="net")
    study.fit("0", **SETTINGS)
    study.fit("2", **SETTINGS | {"delays": 3})
    study.fit("2", **SETTINGS)
    return study


@pytest.fixture
def opened(qtbot):
    """A window on a real session, with its comparison open and complete."""
    session = Session()
    session.open_study(make_study())
    window = main_window(session, keeps_layout=False, remembers=False)
    window.show()
    qtbot.waitUntil(lambda: window.shown_result() is not None and not session.busy, timeout=MILLISECONDS)
    window.actions_by_name["compare"].trigger()
    compare = window.findChild(CompareWindow)
    qtbot.waitUntil(lambda: not compare.busy, timeout=MILLISECONDS)
    yield SimpleNamespace(window=window, session=session, compare=compare)
    session.close()


def shown(compare):
    return [side.result.settings for side in compare.compared.comparison.sides]


def wait(qtbot, opened):
    qtbot.waitUntil(lambda: not opened.compare.busy and not opened.session.busy, timeout=MILLISECONDS)


def test_the_fit_on_screen_is_set_beside_another_layer_at_once(opened):
    compare, result = opened.compare, opened.window.shown_result()
    found = compare.compared

    assert found.whole
    assert found.comparison.paired
    assert shown(compare)[0] == result.settings
    assert [one.layer for one in shown(compare)] == ["2", "4"]
    assert found.comparison.one.result.eigenvalues == pytest.approx(result.eigenvalues)
    assert [len(side.draws) for side in found.comparison.sides] == [2, 2]
    assert "two draws" in compare.distance.verdict.text()
    assert opened.session.settings == result.settings, "the main window keeps its own fit"


def test_delays_and_rank_move_both_sides(opened, qtbot):
    compare, before = opened.compare, opened.session.result
    compare.controls.delay_slider.setValue(4)
    compare.controls.rank.setValue(3)
    wait(qtbot, opened)

    assert [(one.delays, one.rank) for one in shown(compare)] == [(4, 3), (4, 3)]
    assert [side.result.rank for side in compare.compared.comparison.sides] == [3, 3]
    assert compare.controls.delays.value() == 4
    assert compare.controls.rank_slider.value() == 3
    assert opened.session.result is before
    compare.controls.auto.setChecked(True)
    wait(qtbot, opened)
    assert [one.rank for one in shown(compare)] == ["auto", "auto"]


def test_of_many_changes_only_the_last_is_shown(opened, qtbot):
    drawn = []
    opened.session.comparing.found.connect(lambda compared: drawn.append(compared.wanted.one.rank))
    for rank in (4, 3, 2):
        opened.compare.controls.rank.setValue(rank)
    wait(qtbot, opened)

    assert set(drawn) == {2}
    assert [one.rank for one in shown(opened.compare)] == [2, 2]


def test_b_is_a_layer_a_draw_or_an_earlier_fit(opened, qtbot):
    compare = opened.compare
    texts = [compare.sides.box.itemText(index) for index in range(compare.sides.box.count())]
    assert texts[:2] == [THIS_STUDY, ANOTHER_DRAW]
    assert texts[2].startswith("earlier: layer 2, h 3, r 5")

    compare.choose_layer("0")
    wait(qtbot, opened)
    assert [one.layer for one in shown(compare)] == ["2", "0"]
    compare.sides.box.activated.emit(1)
    wait(qtbot, opened)
    assert [one.draw for one in shown(compare)] == [0, 1]
    assert shown(compare)[1] == replace(shown(compare)[0], draw=1)
    compare.sides.box.activated.emit(2)
    wait(qtbot, opened)
    assert [one.delays for one in shown(compare)] == [2, 3]
    assert "h = 2 and 3" in compare.distance.cautions.text()


def test_a_layer_is_chosen_before_anything_is_compared(opened, qtbot):
    opened.compare.close()
    opened.window.actions_by_name["compare"].trigger()
    opened.compare = next(one for one in opened.window.findChildren(CompareWindow) if one.isVisible())
    assert opened.compare.compared is None
    opened.compare.sides.layers.activated.emit(0)
    wait(qtbot, opened)
    assert [one.layer for one in shown(opened.compare)] == ["2", "0"]


def test_b_is_a_checkpoint_in_a_file_on_the_data_of_a(opened, qtbot, tmp_path):
    save_file(module(1).state_dict(), tmp_path / "later.safetensors", metadata={"activation": "relu"})
    opened.compare.sides.add_file(str(tmp_path / "later.safetensors"))
    wait(qtbot, opened)
    found = opened.compare.compared.comparison

    assert found.other.result.model == "later.safetensors"
    assert found.paired
    assert [one.layer for one in shown(opened.compare)] == ["2", "2"]
    assert opened.compare.sides.box.currentText() == "later.safetensors"


def test_what_cannot_be_opened_is_told_in_the_window_and_what_is_drawn_stays(opened, qtbot, tmp_path):
    before = opened.compare.compared
    opened.compare.sides.add_file(str(tmp_path / "none.koopview"))
    wait(qtbot, opened)

    assert "none.koopview does not exist" in opened.compare.said.text()
    assert opened.compare.compared is before
    assert opened.compare.sides.box.currentText() == THIS_STUDY


def test_escape_stops_first_and_closes_then(opened, qtbot):
    compare, before = opened.compare, opened.compare.compared
    compare.controls.delays.setValue(5)
    assert compare.busy
    qtbot.keyClick(compare, Qt.Key.Key_Escape)
    assert not compare.busy
    wait(qtbot, opened)
    assert compare.compared is before
    assert compare.controls.delays.value() == 2, "the controls are again those of the picture"
    assert compare.isVisible()
    qtbot.keyClick(compare, Qt.Key.Key_Escape)
    assert not compare.isVisible()


def test_a_comparison_stopped_before_its_first_picture_says_how_to_go_on(opened, qtbot):
    opened.compare.close()
    opened.window.actions_by_name["compare"].trigger()
    compare = next(one for one in opened.window.findChildren(CompareWindow) if one.isVisible())
    qtbot.keyClick(compare, Qt.Key.Key_Escape)
    assert compare.compared is None
    assert compare.isVisible()
    assert compare.said.text() == STOPPED
    assert "being fitted" not in compare.distance.verdict.text()
    compare.controls.delays.setValue(3)
    qtbot.waitUntil(lambda: compare.compared is not None and not compare.busy, timeout=MILLISECONDS)
    assert compare.said.text() == ""


def test_a_change_in_the_main_window_comes_first_and_the_comparison_after_it(opened, qtbot):
    opened.compare.controls.delays.setValue(4)
    qtbot.waitUntil(lambda: opened.session.busy, timeout=MILLISECONDS)
    opened.session.request(replace(opened.session.settings, delays=5))
    wait(qtbot, opened)

    assert opened.session.result.settings.delays == 5
    assert [one.delays for one in shown(opened.compare)] == [4, 4]


def test_another_study_closes_it(opened, qtbot):
    opened.session.open_study(make_study())
    qtbot.waitUntil(lambda: not opened.window.findChildren(CompareWindow), timeout=MILLISECONDS)


def test_it_opens_once_with_the_fit_that_is_on_screen_now(opened, qtbot):
    opened.session.request(opened.session.settings.with_rank(3))
    qtbot.waitUntil(lambda: not opened.session.busy, timeout=MILLISECONDS)
    opened.window.actions_by_name["compare"].trigger()
    visible = [one for one in opened.window.findChildren(CompareWindow) if one.isVisible()]
    qtbot.waitUntil(lambda: visible[0].compared is not None and not visible[0].busy, timeout=MILLISECONDS)

    assert len(visible) == 1
    assert [one.rank for one in shown(visible[0])] == [3, 3]


def test_pictures_and_numbers_can_be_saved(opened, tmp_path):
    compare = opened.compare
    found = {one.title: one for one in exportables(compare)}
    assert {"Comparison", "Comparison: eigenvalues", "Comparison: scores"} <= set(found)

    picture = save_exportable(found["Comparison"], tmp_path / "both.png", "PNG, two columns (*.png)")
    table = save_exportable(found["Comparison: eigenvalues"], tmp_path / "both.csv", "Numbers (*.csv)")
    assert picture.stat().st_size > 10_000
    lines = table.read_text().splitlines()
    assert lines[0].startswith("side,model,layer,delays,rank,mode,real")
    assert len(lines) == 1 + sum(side.result.rank for side in compare.compared.comparison.sides)
    assert list(found["Comparison"].rows()) == comparison_rows(compare.compared.comparison)


def test_every_control_has_a_name_a_tooltip_and_keys_and_nothing_is_cut_at_any_size(opened, qtbot):
    compare, kinds = opened.compare, (QAbstractButton, QAbstractSpinBox, QComboBox, QSlider)
    controls = [one for kind in kinds for one in compare.findChildren(kind) if one.isVisible()]
    assert len(controls) > 10
    for control in controls:
        assert control.accessibleName(), control.objectName()
        assert control.toolTip(), control.accessibleName()
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, control.accessibleName()
    for size in (LEAST, (928, 540), (1120, 720), (1280, 800)):
        compare.resize(*size)
        qtbot.wait(20)
        for part in (compare.scores, compare.distance.ruler, compare.plane.widget, compare.controls, compare.sides):
            assert part.width() >= part.minimumSizeHint().width(), (size, part.objectName())
            assert part.height() >= part.minimumSizeHint().height(), (size, part.objectName())
            assert compare.rect().contains(part.mapTo(compare, part.rect().bottomRight())), (size, part.objectName())
            assert part.parentWidget().rect().contains(part.geometry()), (size, part.objectName())


@pytest.fixture(scope="module")
def comparison():
    study = make_study()
    fits = [study.fitted(study.settings(layer, **SETTINGS)) for layer in ("0", "2")]
    sides = [Side(fit.result, {name: row.each for name, row in fit.fitted.rows.items()}, "same") for fit in fits]
    return Comparison(*sides)


def test_both_views_draw_their_eigenvalues_and_the_lines_of_the_plan(qtbot, comparison):
    plot = SpectraPlot()
    qtbot.addWidget(plot.widget)
    for unit, power in (("step", 1), ("layer", 6)):
        plot.show(comparison, unit, close_up=False, carried=True)
        for side, item in zip(comparison.sides, plot._points, strict=True):
            drawn = np.array(item.getData()[0]) + 1j * np.array(item.getData()[1])
            assert drawn == pytest.approx(side.result.eigenvalues**power)
        x, y = plot._lines.getData()
        lengths = np.abs(np.diff((x + 1j * y).reshape(-1, 2)))
        assert lengths.mean() == pytest.approx(comparison.distances[unit].transport.distance)
    assert {item.opts["symbol"] for item in plot._points} == {"o", "d"}
    plot.show(comparison, "step", close_up=False, carried=False)
    assert plot._lines.getData()[0] is None or not len(plot._lines.getData()[0])
    value = comparison.one.result.eigenvalues[0]
    assert plot.tip(value, 1e-9).startswith("<b>A</b>")
    assert plot.tip(9 + 9j, 0.1) == ""
    assert "A has 5 eigenvalues" in plot.widget.accessibleDescription()


def test_scores_are_told_in_words_and_small_differences_are_grey(qtbot, comparison):
    scores = ScorePairs()
    qtbot.addWidget(scores)
    scores.show_comparison(comparison)
    row = next(row for row in comparison.rows if row.name == "hybrid")
    words = next(line for line in scores.words() if line.startswith("hybrid"))

    assert f"A {100 * row.scores[0]:.1f} %" in words
    assert f"{abs(100 * row.difference[0]):.1f}" in words
    assert scores.accessibleDescription() == ". ".join(scores.words())
    assert is_clear(replace(row, difference=(-0.1, 0.04)))
    assert not is_clear(replace(row, difference=(0.1, 0.06)))
    assert not is_clear(replace(row, difference=None))


def test_the_ends_of_the_scale_have_their_unit(qtbot, comparison, tmp_path):
    scores = ScorePairs()
    qtbot.addWidget(scores)
    scores.show_comparison(comparison)
    save_picture_of((scores,), tmp_path / "scores.svg", 180)
    drawn = (tmp_path / "scores.svg").read_text()
    assert all(f">{end} %</text>" in drawn for end in ("0.0", "100.0"))


def test_the_ruler_has_the_distance_between_its_yardsticks(qtbot, comparison):
    drawn = replace(comparison.one, draws=(comparison.one.result.eigenvalues + 0.1,))
    found = Comparison(drawn, comparison.other).distances["step"]
    ruler = DistanceRuler()
    qtbot.addWidget(ruler)
    ruler.show_distance(found)

    assert [one.value for one in lengths_of(found)] == pytest.approx(
        [0.1, None, found.transport.distance, *found.from_one]
    )
    assert "two draws of B’s samples not known" in ruler.accessibleDescription()
    ruler.show_distance(None)
    assert ruler.lengths == ()


@pytest.mark.parametrize("theme", [LIGHT, DARK, CONTRAST])
def test_the_sides_differ_from_the_ground_by_contrast_and_from_each_other_without_colour(theme):
    colours = side_colours(theme)

    assert all(
        contrast(QColor(colour), QColor(ground)) >= 4.5 for colour in colours for ground in (theme.panel, theme.ground)
    )
    assert not set(colours) & {theme.original, theme.scaled, theme.hybrid}
    assert len(set(GLYPHS)) == 2


def test_what_is_offered(make):
    state = make.state()
    one = make.result(replace(make.settings, layer="6", replaced=("6",), samples=None))
    layers = [row.name for row in state.layers]

    assert other_layer(state, layers[0]) == layers[1]
    assert other_layer(state, layers[-1]) == layers[-2]
    assert ANOTHER_DRAW not in [other.text for other in others(state, one)], "all samples have one draw"
    assert {other.study for other in others(state, one)} >= {None, "demo:mnist"}
