"""The guided tour: its steps, its keys, what it leaves alone."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt

from koopview.gui import window as windows
from koopview.gui.present.tour_bar import LINES
from koopview.gui.present.tour_steps import LAYER, STEPS, STUDY, verdict
from koopview.network.datafiles.load import load_dataset
from koopview.network.modelfiles.load import load_network
from koopview.study.comparison import Difference
from koopview.study.study import Study


@pytest.fixture
def toured(fitted, make, monkeypatch, qtbot):
    """The tour's window on a session of its own, which answers each step with a result."""
    own = type(fitted.session)()
    own.open(make.state(), make.settings)
    own.finish(fitted.result)
    monkeypatch.setattr(windows, "Session", lambda: own)
    fitted.window.actions_by_name["tour"].trigger()
    fitted.tour, fitted.own = fitted.window.tour, own
    own.settled.emit()
    return fitted


def answer(toured, make):
    toured.own.finish(make.result(toured.own.settings))


def test_it_opens_the_built_in_study_in_a_window_of_its_own(toured):
    assert ("open_demo", "yinyang") in toured.own.calls
    assert toured.tour.window is not toured.window
    assert toured.session.calls == []
    assert toured.session.requests == []
    assert toured.window.summary == toured.result.summary()


def test_every_step_can_be_reached_and_points_at_its_panel(toured, make):
    seen = []
    for step in STEPS:
        answer(toured, make)
        seen.append(toured.tour.bar.title.text())
        assert step.title in seen[-1]
        assert toured.tour._mark.parent() is getattr(toured.tour.window, step.panel)
        assert toured.own.settings == step.settings(toured.own.settings)
        toured.tour.bar.forth.click()
    assert len(set(seen)) == len(STEPS)
    assert not toured.tour.bar.forth.isEnabled()
    for _ in STEPS:
        toured.tour.bar.back.click()
    assert toured.tour.index == 0
    assert not toured.tour.bar.back.isEnabled()


def test_arrows_and_the_keys_of_a_remote_control_turn(toured, qtbot):
    bar = toured.tour.bar
    for key, place in ((Qt.Key.Key_Right, 1), (Qt.Key.Key_Right, 2), (Qt.Key.Key_Left, 1)):
        qtbot.keyClick(bar, key)
        assert toured.tour.index == place
    toured.tour.window.activateWindow()
    qtbot.waitUntil(toured.tour.window.isActiveWindow)
    qtbot.keyClick(toured.tour.window.network.table, Qt.Key.Key_PageDown)
    assert toured.tour.index == 2


def test_figures_are_those_of_the_result_on_screen_or_dashes(toured, make):
    tour = toured.tour
    tour.bar.forth.click()
    tour.bar.forth.click()  # h = 1: nothing is there yet
    assert "it keeps – of –" in tour.bar.text.text()
    answer(toured, make)
    assert f"it keeps {100 * toured.own.result.accuracy['hybrid']:.1f} % of 99.0 %" in tour.bar.text.text()


def test_steps_fit_their_bar(toured, make):
    tour = toured.tour
    tour.window.resize(1280, 800)
    QCoreApplication.processEvents()
    for _ in STEPS:
        answer(toured, make)
        text = tour.bar.text
        assert text.heightForWidth(text.width()) <= text.height() + 2, (tour.step.title, LINES)
        tour.bar.forth.click()


@pytest.mark.parametrize(
    ("value", "said"), [(-0.03, "no finding"), (-0.01, "as well"), (0.01, "as well"), (0.03, "are a finding")]
)
def test_what_is_said_of_the_dynamics_is_what_the_paired_error_says(make, value, said):
    result = make.result(make.settings)
    assert said in verdict(replace(result, above_best_control=Difference("affine", value, 0.01)))
    assert verdict(None) == verdict(replace(result, above_best_control=None)) == "–"


def test_what_its_sentences_claim_holds_of_the_built_in_study():
    study = Study(load_network(f"demo:{STUDY}"), load_dataset(STUDY))
    shown = study.settings(LAYER)
    told = {step.title: study.fit_settings(step.settings(shown)).result for step in STEPS}
    assert told["Delays give it more to see"].settings == shown  # the tour is of the defaults
    scores = {title: result.rows for title, result in told.items()}
    usual, alone = scores["Delays give it more to see"], scores["A linear operator, from one state"]
    assert scores["Stretching it"]["scaled"] == usual["original"]
    assert alone["hybrid"] < usual["hybrid"] - 0.2  # "more to see"
    assert scores["The hybrid"]["hybrid"] < usual["hybrid"] - 0.2
    assert usual["hybrid"] < usual["lift_affine"]
    assert "no finding" in verdict(told["What the controls say"])
    line = scores["The control experiment"]
    assert abs(line["hybrid"] - line["original"]) < 0.002
    assert abs(line["lift_affine"] - line["original"]) < 0.002
    surgery = told["Surgery"]
    whole = study.fit_settings(surgery.settings.with_edits(())).result
    assert surgery.hybrid < whole.hybrid - 0.1
    assert surgery.edited == (0, 1)
    assert np.bincount(whole.groups).max() == 2  # "modes stand nearly alone": single ones and conjugate pairs
    assert np.bincount(told["The unit circle"].groups).max() > 2  # "go together in groups"
    shares = told["Stretching it"].paths[0]
    assert abs(shares[1] - shares[0]).sum() > abs(shares[-1] - shares[-2]).sum()  # the first steps are the longest


def test_it_goes_on_in_present_mode(toured, make):
    tour = toured.tour
    tour.window.presenting.enter(full_screen=False)
    tour.window.resize(1920, 1080)
    page = tour.window.presenting.page
    answer(toured, make)
    assert tour.bar.isVisible()
    assert page.grid.isVisible()  # the first step is about the trajectory
    assert tour._mark.parent() is page.grid
    assert tour.bar.text.font().pixelSize() >= 20
    for _ in range(4):
        tour.bar.forth.click()
    assert tour._mark.parent() is page.plane.widget
    assert not page.grid.isVisible()


def test_ending_it_closes_its_window_alone_and_it_can_begin_again(toured, monkeypatch, make):
    toured.tour.bar.end.click()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert toured.window.tour is None
    assert toured.window.isVisible()
    assert ("close",) in toured.own.calls
    assert ("close",) not in toured.session.calls


def test_closing_the_window_closes_the_tour(toured):
    toured.window.close()
    assert ("close",) in toured.own.calls
