"""The window on each built-in study: every panel, tab and view is drawn, and figures are saved."""

from collections.abc import Iterable
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from koopview.network.demos import STUDY_NAMES
from koopview.selftest.check import Check, Unexpected
from koopview.selftest.numbers import EIGENVALUES_OFF, SAMPLES_OFF

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from koopview.gui.window import MainWindow
    from koopview.study.result import FitResult

SIZE = (1280, 800)
ENDINGS = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF", ".csv": b""}
"""The kinds of files that a figure is saved as, and what each begins with."""

LEAST_COLOURS = 8
"""A panel that is drawn has more colours than its ground and frame."""


def checks(folder: Path) -> Iterable[Check]:
    """Return one check a built-in study; figures are written into `folder`."""
    for demo in STUDY_NAMES:
        yield Check(f"window on {demo}", "every panel drawn, no error", partial(drawn, demo, folder))


def drawn(demo: str, folder: Path) -> str:
    """Open the window on a study, look at every panel, tab and view, save every figure; returns how many there were."""
    from PySide6.QtCore import QSettings

    from koopview.gui.application import without_notes
    from koopview.gui.picturing import present_views, views

    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(folder / "home"))
    with without_notes():
        window, told = opened(demo)
        try:
            settled(window, told)
            refit(window, told)
            seen = [check_drawn(window, name) for name in chain(views(window), present_views(window))]
            settled(window, told)
            saved = saved_figures(window, folder, demo)
        finally:
            window.close()
    return f"{len(seen)} views, {len(saved)} files"


def opened(demo: str) -> tuple["MainWindow", list[str]]:
    """Return a window that opens a study, and a list of what it tells that went wrong from now on."""
    from koopview.arguments import WindowOptions
    from koopview.gui.application import quiet_window

    told: list[str] = []
    window = quiet_window(WindowOptions(demo=demo, theme="light", size=SIZE))
    window.session.failed.connect(lambda sentence, details: told.append(sentence))
    window.show()
    return window, told


def settled(window: "MainWindow", told: list[str]) -> "FitResult":
    """Wait until all is shown and return the result on screen; raises Unexpected where something went wrong."""
    from koopview.gui.picturing import settle

    settle(window)
    result = window.shown_result()
    if told or result is None or window.is_busy():
        raise Unexpected(told[0] if told else "the window never came to rest with a result on screen")
    return result


def refit(window: "MainWindow", told: list[str]) -> None:
    """Fit anew what a built-in study opens with; raises Unexpected if its saved numbers are not met."""
    saved = settled(window, told)
    window.session.fit_now()
    fresh = settled(window, told)
    apart = np.abs(np.abs(fresh.eigenvalues) - np.abs(saved.eigenvalues)).max()
    samples = abs((fresh.hybrid or 0) - (saved.hybrid or 0)) * fresh.test_samples
    if fresh is saved or apart > EIGENVALUES_OFF or samples > SAMPLES_OFF + 0.5:
        raise Unexpected(f"a fit in the window is {samples:.0f} samples, {apart:.0e} from the saved one")


def check_drawn(window: "MainWindow", view: str) -> str:
    """Return the name of a view; raises Unexpected if a figure that is to be seen is blank, or is still to come."""
    from koopview.gui.exportable import exportables
    from koopview.gui.widgets.view_panel import WAITING, ViewPanel

    for figure in exportables(window):
        if colours(figure.widget.grab().toImage()) < LEAST_COLOURS:
            raise Unexpected(f"{figure.title} is blank in {view}")
    late = [panel for panel in window.findChildren(ViewPanel) if panel.isVisible() and panel.words.isVisible()]
    if any(panel.words.text() == WAITING for panel in late):
        raise Unexpected(f"{view} never came")
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
