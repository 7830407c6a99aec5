"""A home that cannot be written: the window opens, says so once, and nothing fails."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings

from koopview.gui.files import kept

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def places(tmp_path, monkeypatch):
    """Where preferences and copies for recovery go, as a test puts it; a file stands in a folder's way."""
    (tmp_path / "file").write_text("in the way")

    def put(preferences, recovery):
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path / preferences))
        monkeypatch.setattr(kept, "recovery_folder", lambda: tmp_path / recovery)

    return put


def test_nothing_is_said_where_all_is_kept(places, tmp_path):
    places("preferences", "recovery")
    assert kept.not_kept() == ""
    assert os.listdir(tmp_path) == ["file"]  # nothing was made to find out


def test_what_is_not_kept_is_named_with_its_place(places, tmp_path):
    places("preferences", "file/recovery")
    assert kept.not_kept().startswith(f"Copies for recovery are not kept, since {tmp_path / 'file/recovery'} cannot be")
    places("file/preferences", "recovery")
    assert kept.not_kept().startswith(f"Preferences are not kept, since {tmp_path / 'file/preferences'}")
    places("file/preferences", "file/recovery")
    assert kept.not_kept().startswith("Preferences and copies for recovery are not kept, since")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no XDG folders")
def test_with_a_home_below_a_file_the_window_opens_and_says_so(tmp_path):
    (tmp_path / "file").write_text("in the way")
    code = (
        "import sys\n"
        "from PySide6.QtCore import QTimer\n"
        "from PySide6.QtWidgets import QApplication\n"
        "from koopview.gui import application, run\n"
        "def look():\n"
        "    (window,) = (one for one in QApplication.topLevelWidgets() if one.objectName() == 'mainWindow')\n"
        "    if window.is_busy(): return QTimer.singleShot(50, look)\n"
        "    print(window.message.isVisible(), window.message.sentence.text(), sep='|')\n"
        "    window.close_now()\n"
        "exec_ = application.QApplication.exec\n"
        "application.QApplication.exec = lambda: (QTimer.singleShot(50, look), exec_())[1]\n"
        "sys.exit(run([]))\n"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    environment |= {"HOME": str(tmp_path / "file" / "home"), "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120)
    notes = [line for line in done.stderr.splitlines() if "propagateSizeHints" not in line]  # a picture's, by Qt
    assert (done.returncode, notes) == (0, [])
    shown, sentence = done.stdout.strip().split("|")
    assert shown == "True"
    assert sentence.startswith("Preferences and copies for recovery are not kept")
    assert f"{tmp_path}/file/home" in sentence
