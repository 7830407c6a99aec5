"""Qt, the program's fonts and its icons: a file of these that is cut off stops no window, and spoils its looks."""

import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from koopview.installation import NEEDED, incomplete
from koopview.resources import resource_path
from koopview.selftest.check import Check, Unexpected

FONT = "Inter"
EXPECTED = f"offscreen, {FONT}"


def checks(folder: Path) -> Iterable[Check]:
    """Return the check that Qt draws without a display, in the program's font; preferences go into `folder`."""
    yield Check("Qt, fonts, icons", EXPECTED, partial(loaded, folder))


def loaded(folder: Path) -> str:
    """Start Qt, load each font and each icon, and return how Qt draws; raises FileError, which names a broken file."""
    from PySide6.QtCore import QSettings
    from PySide6.QtGui import QFontDatabase, QImage

    from koopview.gui.application import application, without_notes

    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(folder / "home"))
    application()
    with without_notes():
        for path in map(resource_path, NEEDED):
            if path.suffix == ".otf" and QFontDatabase.addApplicationFont(str(path)) < 0:
                raise incomplete(path)
            if path.suffix == ".svg" and QImage(str(path)).isNull():
                raise incomplete(path)
    found = ", ".join(drawing().values())
    if found != EXPECTED:
        raise Unexpected(found)
    return found


def drawing() -> dict[str, str]:
    """Return how Qt draws, its platform and the family of its font; empty where it was not started."""
    gui = sys.modules.get("PySide6.QtGui")
    if gui is None or gui.QGuiApplication.instance() is None:
        return {}
    family = gui.QFontInfo(gui.QGuiApplication.font()).family()
    return {"platform": gui.QGuiApplication.platformName(), "font": family}
