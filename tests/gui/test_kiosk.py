"""A kiosk: what a visitor can do, what she cannot, and that nothing is left of it."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent, QKeySequence, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from koopview.arguments import KIOSK_SECONDS, window_options
from koopview.errors import InputError
from koopview.gui import application, create_window
from koopview.gui.actions import ACTIONS
from koopview.gui.files.recent import note_recent
from koopview.gui.present.kiosk import REACHABLE, Kiosk, quit_keys


class Idle(QTimer):
    """A timer that counts its starts, and whose time the test decides."""

    starts = 0

    def start(self):
        self.starts += 1
        super().start()


@pytest.fixture
def kiosk(fitted):
    """The window as a kiosk whose time does not run out by itself, with its start on screen."""
    fitted.idle = Idle()
    fitted.kiosk = Kiosk(fitted.window, fitted.window, 3600, fitted.idle)
    fitted.window.presenting.choose("usual", full_screen=False)
    fitted.session.finish(fitted.result)
    fitted.page = fitted.window.presenting.page
    yield fitted
    QApplication.instance().removeEventFilter(fitted.kiosk)


def mouse(page, x, kind=QEvent.Type.MouseMove):
    at = QPointF(x, 40)
    button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else Qt.MouseButton.LeftButton
    event = QMouseEvent(kind, at, QPointF(page.mapToGlobal(at.toPoint())), button, button, Qt.KeyboardModifier(0))
    QApplication.sendEvent(page, event)


def test_it_counts_what_a_person_does_and_not_what_qt_does(kiosk, qtbot):
    idle, page = kiosk.idle, kiosk.page
    mouse(page, 30)
    touched = idle.starts
    assert idle.isActive()
    page.repaint()
    page.plane.widget.viewport().repaint()
    QApplication.sendEvent(page, QEvent(QEvent.Type.LayoutRequest))
    page.resize(page.width() - 5, page.height())
    QApplication.processEvents()
    mouse(page, 30)  # a mouse that rests
    assert idle.starts == touched
    mouse(page, 31)
    assert idle.starts == touched + 1
    qtbot.keyClick(page, Qt.Key.Key_A)
    assert idle.starts > touched + 1
    pressed = idle.starts
    mouse(page, 31, QEvent.Type.MouseButtonPress)
    assert idle.starts > pressed


def test_without_a_touch_since_the_start_nothing_is_set_back(kiosk):
    assert not kiosk.idle.isActive()
    kiosk.kiosk.start_over()
    assert not kiosk.idle.isActive()


def test_when_the_time_is_over_the_start_is_back(kiosk, make):
    page, session = kiosk.page, kiosk.session
    page.paths.click()
    page.dark.click()
    kiosk.window.eigenvalues.selection.select((0,))
    page.plane.widget.setRange(xRange=(3, 4), yRange=(3, 4))
    kiosk.idle.timeout.emit()
    assert session.calls[-1][0] == "start_over"
    assert session.calls[-1][1].results[-1].settings == make.settings
    assert not page.paths.isChecked()
    assert kiosk.window.appearance.theme.name == "light"
    assert kiosk.window.eigenvalues.selection.indices == ()
    assert page.plane.widget.getViewBox().viewRange()[0][0] < 0
    assert not kiosk.idle.isActive()


def test_no_key_of_the_window_asks_opens_leaves_or_closes(kiosk, qtbot):
    window, session = kiosk.window, kiosk.session
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    calls = len(session.calls)
    reachable = {words.shortcut for words in ACTIONS.values() if words.name in REACHABLE}
    for keys in [words.shortcut for words in ACTIONS.values()] + ["Alt+F", "F6", "F7", "F8", "Menu", "Shift+F10"]:
        if keys not in reachable:
            QTest.keySequence(kiosk.page, QKeySequence(keys))
    assert window.isVisible()
    assert window.presenting.active
    assert window.findChildren(QDialog) == []
    assert QApplication.activePopupWidget() is None
    assert session.calls[calls:] == []


def test_what_is_shown_of_the_menus_is_what_can_be_reached(kiosk):
    window = kiosk.window
    shown = {action.objectName() for action in window.actions() if action.isVisible()}
    assert shown == set(REACHABLE)
    assert window.menuBar().actions() == []
    window._allow()  # which a new state does, too
    assert not window.actions_by_name["save"].isEnabled()
    assert kiosk.page.leave.isHidden()
    assert not window.acceptDrops()


def test_no_menu_opens_on_a_plot(kiosk):
    for part in (kiosk.page.bars, kiosk.page.grid, kiosk.page.plane.widget, kiosk.page.title):
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(9, 9), part.mapToGlobal(QPoint(9, 9)))
        QApplication.sendEvent(part, event)
        assert QApplication.activePopupWidget() is None


def test_the_desktop_cannot_close_it_and_its_own_keys_do(kiosk, qtbot):
    window = kiosk.window
    window.windowHandle().close()
    assert window.isVisible()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keySequence(kiosk.page, QKeySequence(quit_keys()))
    assert not window.isVisible()


def test_a_visitor_takes_modes_out_and_puts_them_back_with_buttons_that_come_when_they_can(kiosk, make):
    chooser, session = kiosk.page.chooser, kiosk.session
    assert chooser.remove.isHidden()
    assert chooser.reset.isHidden()
    kiosk.window.eigenvalues.selection.select((0,))
    assert chooser.remove.isVisible()
    chooser.remove.click()
    assert dict(session.requests[-1].edits)[0] == 0
    assert chooser.reset.isVisible()


def test_a_failure_is_told_without_a_button_that_leads_out(kiosk):
    kiosk.session.failed.emit("the fit failed", "a trace")
    message = kiosk.window.message
    assert message.isVisible()
    assert message.more.isHidden()
    assert message.action.isHidden()


def test_what_cannot_be_opened_ends_it_with_its_sentence(monkeypatch, session):
    later = lambda options: QTimer.singleShot(0, lambda: session.failed.emit("gone.koopview does not exist", ""))  # noqa: E731
    session.__dict__["open_options"] = later
    monkeypatch.setattr(application, "Session", lambda: session)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    other = QWidget()
    other.show()  # the program would not end by itself
    with pytest.raises(InputError, match=r"gone\.koopview does not exist"):
        application.run(["--kiosk"])


def test_nothing_of_a_visitor_is_kept(qtbot, tmp_path):
    """The real session: a running fit is cancelled, the first result is there again, and no file was written."""
    window = create_window(["--kiosk", "3600"])
    kiosk = window.findChild(Kiosk)
    assert not window.presenting.page.chooser.isEnabled()  # before there is a start to go back to
    with qtbot.waitSignal(window.settled, timeout=60_000):
        window.show()
    assert window.isFullScreen()
    first, page, session = window.summary, window.presenting.page, window.session
    known = [one.settings for one in session.state.results]
    page.chooser.delays.setValue(3)
    window.appearance.choose("dark")
    with qtbot.waitSignal(window.settled, timeout=60_000):
        pass
    assert window.summary["delays"] == 3
    page.chooser.delays.setValue(9)
    assert window.is_busy()
    kiosk.start_over()
    assert session.settings.delays == first["delays"]
    assert session.undo_stack.count() == 0
    qtbot.waitUntil(lambda: not window.is_busy(), timeout=60_000)
    assert window.summary == first
    assert [one.settings for one in session.state.results] == known
    assert not list((tmp_path / "preferences").rglob("*"))
    assert not window.studies.must_ask
    kiosk.end()
    assert not list((tmp_path / "preferences").rglob("*"))


@pytest.mark.parametrize(
    ("words", "seconds", "study"),
    [
        (["--kiosk"], KIOSK_SECONDS, None),
        (["--kiosk", "45"], 45, None),
        (["--kiosk", "0.5", "a.koopview"], 0.5, "a.koopview"),
        (["--kiosk", "a.koopview"], KIOSK_SECONDS, "a.koopview"),
        (["a.koopview", "--kiosk"], KIOSK_SECONDS, "a.koopview"),
    ],
)
def test_seconds_are_optional(words, seconds, study):
    options = window_options(words)
    assert (options.kiosk, options.source.study) == (seconds, study)


@pytest.mark.parametrize("said", ["soon", "0", "-5", "nan", "inf", "86401", ""])
def test_wrong_seconds_are_a_sentence(said):
    with pytest.raises(InputError, match=r"--kiosk: .* is no time, expected seconds above 0, 86400 at most"):
        window_options(["--kiosk", said])


def test_it_offers_nothing_of_an_earlier_session_and_keeps_nothing_for_a_later_one(monkeypatch, session, tmp_path):
    note_recent(tmp_path / "before.koopview")
    windows = []
    session.__dict__["open_options"] = lambda options: None
    monkeypatch.setattr(application, "Session", lambda: session)
    monkeypatch.setattr(application, "recovery_folder", lambda: tmp_path / "recovery")
    monkeypatch.setattr(application.QApplication, "exec", lambda: 0)
    made = application.window_of
    monkeypatch.setattr(application, "window_of", lambda options: windows.append(made(options)) or windows[-1])
    assert application.run(["--kiosk"]) == 0
    assert windows[0].message.isHidden()
    assert not windows[0].studies.recovering.guards
    windows[0].findChild(Kiosk).end()
    assert not (tmp_path / "recovery").exists()
