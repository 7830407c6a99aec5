"""Pictures of every panel and tab, in light and dark, for people who look whether all is well."""

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QEventLoop, QPoint, QSize, Qt, QTimer
from PySide6.QtGui import QImage, QPainter, QPixmap
from PySide6.QtWidgets import QDialog, QToolButton, QWidget

from koopview.arguments import WindowOptions
from koopview.files import write_whole
from koopview.gui.application import quiet_window
from koopview.gui.displays import draw_without_display
from koopview.gui.files.export import png
from koopview.gui.open_examples import open_dialogs
from koopview.gui.window import MainWindow
from koopview.network.demos import STUDY_NAMES

SIZES = {"1280x800": (1280, 800, 1.0), "1920x1080@2x": (1920, 1080, 2.0)}
PRESENT_SIZE = (1920, 1080)
THEMES = ("light", "dark")
README_SIZE = (1440, 900)
OPEN_SIZE = QSize(920, 600)
SHARPNESS = (("", 1.0), ("@2x", 2.0))
SWEPT_DELAYS, SWEPT_RANKS = (1, 4, 8, 12, 16, 20), (1, 2, 5, 10, 20, 50)
_REST_MS = 120
_PATIENCE_MS = 120_000
Say = Callable[[str], None]


def take_all(folder: Path, say: Say = print) -> list[Path]:
    """Draw every panel, tab, dialog and mode into PNG files of `folder`, which is created; return their paths.

    Raises
    ------
    FileError
        If a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for study in STUDY_NAMES:
        for theme in THEMES:
            window = opened(study, theme)
            window.session.sweep(SWEPT_DELAYS, SWEPT_RANKS)
            settle(window)
            for name, image in _pictures(window):
                written.append(folder / f"{study}-{theme}-{name}.png")
                write_whole(written[-1], png(image), "picture")
                say(f"{written[-1]}")
            window.close()
    return written


def take_readme(path: Path) -> None:
    """Draw the README's picture: the built-in study in light; raises FileError."""
    window = opened("yinyang", "light")
    window.resize(*README_SIZE)
    rest()
    write_whole(path, png(drawn(window, 1.0)), "picture")
    window.close()


def opened(study: str, theme: str) -> MainWindow:
    """Return a window on a built-in study, once all requests are shown."""
    window = quiet_window(WindowOptions(demo=study, theme=theme, size=(1280, 800)))
    window.show()
    settle(window)
    return window


def _pictures(window: MainWindow) -> Iterator[tuple[str, QPixmap]]:
    for name, (width, height, sharpness) in SIZES.items():
        window.resize(width, height)
        yield from ((f"{name}-{view}", drawn(window, sharpness)) for view in views(window))
    window.resize(*next(iter(SIZES.values()))[:2])
    yield from ((view, drawn(window, 1.0)) for view in present_views(window))
    yield from _dialogs(window)


def views(window: MainWindow) -> Iterator[str]:
    """Show each tab and each view of every panel in turn; yield a name for each."""
    tabs, views = window.results.tabs, _segments(window)
    for index in range(tabs.count()):
        if tabs.isTabVisible(index):
            tabs.setCurrentIndex(index)
            if tabs.tabText(index) == "Mode":
                window.eigenvalues.selection.select((0,))
            settle(window)
            yield f"tab-{_slug(tabs.tabText(index))}"
    tabs.setCurrentIndex(0)
    for panel, buttons in views:
        for button in buttons:
            button.click()
            settle(window)
            yield f"{panel}-{_slug(button.text())}"
        buttons[0].click()
    settle(window)


def _segments(window: MainWindow) -> list[tuple[str, list[QToolButton]]]:
    panels = {"trajectory": window.trajectory, "eigenvalues": window.eigenvalues, "accuracy": window.accuracy}
    return [(name, panel.views.findChildren(QToolButton)) for name, panel in panels.items() if hasattr(panel, "views")]


def _dialogs(window: MainWindow) -> Iterator[tuple[str, QPixmap]]:
    """Open each of our dialogs over the window; yield its name and picture."""
    for key in ("open_model", "commands", "method", "shortcuts", "about"):
        before = set(window.findChildren(QDialog))
        window.actions_by_name[key].trigger()
        rest()
        for dialog in set(window.findChildren(QDialog)) - before:
            yield f"dialog-{key}", drawn(dialog, 2.0)
            dialog.close()
    yield from _comparison(window)
    with TemporaryDirectory() as folder:
        for name, page in open_dialogs(Path(folder)):
            page.resize(OPEN_SIZE)
            rest()
            yield from ((f"dialog-open-{name}{suffix}", drawn(page, sharpness)) for suffix, sharpness in SHARPNESS)


def _comparison(window: MainWindow) -> Iterator[tuple[str, QPixmap]]:
    """Open the window that compares two fits, and yield its picture once all is measured."""
    from koopview.gui.compare.window import open_comparison

    result = window.shown_result()
    if result is not None:
        comparison = open_comparison(window, window.session, window.appearance, result)
        comparison.settled.connect(window.settled)
        rest(2 * _REST_MS)
        settle(window)
        yield "dialog-compare", drawn(comparison, 2.0)
        comparison.close()


def present_views(window: MainWindow) -> Iterator[str]:
    """Show each picture of present mode in turn; yield a name for each."""
    window.presenting.enter(full_screen=False)
    window.resize(*PRESENT_SIZE)
    rest()
    yield "present"
    assert window.presenting.page is not None
    window.presenting.page.paths.click()
    rest()
    yield "present-trajectory"
    window.presenting.leave()


def drawn(widget: QWidget, sharpness: float) -> QPixmap:
    """Return a picture of `widget` with `sharpness` pixels per logical pixel."""
    image = QImage(widget.size() * sharpness, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(sharpness)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    widget.render(painter, QPoint(0, 0))
    painter.end()
    return QPixmap.fromImage(image)


def settle(window: MainWindow) -> None:
    """Run the event loop until all requests are shown."""
    rest()
    if window.is_busy():
        waiting = QEventLoop()
        window.settled.connect(waiting.quit)
        QTimer.singleShot(_PATIENCE_MS, waiting.quit)
        waiting.exec()
        window.settled.disconnect(waiting.quit)
    rest()


def rest(milliseconds: int = _REST_MS) -> None:
    """Run the event loop for some milliseconds."""
    waiting = QEventLoop()
    QTimer.singleShot(milliseconds, waiting.quit)
    waiting.exec()


def _slug(text: str) -> str:
    return "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in text.lower()).split())


def main(arguments: Sequence[str]) -> int:
    """Draw everything into the folder given, or, with ``--readme FILE``, only the README's picture."""
    parser = ArgumentParser("python -m koopview.gui.screenshots", description=__doc__)
    wanted = parser.add_mutually_exclusive_group(required=True)
    wanted.add_argument("folder", nargs="?", type=Path, metavar="FOLDER", help="folder that all pictures go into")
    wanted.add_argument("--readme", type=Path, metavar="FILE", help="draw the README's picture alone, into this file")
    options = parser.parse_args(arguments)
    draw_without_display()
    if options.readme is not None:
        take_readme(options.readme)
    else:
        take_all(options.folder)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
