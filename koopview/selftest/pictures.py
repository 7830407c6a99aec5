"""The window on each built-in study: every panel, tab and view is drawn, and figures are saved."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from koopview.network.demos import DEMO_NAMES
from koopview.selftest.check import Check, Unexpected

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from koopview.gui.window import MainWindow

ENDINGS = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF", ".csv": b""}
"""The kinds of files that a figure is saved as, and what each begins with."""

LEAST_COLOURS = 8
"""A panel that is drawn has more colours than its ground and frame."""


def checks(folder: Path) -> Iterable[Check]:
    """Return one check a built-in study; figures are written into `folder`."""
    for demo in DEMO_NAMES:
        yield Check(f"window on {demo}", "every panel drawn, no error", partial(drawn, demo, folder))


def drawn(demo: str, folder: Path) -> str:
    """Open the window on a study, look at every panel, tab and view, save every figure; returns how many there were."""
    from PySide6.QtCore import QSettings

    from koopview.gui.application import without_notes
    from koopview.gui.screenshots import opened, views

    told: list[str] = []
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(folder / "home"))
    with without_notes():
        window = opened(demo, "light")
        window.session.failed.connect(lambda sentence, details: told.append(sentence))
        try:
            seen = [check_drawn(window, name) for name in views(window)]
            saved = saved_figures(window, folder, demo)
        finally:
            window.close()
    if told:
        raise Unexpected(told[0])
    return f"{len(seen)} views, {len(saved)} files"


def check_drawn(window: "MainWindow", view: str) -> str:
    """Return the name of a view; raises Unexpected if a figure that is to be seen is blank."""
    from koopview.gui.exportable import exportables

    for figure in exportables(window):
        if colours(figure.widget.grab().toImage()) < LEAST_COLOURS:
            raise Unexpected(f"{figure.title} is blank in {view}")
    return view


def colours(image: "QImage") -> int:
    """Return how many colours an image has, looked at every third pixel of every third line."""
    return len({image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)})


def saved_figures(window: "MainWindow", folder: Path, stem: str) -> list[Path]:
    """Save every figure on screen as picture and numbers; returns the paths, raises Unexpected for an empty file."""
    from koopview.gui.exportable import exportables
    from koopview.gui.saving.saving import save_exportable

    paths = []
    for number, figure in enumerate(exportables(window)):
        for ending, start in ENDINGS.items():
            path = save_exportable(figure, folder / f"{stem}-{number}{ending}", "")
            content = path.read_bytes()
            if not content.startswith(start) or len(content) < 10:
                raise Unexpected(f"{figure.title} as {ending} holds {len(content)} bytes of something else")
            paths.append(path)
    return paths
