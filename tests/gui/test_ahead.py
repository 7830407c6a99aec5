"""What is done while nobody waits, and what is put off until the screen is painted."""

from koopview.gui import create_window
from koopview.gui.ahead import Ahead
from koopview.gui.drawing import Drawing


class Panel:
    def __init__(self):
        self.shown = []

    def show_result(self, result):
        self.shown.append(result)


class Idle:
    busy = True


def test_code_is_read_ahead_only_while_nobody_waits(qtbot, monkeypatch, window):
    read = []
    monkeypatch.setattr("koopview.gui.ahead.import_module", read.append)
    session = Idle()
    ahead = Ahead(session, window)
    ahead._timer.setInterval(1)
    ahead.begin()
    qtbot.wait(30)
    assert not read
    session.busy = False
    qtbot.waitUntil(lambda: not ahead._timer.isActive(), timeout=5000)
    assert len(read) == len(set(read)) >= 5
    assert "koopview.gui.present.tour" in read


def test_panels_below_the_stage_show_the_last_result_and_at_the_latest_when_asked(qtbot, window):
    stage, below = Panel(), Panel()
    drawing = Drawing((stage,), (below,), window)
    drawing.draw("first", soon=True)
    drawing.draw("second", soon=True)
    assert (stage.shown, below.shown) == (["first", "second"], [])
    qtbot.waitUntil(lambda: below.shown == ["second"], timeout=5000)
    drawing.draw("third", soon=True)
    drawing.finish()
    assert below.shown == ["second", "third"]
    qtbot.wait(60)
    assert below.shown == ["second", "third"]
    drawing.draw(None)
    assert below.shown[-1] is None


def test_a_second_study_that_is_stopped_before_it_is_read_leaves_the_first(qtbot):
    window = create_window(["--demo", "yinyang"])
    qtbot.addWidget(window)
    with qtbot.waitSignal(window.settled, timeout=60_000):
        window.show()
    session, shown = window.session, window.summary
    session.open_demo("mnist")
    assert window.is_busy()
    session.stop()
    qtbot.wait(100)
    assert not window.is_busy()
    assert window.summary == shown
    session.open_demo("mnist")
    qtbot.waitUntil(lambda: not window.is_busy(), timeout=60_000)
    assert window.summary["model"] != shown["model"]
    window.close()


def test_a_fit_asked_for_while_repeats_run_ends_them(qtbot):
    window = create_window(["--demo", "yinyang"])
    qtbot.addWidget(window)
    with qtbot.waitSignal(window.settled, timeout=60_000):
        window.show()
    session = window.session
    session.repeat(50)
    assert window.is_busy()
    session.fit_now()
    qtbot.waitUntil(lambda: not window.is_busy(), timeout=30_000)
    assert session.result.spread is None
    window.close()
