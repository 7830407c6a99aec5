"""A sample chosen among the changed ones is drawn by the trajectory, whether or not the result has its path."""

from dataclasses import replace

import numpy as np
import pytest

from koopview.gui.panels.meaning_panel import MeaningPanel
from koopview.gui.panels.sample import FURTHER, SampleSection
from koopview.gui.panels.trajectory import TrajectoryPanel
from koopview.gui.sample_wiring import BY, KIND, connect_chosen_sample
from koopview.study.sample_answers import Answers, SamplesView
from koopview.study.views import ChangedPathsView


@pytest.fixture
def trajectory(put_up, session, result, make):
    """The panel beside one that samples are chosen in."""
    meaning, panel = MeaningPanel(), put_up(TrajectoryPanel(), 700, 260)
    session.open(make.state(), result.settings)
    session.finish(result)
    panel.show_result(result)
    connect_chosen_sample(session, meaning, panel)
    panel.meaning = meaning
    return panel


def paths_like(result, samples):
    rng = np.random.default_rng(3)
    return rng.normal(size=(len(samples), *result.paths.shape[1:])).astype(np.float32)


def test_a_sample_of_the_result_is_picked(trajectory, session, result):
    trajectory.meaning.sample_chosen.emit(len(result.paths) - 1)
    assert trajectory.samples.currentIndex() == len(result.paths) - 1
    assert session.watched[KIND, BY] is False


def test_of_a_further_one_a_path_is_asked_for_and_drawn(trajectory, session, result):
    trajectory.meaning.sample_chosen.emit(3850)
    assert session.watched[KIND, BY] is True
    assert trajectory.samples.currentIndex() == 0
    view = ChangedPathsView(np.array([99, 3850]), paths_like(result, (99, 3850)), np.array([0, 2]))
    session.view_changed.emit(KIND, view)
    assert trajectory.samples.currentText() == "sample 3851 · class 2"
    assert trajectory.samples.count() == len(result.paths) + 1
    np.testing.assert_array_equal(trajectory.grid._paths.path, view.paths[1])
    told = []
    trajectory.samples.currentIndexChanged.connect(told.append)
    trajectory.meaning.sample_chosen.emit(99)
    session.view_changed.emit(KIND, view)
    assert told == [len(result.paths)]  # what follows the picker shows another sample at the same index
    assert trajectory.samples.currentText() == "sample 100 · class 0"
    assert trajectory.samples.count() == len(result.paths) + 1
    np.testing.assert_array_equal(trajectory.grid._paths.path, view.paths[0])


def test_it_stays_while_the_paths_do_and_goes_with_them(trajectory, session, result, make):
    trajectory.meaning.sample_chosen.emit(3850)
    session.view_changed.emit(KIND, ChangedPathsView(np.array([3850]), paths_like(result, (0,)), None))
    assert trajectory.samples.currentText() == "sample 3851"
    trajectory.show_result(replace(result, rank=7))
    assert trajectory.samples.currentText() == "sample 3851"
    trajectory.show_result(make.result(replace(make.settings, delays=3)))
    assert trajectory.samples.count() == len(result.paths)


def test_a_path_of_another_fit_or_of_no_changed_sample_is_not_drawn(trajectory, session, result):
    trajectory.meaning.sample_chosen.emit(3850)
    others = paths_like(result, (0,))[:, :-1]
    session.view_changed.emit(KIND, ChangedPathsView(np.array([3850]), others, None))
    session.view_changed.emit(KIND, ChangedPathsView(np.array([17]), paths_like(result, (0,)), None))
    session.view_changed.emit(KIND, None)
    assert trajectory.samples.count() == len(result.paths)


def test_of_a_further_sample_nothing_of_another_one_is_told(trajectory, session, result, qtbot):
    """A view of the first samples may hold more of them than the result has paths."""
    count = len(result.paths) + 5
    answers = Answers(np.zeros(count, dtype=int), np.zeros(count), np.zeros(count))
    section = SampleSection(trajectory.samples)
    qtbot.addWidget(section)
    section.show_result(result)
    section.show_view(SamplesView(np.ones((count, 8, 8), dtype=np.float32), (8, 8), None, answers, answers))
    trajectory.meaning.sample_chosen.emit(3850)
    session.view_changed.emit(KIND, ChangedPathsView(np.array([3850]), paths_like(result, (0,)), np.array([1])))
    assert section.numbers.text() == FURTHER
    assert section.picture.isHidden()
