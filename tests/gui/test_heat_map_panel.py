"""The heat map: the colour of each cell, which entries are appended, what is numbered."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from koopview.gui.looks.theme import DARK, LIGHT
from koopview.gui.panels.trajectory import HEAT_MAP, TrajectoryPanel
from koopview.gui.plots.classes import contrast
from koopview.gui.plots.path_heat import colours, column_edges, columns_of, padded_ends, reach_of
from koopview.trajectory.schedule import path_shares


@pytest.fixture
def panel(put_up, result):
    """The trajectory panel with the heat map chosen."""
    made = put_up(TrajectoryPanel(), height=220)
    made.show_result(result)
    made.views.choose(HEAT_MAP)
    QApplication.processEvents()
    return made


@pytest.fixture
def heat(panel):
    return panel.heat


def cell_middle(heat, state, step):
    """The middle of a cell in the scene, which is the widget's."""
    (first, last), edges = padded_ends(heat._paths.shares), column_edges(heat._paths.shares)
    across = first + (last - first) * (edges[step] + edges[step + 1]) / 2
    return heat.getViewBox().mapViewToScene(QPointF(across, state + 1))


def pixel(heat, state, step):
    picture, point = heat.grab().toImage(), cell_middle(heat, state, step)
    ratio = picture.devicePixelRatio()
    return np.array(picture.pixelColor(round(point.x() * ratio), round(point.y() * ratio)).getRgb()[:3])


def expected_colour(value, reach, theme):
    table = colours(theme).getLookupTable(nPts=256)[:, :3].astype(float)
    return table[round((np.clip(value / reach, -1, 1) / 2 + 0.5) * (len(table) - 1))]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_every_cell_has_the_colour_of_its_value(panel, heat, result, theme):
    panel.set_theme(theme)
    panel.samples.setCurrentIndex(4)
    path = result.paths[4]
    for state, step in [(0, 0), (2, 7), (5, 20), (7, 3), (7, 19)]:
        expected = expected_colour(path[step, state], np.abs(path).max(), theme)
        np.testing.assert_allclose(pixel(heat, state, step), expected, atol=3)


def test_colours_say_the_sign_and_grow_with_the_size():
    for theme in (LIGHT, DARK):
        table = [QColor(*(int(value) for value in colour[:3])) for colour in colours(theme).getLookupTable(nPts=256)]
        ground = QColor(theme.panel)
        sizes = [contrast(colour, ground) for colour in table]
        middle = len(table) // 2
        assert all(a <= b + 1e-6 for a, b in itertools.pairwise(sizes[middle:]))
        assert all(a >= b - 1e-6 for a, b in itertools.pairwise(sizes[:middle]))
        assert table[0].red() > table[0].green()
        assert table[-1].green() > table[-1].red()


@pytest.mark.parametrize(
    ("inputs", "outputs", "marked"),
    [(8, 6, [(6, 20, "1")]), (4, 8, [(4, 0, "0")]), (6, 6, [])],
)
def test_appended_entries_are_marked_where_they_are(panel, make, heat, inputs, outputs, marked):
    panel.show_result(make.result(replace(make.settings, rank=8), inputs, outputs))
    shown = heat._margin.entries
    assert [(entry.first - 1, entry.step, entry.words.split()[-1]) for entry in shown] == marked
    assert all("−1" in entry.words for entry in shown)
    assert [hatch.isVisible() for hatch in heat.hatches].count(True) == len(marked)


def test_the_mouse_finds_its_cell(heat):
    for state, step in [(0, 0), (3, 11), (7, 20)]:
        assert heat.at(cell_middle(heat, state, step)) == (state, step)
    assert heat.at(QPointF(2, 2)) is None


def test_a_close_up_numbers_every_state_in_sight_and_leads_back(panel, make, heat):
    panel.show_result(make.result(replace(make.settings, delays=2, rank=8), 784, 512, samples=20))
    view, axis = heat.getViewBox(), heat.getAxis("left")
    home = view.viewRange()
    named = [axis.tickStrings(*(axis.tickValues(*axis.range, 120)[0][i] for i in (1, 0, 0)))]
    assert named[0][:2] == ["S1", "S100"]
    view.setRange(yRange=(400.5, 405.5), padding=0)
    heat.grab()
    (_, states), *others = axis.tickValues(*axis.range, 120)
    assert states == [401, 402, 403, 404, 405]
    assert not others
    view.go_home()
    np.testing.assert_allclose(view.viewRange(), home)


def test_the_bar_says_where_colours_end(panel, make, heat):
    result = make.result(replace(make.settings, delays=2, rank=8), 400, 400, samples=20)
    paths = np.clip(result.paths, -1, 1)
    paths[0, 3, 7] = 500.0
    panel.show_result(replace(result, paths=paths))
    (told,) = heat.bar.axis._tickLevels
    assert [words for _, words in told] == ["≥ 1.0", "0.0", "≤ −1.0"]


def test_rows_are_all_states_of_the_chosen_sample(panel, heat, result):
    panel.samples.setCurrentIndex(2)
    head, *rows = heat.rows()
    assert head[:2] == ["state", "step 0"]
    np.testing.assert_allclose(np.array([row[1:] for row in rows], float).T, result.paths[2], rtol=1e-5)


def test_hundreds_of_states_have_room(panel, make, heat):
    """Each pixel is the mean of the states it stands for: a band of states keeps its colour."""
    result = make.result(replace(make.settings, delays=2, rank=8), 784, 512, samples=20)
    paths = np.zeros_like(result.paths)
    paths[:, :, 300:500] = 2.0
    paths[:, -1, 512:] = -1.0
    panel.show_result(replace(result, paths=paths))
    np.testing.assert_allclose(pixel(heat, 400, 10), expected_colour(2.0, 2.0, LIGHT), atol=3)
    np.testing.assert_allclose(pixel(heat, 100, 10), expected_colour(0.0, 2.0, LIGHT), atol=3)
    assert len(heat.rows()) == 785
    (entry,) = heat._margin.entries
    assert (entry.last, entry.first, entry.step) == (784, 513, 20)


def test_few_large_values_of_many_states_do_not_set_the_scale():
    path = np.random.default_rng(0).uniform(-1, 1, size=(21, 400))
    path[3, 7] = 500.0
    assert reach_of(path) < 1.01
    assert reach_of(path[:, :8]) == 500.0
    assert reach_of(np.zeros((3, 4))) == 1.0


def test_columns_of_a_uniform_schedule_are_equal_and_of_a_geometric_one_as_wide_as_their_steps():
    np.testing.assert_allclose(np.diff(column_edges(path_shares("uniform", 20))), 1 / 21)
    widths = np.diff(column_edges(path_shares("geometric:0.5", 3)))  # gaps 4, 2, 1 of 7
    np.testing.assert_allclose(widths, np.array([4, 3, 1.5, 1]) / 9.5)
    assert len(column_edges(path_shares("uniform", 1))) == 3


def test_every_pixel_is_of_the_step_whose_column_it_lies_in():
    shares = path_shares("geometric:0.5", 3)
    found = columns_of(shares, 95)
    assert np.bincount(found).tolist() == [40, 30, 15, 10]


def test_cells_of_a_geometric_schedule_have_the_colours_of_their_values(panel, make, heat):
    result = make.result(replace(make.settings, schedule="geometric:0.8", rank=8))
    panel.show_result(result)
    path = result.paths[0]
    for state, step in [(0, 0), (3, 2), (5, 9), (2, 14)]:
        np.testing.assert_allclose(
            pixel(heat, state, step), expected_colour(path[step, state], np.abs(path).max(), LIGHT), atol=3
        )
