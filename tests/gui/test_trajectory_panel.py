"""The States view: which states, which sample, what is drawn where."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint

from koopview.gui.panels.sample_box import sample_names
from koopview.gui.panels.trajectory import PAGE
from koopview.gui.plots.curving import by_curving, curved_words, curvings
from koopview.gui.plots.path_heat import appended
from koopview.gui.plots.state_names import state_name
from koopview.network.info import LayerInfo
from koopview.trajectory.schedule import path_shares


def panel_of(fitted):
    """The trajectory panel with all states of the sample drawn."""
    panel = fitted.window.trajectory
    panel.all.setChecked(True)
    return panel


def shown_states(panel):
    head = panel.grid.rows()[0]
    return [int(name[1:]) - 1 for name in head[2:]]


@pytest.mark.parametrize(("inputs", "outputs"), [(4, 3), (6, 4), (8, 6), (4, 8)])
def test_narrow_layers_show_every_state_by_number(fitted, make, inputs, outputs):
    fitted.session.finish(make.result(replace(make.settings, rank=8), inputs, outputs))
    panel = panel_of(fitted)
    assert shown_states(panel) == list(range(max(inputs, outputs)))
    assert not panel.pager.isVisible()
    frames = panel.grid.cells()
    assert len(frames) == max(inputs, outputs)
    assert all(panel.grid.rect().toRectF().contains(frame) for frame in frames)
    assert not any(one.intersects(other) for i, one in enumerate(frames) for other in frames[i + 1 :])


@pytest.mark.parametrize("width", [512, 784])
def test_wide_layers_page_through_their_states(fitted, make, width):
    result = make.result(replace(make.settings, delays=2, rank=8), width, width // 2, samples=20)
    fitted.session.finish(result)
    panel = panel_of(fitted)
    assert panel.pager.isVisible()
    assert f"1–8 of {width}" in panel.pager.text.text()
    first = shown_states(panel)
    panel.pager.forth.click()
    second = shown_states(panel)
    assert len(first) == len(second) == PAGE
    assert not {*first} & {*second}
    panel.pager.back.click()
    assert shown_states(panel) == first


def result_of(make, paths, **ends):
    """A result with these paths (steps + 1, states) of one sample over equal steps."""
    result = make.result(replace(make.settings, steps=len(paths) - 1, delays=1, rank=4), *ends.values())
    return replace(result, paths=np.asarray(paths, np.float32)[None], path_labels=None)


def test_the_most_curved_states_are_drawn_large_and_all_are_one_click_away(fitted, make):
    """Distances from the chord relative to the reach: 1, 0.5 (of 8), 0.25 (of 4), the others straight."""
    path = np.zeros((5, 8))
    path[:, 1] = [0, 2, 4, 2, 0]
    path[:, 6] = [0, 2, 4, 6, 0]  # 6 off a chord at 0, of a reach of 6
    path[:, 3] = [0, 2, 0, 6, 8]  # 4 below the chord at the half, of a reach of 8
    path[:, 5] = [0, 1, 3, 3, 4]  # 1 above the chord at the half, of a reach of 4
    path[:, 7] = np.arange(5)
    fitted.session.finish(result_of(make, path, inputs=8, outputs=8))
    panel = fitted.window.trajectory
    assert shown_states(panel) == [6, 1, 3]
    assert panel.note.text() == "the 3 most curved of 8"
    assert len(panel.grid.cells()) == 3
    assert panel.all.text() == "All 8 states"
    panel.all.click()
    assert shown_states(panel) == list(range(8))
    panel.all.click()
    assert shown_states(panel) == [6, 1, 3]


@pytest.mark.parametrize(
    ("curved", "words"),
    [
        ([1, 0.9, 0.5, 0.5, 0], "3 of the 4 most curved"),
        ([1, 0.9, 0.5, 0.4, 0], "the 3 most curved of 5"),
        ([0.2, 0, 0, 0.3, 0], "only 2 of 5 curve"),
        ([0, 0, 0, 0, 0], "none of 5 curves"),
    ],
)
def test_ties_among_the_most_curved_are_told(curved, words):
    assert curved_words(np.array(curved), 5) == words


def test_a_state_that_hardly_moves_does_not_count_as_curved():
    path = np.array([[0, 0], [1e-9, 5], [0, 10]], float)
    assert curvings(path, np.array([0, 0.5, 1])).tolist() == [0, 0]
    assert curvings(np.zeros((3, 2)), np.array([0, 0.5, 1])).tolist() == [0, 0]


def test_order_is_real_states_by_curving_then_reach():
    """Three steps; state 0 straight and short, 1 bent, 2 straight and long, 3 to 8 still, 9 bent but appended."""
    path = np.zeros((3, 10))
    path[:, 0] = [0, 1, 2]
    path[:, 1] = [0, 1, 0]
    path[:, 2] = [0, 4, 8]
    path[:, 9] = [0, 9, -1]
    assert by_curving(path, np.array([0, 0.5, 1]), 9)[:3] == (1, 2, 0)
    assert by_curving(path, np.array([0, 0.5, 1]), 9)[-1] == 9


def test_a_path_that_is_straight_in_s_does_not_bend_on_any_schedule():
    shares = path_shares("geometric:0.8", 4)
    path = np.outer(shares, np.arange(10.0))
    path[2, 3] += 0.1
    assert by_curving(path, shares, 10)[:2] == (3, 9)


def test_values_are_those_of_the_chosen_sample(fitted):
    panel, result = panel_of(fitted), fitted.result
    panel.samples.setCurrentIndex(3)
    table = np.array(panel.grid.rows()[1:], dtype=float)
    np.testing.assert_allclose(table[:, 0], np.arange(result.settings.steps + 1))
    np.testing.assert_allclose(table[:, 1], np.linspace(0, 1, result.settings.steps + 1))
    np.testing.assert_allclose(table[:, 2:], result.paths[3], rtol=1e-5, atol=1e-6)


def test_sample_picker_names_samples_and_labels(make, result):
    assert sample_names(result)[:2] == ["sample 1 · class 0", "sample 2 · class 1"]
    assert sample_names(make.result(make.settings, labels=False))[0] == "sample 1"


def test_chosen_sample_survives_a_new_fit(fitted, make):
    panel = panel_of(fitted)
    panel.samples.setCurrentIndex(5)
    fitted.session.finish(make.result(replace(make.settings, delays=3)))
    assert panel.samples.currentIndex() == 5


def test_results_without_paths_draw_nothing(fitted, make):
    fitted.session.finish(replace(make.result(make.settings), paths=np.zeros((0, 21, 8), np.float32), path_labels=None))
    assert panel_of(fitted).grid.rows() == []
    assert not panel_of(fitted).samples.isVisible()


def test_shade_ends_where_the_lift_begins(fitted):
    """Steps before the lift lie on the shade, later ones on the panel's ground."""
    panel, theme = fitted.window.trajectory, fitted.window.appearance.theme
    picture = panel.grab().toImage()
    ratio = picture.devicePixelRatio()
    frame = panel.grid.cells()[0].translated(panel.grid.mapTo(panel, QPoint(0, 0)))
    steps, delays = fitted.result.settings.steps, fitted.result.settings.delays

    def ground(step):
        x, y = frame.left() + frame.width() * step / steps, frame.top() + 2.5
        return picture.pixelColor(round(x * ratio), round(y * ratio)).name()

    assert ground(delays - 1.5) == theme.shade
    assert ground(delays - 0.5) == theme.panel


