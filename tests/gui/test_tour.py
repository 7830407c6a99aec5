"""The guided tour: its steps, its keys, and the person's own study, which comes back as it was."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QApplication, QMainWindow

from koopview.arguments import WindowOptions
from koopview.gui.application import quiet_window
from koopview.gui.history import verdict
from koopview.gui.present.step import figures
from koopview.gui.present.tour_bar import LINES, SIZE
from koopview.gui.present.tour_steps import LAYER, STEPS, STUDY, TOUR
from koopview.gui.session.deepening import DepthState
from koopview.network.datafiles.load import load_dataset
from koopview.network.modelfiles.load import load_network
from koopview.study.comparison import Difference
from koopview.study.source import Source
from koopview.study.study import Study


@pytest.fixture
def toured(fitted, make, qtbot):
    """The window in the tour, on a session that answers each step with a result."""
    fitted.session.set_aside = lambda: "aside"
    fitted.window.actions_by_name["tour"].trigger()
    fitted.session.open(make.state(), make.settings)
    fitted.session.finish(fitted.result)
    fitted.tour, fitted.bar = fitted.window.tour, fitted.window.tour.bar
    qtbot.waitUntil(lambda: fitted.tour.telling.begun)
    fitted.window.activateWindow()
    qtbot.waitUntil(fitted.window.isActiveWindow)
    return fitted


def answer(toured, make):
    toured.session.finish(make.result(toured.session.settings))


def test_it_opens_the_built_in_study_in_the_same_window(fitted):
    windows = len([one for one in QApplication.topLevelWidgets() if isinstance(one, QMainWindow)])
    fitted.window.actions_by_name["tour"].trigger()
    assert fitted.session.calls[-2:] == [("set_aside",), ("open_demo", "yinyang")]
    assert fitted.window.tour.bar.isVisible()
    assert len([one for one in QApplication.topLevelWidgets() if isinstance(one, QMainWindow)]) == windows
    assert fitted.session.requests == []  # nothing is asked of the study that was open
    assert "1 of 10" in fitted.window.tour.bar.title.text()
    fitted.session.asked, fitted.session.busy = Source(model="own.pt"), True
    fitted.window.tour.end()
    calls = len(fitted.session.calls)
    fitted.window.open_tour()  # while another source is being opened
    assert fitted.session.calls[calls:] == []


def test_every_step_can_be_reached_and_points_at_its_panel(toured, make):
    seen = []
    for step in STEPS:
        answer(toured, make)
        seen.append(toured.bar.title.text())
        assert step.title in seen[-1]
        panel = toured.window.panel(step.panel)
        assert toured.tour.telling._mark.parent() is panel
        assert panel.isVisible()
        assert toured.session.settings == TOUR.settings(step, toured.session.settings)
        toured.bar.forth.click()
    assert len(set(seen)) == len(STEPS)
    assert not toured.bar.forth.isEnabled()
    for _ in STEPS:
        toured.bar.back.click()
    assert toured.tour.telling.index == 0
    assert not toured.bar.back.isEnabled()


def test_arrows_and_the_keys_of_a_remote_control_turn(toured, qtbot):
    for key, place in ((Qt.Key.Key_Right, 1), (Qt.Key.Key_Right, 2), (Qt.Key.Key_Left, 1)):
        qtbot.keyClick(toured.bar, key)
        assert toured.tour.telling.index == place
    qtbot.keyClick(toured.window.network.table, Qt.Key.Key_PageDown)
    assert toured.tour.telling.index == 2


def test_figures_are_those_of_the_result_on_screen_or_dashes(toured, make):
    toured.bar.forth.click()
    toured.bar.forth.click()  # h = 1: nothing is there yet
    assert "it keeps – of –" in toured.bar.text.text()
    answer(toured, make)
    hybrid = 100 * toured.session.result.accuracy["hybrid"]
    assert f"it keeps {hybrid:.1f} % of 99.0 %" in toured.bar.text.text()


def test_steps_fit_their_bar_and_are_as_large_as_its_title(toured, make):
    toured.window.resize(1280, 800)
    QCoreApplication.processEvents()
    for step in STEPS:
        answer(toured, make)
        text = toured.bar.text
        assert text.heightForWidth(text.width()) <= text.height() + 2, (step.title, LINES)
        assert text.font().pixelSize() == toured.bar.title.font().pixelSize() == SIZE
        toured.bar.forth.click()


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
    told = {step.title: study.fit_settings(TOUR.settings(step, shown)).result for step in STEPS}
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
    first = told["A layer is one step"]
    assert (first.layer_inputs, first.layer_outputs, figures(first)["pad"]) == (8, 6, "−1")
    shares = told["Stretching it"].paths[0]
    assert abs(shares[1] - shares[0]).sum() > abs(shares[-1] - shares[-2]).sum()  # the first steps are the longest


def test_it_goes_on_in_present_mode_and_esc_goes_back_step_by_step(toured, make, qtbot):
    window = toured.window
    window.presenting.enter(full_screen=False)
    window.resize(1920, 1080)
    page = window.presenting.page
    answer(toured, make)
    assert not toured.bar.isVisible()
    assert page.title.text() == toured.bar.title.text()
    assert page.sentence.text() == toured.bar.text.text()
    assert page.grid.isVisible()  # the first step is about the trajectory
    assert toured.tour.telling._mark.parent() is page.grid
    for _ in range(4):
        qtbot.keyClick(window.focusWidget() or page, Qt.Key.Key_PageDown)
    assert toured.tour.telling.index == 4
    assert toured.tour.telling._mark.parent() is page.plane.widget
    assert not page.grid.isVisible()
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert not window.presenting.active
    assert toured.bar.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not toured.tour.begun


@pytest.mark.parametrize("way", ["esc", "close"])
def test_at_its_end_what_was_open_is_taken_back(toured, qtbot, way):
    tab = toured.window.results.tabs.currentIndex()
    for _ in range(8):
        toured.bar.forth.click()  # the step on surgery opens another tab
    if way == "esc":
        qtbot.keyClick(toured.window, Qt.Key.Key_Escape)
    else:
        toured.bar.end.click()
    assert ("take_back", "aside") in toured.session.calls
    assert toured.bar.isHidden()
    assert toured.window.isVisible()
    assert toured.window.results.tabs.currentIndex() == tab
    calls = len(toured.session.calls)
    qtbot.keyClick(toured.window, Qt.Key.Key_Escape)
    assert toured.session.calls[calls:] == [] or toured.session.calls[-1] == ("stop",)


def test_closing_the_window_or_opening_another_study_takes_the_own_one_back_first(toured):
    toured.window.actions_by_name["demo_mnist"].trigger()
    asked = [call[0] for call in toured.session.calls]
    assert asked.index("take_back") < len(asked) - 1
    assert toured.session.calls[-1] == ("open_demo", "mnist")
    assert not toured.tour.begun
    toured.window.actions_by_name["tour"].trigger()
    toured.window.close()
    assert [call[0] for call in toured.session.calls].count("take_back") == 2


# With a true session -------------------------------------------------------------------------------------------------


def known(window):
    """All that a person would miss: settings, numbers, history, undo steps, what is unsaved, the title."""
    session, stack = window.session, window.session.undo_stack
    return {
        "settings": session.settings,
        "hybrid": session.result.hybrid,
        "results": [one.settings for one in session.state.results],
        "steps": [stack.text(index) for index in range(stack.count())],
        "place": (stack.index(), stack.cleanIndex()),
        "unsaved": window.studies.unsaved,
        "path": window.studies.path,
        "title": window.windowTitle(),
        "depth": session._deepening.state,
    }


def test_an_own_study_comes_back_whole_with_its_undo_steps(qtbot):
    window = quiet_window(WindowOptions(demo="yinyang"))
    qtbot.addWidget(window)
    session = window.session

    def rest():
        qtbot.waitUntil(lambda: not session.busy and session.result is not None, timeout=30_000)

    rest()
    for change in ({"rank": 9}, {"delays": 4}):
        session.request(replace(session.settings, **change))
        rest()
    session.undo_stack.undo()
    rest()
    session._deepening.restore(DepthState(reasons={"tokens": "no tokens"}))
    before = known(window)
    assert before["unsaved"]
    window.open_tour()
    rest()
    window.tour.bar.forth.click()
    rest()
    assert session.settings != before["settings"]
    assert window.studies.unsaved  # the own study still is
    window.tour.end()
    rest()
    assert known(window) == before
    session.undo_stack.redo()
    rest()
    assert session.settings.delays == 4
    window.close()
