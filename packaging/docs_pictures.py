"""The guide's pictures, drawn by the window itself on the built-in Yin-Yang study."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QRect
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QWidget

from koopview.files import write_whole
from koopview.gui.exportable import exportables
from koopview.gui.files.export import png
from koopview.gui.open_examples import open_dialogs
from koopview.gui.picture_plan import SWEPT_DELAYS, SWEPT_RANKS
from koopview.gui.picturing import drawn, opened, rest, settle
from koopview.gui.saving.saving import save_exportable
from koopview.gui.window import MainWindow

SIZE = (1360, 960)
"""Of the window: room for the tabs below."""

SHARPNESS = 1.5
"""Pixels to a logical one: sharp on a screen of high density, and small files."""

FOR_ONE_COLUMN = "PNG, one column, 85 mm (*.png)"

Picture = Callable[[MainWindow], QPixmap]


def draw(folder: Path) -> list[Path]:
    """Draw every picture into `folder` as a PNG file, which is made, and its dark twin; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    window = opened("yinyang", "light")
    window.resize(*SIZE)
    window.statusBar().hide()  # which says how much memory is used just now
    rest()
    written = [_written(folder / f"{name}.png", take(window)) for name, take in PICTURES.items()]
    window.appearance.choose("dark")
    rest()
    written += [_written(folder / f"{name}-dark.png", PICTURES[name](window)) for name in TWINS]
    window.close()
    return written


def _written(path: Path, picture: QPixmap) -> Path:
    write_whole(path, png(picture), "picture")
    return path


def blank(folder: Path) -> None:
    """Write an empty picture in the place of each: for those who build the pages to see whether they hold together."""
    folder.mkdir(parents=True, exist_ok=True)
    picture = QPixmap(8, 8)
    picture.fill("white")
    for name in (*PICTURES, *(f"{name}-dark" for name in TWINS)):
        _written(folder / f"{name}.png", picture)


def _whole(window: MainWindow) -> QPixmap:
    return drawn(window, SHARPNESS)


def _dark(window: MainWindow) -> QPixmap:
    window.appearance.choose("dark")
    rest()
    picture = drawn(window, SHARPNESS)
    window.appearance.choose("light")
    rest()
    return picture


def _panels(*names: str) -> Picture:
    """Return what draws some panels that stand side by side."""

    def take(window: MainWindow) -> QPixmap:
        return _part(window, *(window.panel(name) for name in names))

    return take


def _part(window: MainWindow, *widgets: QWidget) -> QPixmap:
    frame = QRect()
    for widget in widgets:
        frame = frame.united(QRect(widget.mapTo(window, widget.rect().topLeft()), widget.size()))
    frame.adjust(-6, -6, 6, 6)
    corner, size = frame.topLeft() * SHARPNESS, frame.size() * SHARPNESS
    return drawn(window, SHARPNESS).copy(QRect(corner, size))


def _contours(window: MainWindow) -> QPixmap:
    window.eigenvalues.contours.click()
    settle(window)
    picture = _part(window, window.eigenvalues)
    window.eigenvalues.contours.click()
    return picture


def _tab(title: str) -> Picture:
    """Return what draws a tab below."""

    def take(window: MainWindow) -> QPixmap:
        tabs = window.results.tabs
        tabs.setCurrentIndex([tabs.tabText(index) for index in range(tabs.count())].index(title))
        settle(window)
        picture = _part(window, window.results)
        tabs.setCurrentIndex(0)
        rest()
        return picture

    return take


def _mode(window: MainWindow) -> QPixmap:
    window.eigenvalues.selection.select((0,))
    picture = _tab("Mode")(window)
    window.eigenvalues.selection.select(())
    return picture


def _sweep(window: MainWindow) -> QPixmap:
    window.session.sweep(SWEPT_DELAYS, SWEPT_RANKS)
    settle(window)
    return _tab("Sweep")(window)


def _present(window: MainWindow) -> QPixmap:
    size = window.size()
    window.presenting.enter(full_screen=False)
    window.resize(1600, 900)
    rest()
    picture = drawn(window, 1.0)
    window.presenting.leave()
    window.resize(size)
    rest()
    return picture


def _open_page(window: MainWindow) -> QPixmap:
    """Draw the dialog that opens a model and its data, filled in."""
    with TemporaryDirectory() as folder:
        (picture,) = (drawn(page, SHARPNESS) for _, page in open_dialogs(Path(folder), ["weights"]))
    return picture


def _figure(window: MainWindow) -> QPixmap:
    """Return the plot of eigenvalues as a person saves it for one column of a paper."""
    (plot,) = (one for one in exportables(window) if one.title == "Eigenvalues")
    with TemporaryDirectory() as folder:
        return QPixmap(str(save_exportable(plot, Path(folder, "figure.png"), FOR_ONE_COLUMN)))


PICTURES: dict[str, Picture] = {
    "window": _whole,
    "window-dark": _dark,
    "network": _panels("network"),
    "fit": _panels("fit_panel"),
    "trajectory": _panels("trajectory"),
    "pair": _panels("eigenvalues", "accuracy"),
    "contours": _contours,
    "boundary": _tab("Decision boundary"),
    "mode": _mode,
    "sweep": _sweep,
    "figure": _figure,
    "present": _present,
    "open-model": _open_page,
}
"""What is drawn, by the file's name; in this order."""

TWINS = tuple(name for name in PICTURES if name not in ("window", "window-dark", "figure"))
"""What is drawn in the dark theme too, as `NAME-dark`: not the whole window, whose twin is among the pictures, and not
what is on paper."""
