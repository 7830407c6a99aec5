"""When a window fills in curves by itself: in a person's window, if she wants it, and never as work to save."""

from dataclasses import replace

import pytest

from koopview.gui.looks.appearance import Appearance
from koopview.gui.session.filled import CURVE, Filled
from koopview.gui.window import MainWindow


def told(session):
    """What the session was told of filling in, in order."""
    return [call[1:] for call in session.calls if call[0] == "fill"]


def test_only_a_window_that_a_person_uses_fills_in(window, session):
    window.presenting.enter(full_screen=False)
    window.presenting.leave()
    assert [call for call in told(session) if call[0]] == []
    window.filling.begin()
    assert told(session)[-1] == (True, False)


def test_what_a_person_chose_is_remembered(window, session):
    action = window.actions_by_name["fill_in"]
    window.filling.begin()
    assert action.isChecked()
    action.trigger()
    assert told(session)[-1] == (False, False)
    other = MainWindow(session, Appearance("light"))
    assert not other.actions_by_name["fill_in"].isChecked()
    action.trigger()
    assert told(session)[-1] == (True, False)


def test_a_lecture_has_its_curve_alone(window, session):
    window.filling.begin()
    window.presenting.enter(full_screen=False)
    assert told(session)[-1] == (True, True)
    window.presenting.leave()
    assert told(session)[-1] == (True, False)


def test_a_cell_is_drawn_on_the_curve_and_is_no_work_to_save(fitted, make):
    window, session = fitted.window, fitted.session
    busy = window.is_busy()
    cell = make.result(replace(make.settings, delays=5))
    session.state = session.state.with_cell(cell)
    session.filled.emit(Filled(CURVE, 2, 20))
    assert sorted(window.accuracy.curve._dots.getData()[0].tolist()) == [5, 12]
    assert window.status.filled.text() == "Curve over h 2 of 20, filled in while idle"
    assert window.status.filled.isVisible()
    assert (window.is_busy(), window.studies.unsaved, window.status.progress.isVisible()) == (busy, False, False)
    session.filled.emit(None)
    assert not window.status.filled.isVisible()


@pytest.mark.parametrize("width", [960, 1280])
def test_the_words_never_widen_the_window(fitted, width):
    fitted.window.resize(width, 540)
    fitted.session.filled.emit(Filled(CURVE, 2, 20))
    assert fitted.window.width() == width
