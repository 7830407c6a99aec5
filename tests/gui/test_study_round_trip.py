"""A study through the real window and engine: changed, saved, opened to the same picture, and gone on with."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QEventLoop, QTimer

from koopview.gui import create_window


def settle(window):
    waiting, failures = QEventLoop(), []
    window.session.failed.connect(lambda sentence, details: failures.append(sentence))
    window.settled.connect(waiting.quit)
    QTimer.singleShot(60_000, waiting.quit)
    waiting.exec()
    window.settled.disconnect(waiting.quit)
    assert failures == []


@pytest.fixture
def window(qtbot):
    made = create_window(["--demo", "yinyang", "--size", "1280x800"])
    made.show()
    settle(made)
    return made


def test_a_saved_study_opens_to_the_same_picture_and_goes_on(window, tmp_path):
    window.session.request(replace(window.session.settings, delays=5, samples=200))
    settle(window)
    before = window.summary
    window.studies.path = tmp_path / "mine.koopview"
    window.actions_by_name["save"].trigger()
    settle(window)
    assert not window.studies.unsaved
    window.session.export_hybrid(tmp_path / "hybrid.pt2", lambda: None)
    settle(window)
    assert (tmp_path / "hybrid.pt2").stat().st_size > 1000
    window.session.open_demo("yinyang")
    settle(window)
    assert window.session.source.study is None  # the built-in one, of no file
    window.opening.open_study(str(tmp_path / "mine.koopview"))
    settle(window)
    assert window.summary == before
    assert window.studies.path == tmp_path / "mine.koopview"
    window.session.request(window.session.settings.with_rank(7))
    settle(window)
    assert window.summary["rank"] == 7
    window.close()
