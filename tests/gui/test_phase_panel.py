"""The phase portrait: which paths are drawn where, in which colours, and what is said where there are none."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from koopview.gui.looks.theme import DARK, LIGHT
from koopview.gui.panels.phase import PhasePanel, coordinate_names
from koopview.gui.panels.trajectory import HEAT_MAP, PHASE, STATES
from koopview.gui.plots.classes import class_line, class_marker
from koopview.study.views import NoView, PhaseView

NAMES = ("yin", "yang", "dot")


def phase_view(samples=30, steps=20, states=8, labels=True, names=NAMES):
    """Random walks with their first three coordinates in the place of components."""
    paths = np.random.default_rng(0).normal(size=(samples, steps + 1, states)).cumsum(axis=1).astype(np.float32)
    kinds = np.arange(samples) % 3 if labels else None
    return PhaseView(paths, -paths[:, :, :3], np.array([0.6, 0.3, 0.04]), kinds, names)


@pytest.fixture
def phase(put_up, result):
    """The panel with a view."""
    panel = put_up(PhasePanel())
    panel.show_result(result)
    panel.show_view(phase_view())
    return panel


def drawn_paths(panel, index):
    """Return the polylines (paths, steps + 1, 2) of a class, cut where points are not joined."""
    line = panel.lines[index]
    x, y = line.getOriginalDataset()
    ends = np.flatnonzero(line.opts["connect"] == 0)
    return np.stack(np.split(np.column_stack([x, y]), ends[:-1] + 1))


def test_the_view_is_watched_while_it_is_looked_at(fitted):
    panel = fitted.window.trajectory
    assert not fitted.session.watched.get(("phase", ""))
    panel.views.choose(PHASE)
    assert fitted.session.watched["phase", ""] is True
    assert panel.pages.currentWidget() is panel.phase
    panel.views.choose(HEAT_MAP)
    assert fitted.session.watched["phase", ""] is False


def test_each_class_is_one_item_of_paths_that_end_in_its_marker(phase):
    view = phase_view()
    assert len(phase.lines) == len(phase.ends) == 3
    for index in range(3):
        expected = view.components[view.labels == index][:, :, :2]
        np.testing.assert_allclose(drawn_paths(phase, index), expected)
        np.testing.assert_allclose(np.column_stack(phase.ends[index].getData()), expected[:, -1])
        assert phase.ends[index].opts["symbol"] == class_marker(index)
    np.testing.assert_allclose(np.column_stack(phase.starts.getData()), view.components[:, 0, :2])


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_lines_bear_their_class_colour(phase, theme):
    phase.set_theme(theme)
    for index in range(3):
        assert phase.lines[index].opts["pen"].color().name() == class_line(index, theme).name()


def test_two_states_can_be_chosen_and_stay_chosen(phase):
    view = phase_view()
    assert coordinate_names(view)[:4] == ["PC 1 (60 %)", "PC 2 (30 %)", "PC 3 (4 %)", "S1"]
    phase.across.setCurrentIndex(3 + 4)
    phase.up.setCurrentIndex(3 + 1)
    np.testing.assert_allclose(drawn_paths(phase, 2), view.paths[2::3][:, :, [4, 1]])
    assert phase.plot.getAxis("bottom").labelText == "S5"
    phase.show_view(replace(view, paths=2 * view.paths))
    np.testing.assert_allclose(drawn_paths(phase, 2), 2 * view.paths[2::3][:, :, [4, 1]])
    other = phase_view(states=6)
    phase.show_view(other)
    np.testing.assert_allclose(drawn_paths(phase, 0), other.components[::3][:, :, :2])


def test_all_points_are_in_sight(phase):
    (x_low, x_high), (y_low, y_high) = phase.plot.viewRange()
    points = phase_view().components
    assert x_low < points[:, :, 0].min() < points[:, :, 0].max() < x_high
    assert y_low < points[:, :, 1].min() < points[:, :, 1].max() < y_high


def test_without_labels_all_paths_look_alike(phase):
    phase.show_view(phase_view(labels=False, names=()))
    assert len(phase.lines) == 1
    assert drawn_paths(phase, 0).shape == (30, 21, 2)


@pytest.mark.parametrize(("samples", "states"), [(1, 8), (12, 784)])
def test_one_sample_and_many_states(phase, samples, states):
    phase.show_view(phase_view(samples=samples, states=states))
    assert phase.across.count() == 3 + states
    assert phase.shown_samples == samples


def test_rows_hold_every_point_drawn(phase):
    head, *rows = phase.rows()
    assert head == ("sample", "label", "step", "PC 1 (60 %)", "PC 2 (30 %)")
    view = phase_view()
    assert len(rows) == 30 * 21
    sample, label, step, x, y = rows[21 * 7 + 5]
    assert (sample, label, step) == ("8", str(view.labels[7]), "5")
    np.testing.assert_allclose([float(x), float(y)], view.components[7, 5, :2], rtol=1e-5)


def test_hovering_names_the_nearest_path(phase):
    view = phase_view()
    place = phase.plot.getViewBox().mapViewToScene
    phase._hover(place(QPointF(*view.components[11, 20, :2].tolist())))
    np.testing.assert_allclose(np.column_stack(phase.nearest.getData()), view.components[11, :, :2])


def test_words_stand_in_until_a_view_is_there(put_up, result):
    panel = put_up(PhasePanel())
    panel.show_result(result)
    panel.show_view(None)
    assert panel.currentWidget() is panel.words
    panel.show_view(phase_view())
    assert panel.currentWidget() is panel.picture
    panel.show_view(NoView("There is none, because."))
    assert panel.words.text() == "There is none, because."
    assert panel.currentWidget() is panel.words


def test_an_older_view_stays_and_is_dimmed(phase, qtbot):
    phase.show_view(None)
    assert phase.currentWidget() is phase.picture
    qtbot.waitUntil(lambda: phase._veil.isVisible())
    phase.show_view(phase_view())
    assert not phase._veil.isVisible()


def test_a_view_that_follows_at_once_is_not_dimmed(phase, qtbot):
    phase.show_view(None)
    phase.show_view(phase_view())
    qtbot.wait(200)
    assert not phase._veil.isVisible()


def test_another_study_leaves_nothing_behind(fitted, make):
    panel = fitted.window.trajectory
    panel.views.choose(PHASE)
    fitted.session.view_changed.emit("phase", phase_view())
    assert panel.note.text() == "30 test samples"
    fitted.session.open(make.state(model="Other"), make.settings)
    assert not panel.views.isVisible()
    assert panel.pages.currentIndex() == STATES
    assert panel.phase.rows() == []