def test_hovering_reads_a_value(fitted, qtbot):
    panel = panel_of(fitted)
    frame = panel.grid.cells()[2]
    found = panel.grid._reading(frame.center())
    assert found == (2, fitted.result.settings.steps // 2)
    assert panel.grid._reading(frame.topLeft() - frame.center()) is None


def test_a_geometric_schedule_is_drawn_over_the_share_of_the_path(fitted, make):
    """At rho = 0.8 step 3 of 20 stands at (1 - 0.8^3) / (1 - 0.8^20) = 0.4937: half of the frame."""
    fitted.session.finish(make.result(replace(make.settings, schedule="geometric:0.8", delays=4)))
    grid = panel_of(fitted).grid
    assert grid._reading(grid.cells()[0].center()) == (0, 3)
    assert float(grid.rows()[4][1]) == pytest.approx(0.4937, abs=1e-4)
    assert grid._paths.lift == pytest.approx(0.4937, abs=1e-4)


def test_the_pad_value_written_is_the_one_used(fitted, make):
    fitted.session.finish(make.result(replace(make.settings, pad=-2.5)))
    panel = panel_of(fitted)
    from koopview.gui.plots.path_grid import _Cell

    cells = [_Cell(None, None, panel.grid._paths, state, panel.grid.cells()[0]) for state in range(8)]
    said = [cell._appended() for cell in cells]
    assert said[:6] == [""] * 6
    assert all(words.endswith("−2.5 at s = 1") for words in said[6:])
    (entry,) = appended(panel.grid._paths)
    assert "−2.5" in entry.words


STAGES = {
    "rows": LayerInfo("2", "Linear", "relu", 8, 6, 8, 54),
    "pictures": LayerInfo("2", "Conv2d", "relu", 16, 48, 48, 30, in_shape=(1, 4, 4), out_shape=(3, 4, 4)),
    "tokens": LayerInfo("2", "Attention", "", 15, 15, 15, 30, in_shape=(3, 5), out_shape=(3, 5)),
    "series": LayerInfo("2", "Conv1d", "", 15, 12, 15, 30, in_shape=(3, 5), out_shape=(3, 4)),
}


@pytest.mark.parametrize(
    ("stage", "states", "index", "name"),
    [
        ("rows", "flat", 2, "S3"),
        ("pictures", "flat", 0, "ch 1 (1, 1)"),
        ("pictures", "flat", 16 + 4 * 2 + 3, "ch 2 (3, 4)"),
        ("pictures", "pca:4", 2, "PC 3"),
        ("pictures", "patches:3", 2, "ch 3"),
        ("pictures", "patches:3", 3, "S4"),
        ("tokens", "flat", 7, "token 2 (3)"),
        ("tokens", "tokens", 4, "S5"),
        ("tokens", "tokens", 5, "mean S1"),
        ("series", "flat", 11, "ch 3 (4)"),
        ("series", "flat", 12, "S13"),  # appended at the output
    ],
)
def test_states_are_named_after_what_they_are_of_a_stages_tensor(stage, states, index, name):
    assert state_name(index, states, STAGES[stage]) == name


def test_the_plots_of_a_stage_of_pictures_bear_those_names(window, session, make):
    layer = replace(STAGES["pictures"], in_shape=(2, 2, 2), out_shape=(2, 1, 3), inputs=8, outputs=6)
    session.open(make.state(layers=(layer,)), make.settings)
    window.trajectory.all.setChecked(True)
    session.finish(make.result(make.settings))
    heads = window.trajectory.grid.rows()[0]
    assert heads[2:5] == ["ch 1 (1, 1)", "ch 1 (1, 2)", "ch 1 (1, 3)"]
    assert heads[-1] == "S8"


def test_the_choice_of_all_states_is_remembered(fitted, session):
    from reference.windows import main_window

    for chosen in (True, False):
        window = main_window(session)
        window.trajectory.all.setChecked(chosen)
        window.close()
        again = main_window(session)
        assert again.trajectory.all.isChecked() is chosen


def test_the_samples_picture_stands_beside_the_states_where_there_is_room(fitted, qtbot):
    from koopview.study.sample_answers import Answers, SamplesView

    panel, ones = fitted.window.trajectory, np.ones(16)
    answers = Answers(None, None, ones)
    fitted.session.view_changed.emit("samples", SamplesView(np.zeros((16, 1, 28, 28)), None, None, answers, answers))
    assert not panel.picture.isVisible()
    fitted.window.workspace.enlarge(panel)
    qtbot.waitUntil(panel.picture.isVisible)
    panel.views.choose(2)
    assert not panel.picture.isVisible()
