"""From the command line's words to a window, and to a picture of it."""

import subprocess
import sys

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtGui import QImage

from koopview import gui
from koopview.errors import FileError, InputError
from koopview.gui import application


@pytest.fixture
def fake(monkeypatch, session, make, result):
    """Let the application use a session that answers at once."""
    opened = []

    def open_options(options):
        opened.append(options)
        session.open(make.state(), make.settings)
        QTimer.singleShot(0, lambda: session.finish(result))

    session.__dict__["open_options"] = open_options
    monkeypatch.setattr(application, "Session", lambda: session)
    yield opened
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_create_window_opens_what_the_words_say(fake, qtbot):
    window = gui.create_window(["--demo", "mnist", "--size", "1300x850", "--theme", "dark"])
    assert fake[0].demo == "mnist"
    assert (window.width(), window.height()) == (1300, 850)
    assert window.appearance.theme.name == "dark"
    with qtbot.waitSignal(window.settled):
        pass
    assert window.summary["layer"] == "2"
    window.close()
    window.deleteLater()


def test_wrong_words_are_told_before_a_window_is_made(fake):
    with pytest.raises(InputError, match="theme"):
        gui.create_window(["--theme", "pink"])
    assert fake == []


def test_screenshot_is_the_window_after_its_fit(fake, tmp_path):
    assert gui.run(["--screenshot", str(tmp_path / "a.png"), "--size", "1280x800", "--theme", "light"]) == 0
    picture = QImage(str(tmp_path / "a.png"))
    assert (picture.width(), picture.height()) == (1280, 800)
    colours = {picture.pixelColor(x, y).name() for x in range(0, 1280, 2) for y in range(0, 800, 2)}
    assert {"#e69f00", "#009e73", "#0072b2"} <= colours


def test_screenshot_into_no_folder_is_refused_before_anything_is_opened(fake, tmp_path):
    with pytest.raises(FileError, match="missing"):
        gui.run(["--screenshot", str(tmp_path / "missing" / "a.png")])
    assert fake == []


def test_a_failure_leaves_no_picture_and_its_sentence(fake, session, tmp_path):
    session.__dict__["open_options"] = lambda options: session.failed.emit("data.npz is empty", "")
    with pytest.raises(InputError, match="is empty"):
        gui.run(["--screenshot", str(tmp_path / "a.png")])
    assert list(tmp_path.iterdir()) == []
    assert ("close",) in session.calls


def test_no_display_is_one_sentence(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(InputError, match="--screenshot"):
        gui.run([])


def test_the_window_is_drawn_without_torch():
    """Neither importing the gui nor drawing an empty window may wait for torch."""
    code = (
        "import sys; from koopview.gui.application import application; application();"
        "from koopview.gui.looks.appearance import Appearance; from koopview.gui.window import MainWindow;"
        "from koopview.gui.session.session import Session;"
        "w = MainWindow(Session(), Appearance('light')); w.show(); w.grab(); w.close();"
        "sys.exit('torch' in sys.modules or 'scipy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
