"""From the command line's words to a window, and to a picture of it."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtGui import QImage
from torch import nn

from koopview import gui
from koopview.errors import FileError, InputError
from koopview.gui import application
from koopview.gui.application import window_of
from koopview.gui.files.recent import note_recent
from koopview.network.data import Dataset
from koopview.study.source import Source
from koopview.study.study import Study


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


@pytest.mark.parametrize("name", ["set.npz", "pictures"])
def test_a_file_that_is_no_study_is_looked_at_before_it_is_opened(fake, qtbot, session, tmp_path, name):
    """The built-in study stands behind the page that asks for the network of these data."""
    if name == "pictures":
        for place, kind in enumerate("ab"):
            (tmp_path / name / kind).mkdir(parents=True)
            Image.new("L", (8, 8), 40 * place).save(tmp_path / name / kind / "0.png")
    else:
        np.savez(tmp_path / name, x=np.ones((30, 7)), y=np.arange(30) % 3)
    window = gui.create_window([str(tmp_path / name)])
    assert fake[0].source == Source()
    session.source = Source(model="demo:yinyang")
    qtbot.waitUntil(lambda: not window.opening.looking, timeout=30_000)
    assert window.opening.dialog.data.path.text() == str(tmp_path / name)
    assert [name for name, *_ in session.calls] == []
    window.opening.dialog.reject()
    window.close()
    window.deleteLater()


def test_a_study_is_opened_whatever_its_name_is(fake, qtbot, session, tmp_path):
    Study(
        nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2)), Dataset(np.ones((30, 4)), np.arange(30) % 2)
    ).save(tmp_path / "mine.koopview")
    path = (tmp_path / "mine.koopview").rename(tmp_path / "mine.backup")
    window = gui.create_window([str(path)])
    qtbot.waitUntil(lambda: not window.opening.looking, timeout=30_000)
    assert session.calls == [("open_saved", str(path))]
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


@pytest.fixture
def started(fake, qtbot, tmp_path, monkeypatch):
    """Run the window with the given words, without an event loop; returns the window."""
    monkeypatch.setattr(application.QApplication, "exec", lambda: 0)
    monkeypatch.setattr(application, "recovery_folder", lambda: tmp_path / "recovery")
    windows = []
    monkeypatch.setattr(application, "window_of", lambda options: windows.append(window_of(options)) or windows[-1])
    yield lambda *words: application.run(words) or windows[-1]
    for window in windows:
        window.studies.forget_changes()
        window.close()


def test_a_start_without_words_offers_to_go_on_with_the_last_study(started, qtbot, session, tmp_path):
    for name in ("mine.koopview", "data.npz"):
        note_recent(tmp_path / name)
    (tmp_path / "mine.koopview").write_bytes(b"x")
    window = started()
    assert window.message.isVisible()
    assert window.message.sentence.text() == "Continue with “mine”"
    window.presenting.enter(full_screen=False)
    assert not window.message.isVisible()
    window.presenting.leave()
    window.message.action.click()
    qtbot.waitUntil(lambda: not window.opening.looking, timeout=30_000)
    assert session.calls[-1] == ("open_saved", str(tmp_path / "mine.koopview"))


def test_what_went_wrong_looks_so_after_a_quiet_note(started, session, tmp_path):
    note_recent(tmp_path / "mine.koopview")
    window = started()
    quiet = window.message.grab().toImage().pixelColor(60, 4)
    session.failed.emit("data.npz is empty", "")
    assert window.message.grab().toImage().pixelColor(60, 4) != quiet


def test_nothing_is_offered_where_something_else_was_asked_for(started, tmp_path):
    assert not started().message.isVisible()  # there is no last study
    note_recent(tmp_path / "mine.koopview")
    for words in (("--demo", "mnist"), ("--size", "1280x800"), ("--model", "net.pt")):
        assert not started(*words).message.isVisible()
    window = gui.create_window([])
    window.show()
    assert not window.message.isVisible()
    window.close()


def test_the_window_is_drawn_without_torch():
    """Neither importing the gui nor drawing an empty window may wait for torch, or for what only a view needs."""
    code = (
        "import sys; from koopview.gui.application import application; application();"
        "from koopview.gui.looks.appearance import Appearance; from koopview.gui.window import MainWindow;"
        "from koopview.gui.session.session import Session;"
        "w = MainWindow(Session(), Appearance('light')); w.show(); w.grab(); w.close();"
        "late = {'torch', 'scipy', 'numpy.ma', 'koopview.gui.panels.meaning', 'koopview.gui.plots.class_map'};"
        "assert not late & sys.modules.keys(), late & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


@pytest.mark.parametrize("name", ["yinyang", "mnist"])
def test_a_built_in_study_is_whole_without_torch(name):
    """What it means and the sample's answers are in the file: a picture shows them and needs no engine."""
    code = (
        "import sys; from pathlib import Path; from koopview.arguments import WindowOptions;"
        "import koopview.gui.application as gui; seen = [];"
        "gui.save_picture = lambda window, path: seen.append("
        "(window.meaning.pages.shown, window.left.sample.values['hybrid'].text()));"
        f"gui.screenshot(WindowOptions(demo={name!r}, size=(1280, 800)), Path('x.png'));"
        "((view, answer),) = seen; assert len(view.samples) > 9 and answer[-1] in '✓✗', seen;"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
