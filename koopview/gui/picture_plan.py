"""What is drawn of which study, in which theme and size."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QSize
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QDialog

from koopview.gui.open_examples import open_dialogs
from koopview.gui.picturing import drawn, present_views, rest, settle, slug, views
from koopview.gui.widgets.workspace import LAYOUTS
from koopview.gui.window import MainWindow

SIZES = {
    "960x540": (960, 540, 1.0),
    "1280x800": (1280, 800, 1.0),
    "1440x900": (1440, 900, 1.0),
    "1920x1080@2x": (1920, 1080, 2.0),
}
"""Width and height of the window in logical pixels, and pixels to each of them, by name."""
OPEN_SIZE = QSize(920, 600)
PANELS = ("network", "eigenvalues", "accuracy", "meaning", "trajectory", "results", "fit_panel")
"""The panels that can fill the window, by their names there."""
SHARPNESS = (("", 1.0), ("@2x", 2.0))
SWEPT_DELAYS, SWEPT_RANKS = (1, 4, 8, 12, 16, 20), (1, 2, 5, 10, 20, 50)
Pictures = Iterator[tuple[str, QPixmap]]


@dataclass(frozen=True)
class Shot:
    """What is drawn of a study: its theme, its size (a key of SIZES), and the parts that yield pictures."""

    theme: str
    size: str
    parts: tuple[Callable[[MainWindow, float], Pictures], ...]


def _stage(window: MainWindow, sharpness: float) -> Pictures:
    """Yield the whole window as it opens."""
    rest()
    yield "stage", drawn(window, sharpness)


def _views(window: MainWindow, sharpness: float) -> Pictures:
    """Yield the window with each tab and each view of a panel, the modes with one selected."""
    yield from ((view, drawn(window, sharpness)) for view in views(window))


def _enlarged(window: MainWindow, sharpness: float) -> Pictures:
    """Yield each panel as it fills the window."""
    for name in PANELS:
        window.workspace.enlarge(window.panel(name))
        settle(window)
        yield f"enlarged-{slug(name)}", drawn(window, sharpness)
        window.enlarging.put_back()
    rest()


def _layouts(window: MainWindow, sharpness: float) -> Pictures:
    """Yield the layouts for a lecture and for small screens."""
    for name in (*list(LAYOUTS)[1:], next(iter(LAYOUTS))):
        window.workspace.arrange(name)
        settle(window)
        yield f"layout-{name}", drawn(window, sharpness)


def _mode(window: MainWindow, sharpness: float) -> Pictures:
    """Yield a mode, and the same mode as it fills the window."""
    _show_tab(window, "Mode")
    yield from _small_and_enlarged(window, "mode", sharpness)
    window.eigenvalues.selection.select(())
    window.results.tabs.setCurrentIndex(0)
    rest()


def _left(window: MainWindow, _: float) -> Pictures:
    """Yield the panel on the left, sharp: layers, sample, history after a few fits."""
    settings = window.session.settings
    if settings is not None:
        for delays in (1, 3, settings.delays):
            window.session.request(replace(settings, delays=delays))
            settle(window)
    yield "left", drawn(window.network, 2.0)


def _swept(window: MainWindow, sharpness: float) -> Pictures:
    """Yield the map of a sweep in its tab, and the same map as it fills the window."""
    window.session.sweep(SWEPT_DELAYS, SWEPT_RANKS)
    settle(window)
    _show_tab(window, "Sweep")
    yield from _small_and_enlarged(window, "swept", sharpness)
    window.results.tabs.setCurrentIndex(0)


def _small_and_enlarged(window: MainWindow, name: str, sharpness: float) -> Pictures:
    """Yield the window with a tab in its panel, and with the tab as it fills the window."""
    yield name, drawn(window, sharpness)
    window.workspace.enlarge(window.results)
    settle(window)
    yield f"{name}-enlarged", drawn(window, sharpness)
    window.enlarging.put_back()


def _show_tab(window: MainWindow, title: str) -> None:
    tabs = window.results.tabs
    tabs.setCurrentIndex([tabs.tabText(index) for index in range(tabs.count())].index(title))
    window.eigenvalues.selection.select((0,))
    settle(window)


def _present(window: MainWindow, _: float) -> Pictures:
    """Yield the pictures of present mode."""
    size = window.size()
    yield from ((view, drawn(window, 1.0)) for view in present_views(window))
    window.resize(size)
    rest()


def _dialogs(window: MainWindow, _: float) -> Pictures:
    """Yield each of our dialogs over the window."""
    for key in ("open_model", "commands", "method", "shortcuts", "about"):
        before = set(window.findChildren(QDialog))
        window.actions_by_name[key].trigger()
        rest()
        for dialog in set(window.findChildren(QDialog)) - before:
            yield f"dialog-{key}", drawn(dialog, 2.0)
            dialog.close()


def _open_dialogs(window: MainWindow, _: float) -> Pictures:
    """Yield the dialog that opens models, on files of many kinds."""
    with TemporaryDirectory() as folder:
        for name, page in open_dialogs(Path(folder)):
            page.resize(OPEN_SIZE)
            rest()
            yield from ((f"dialog-open-{name}{suffix}", drawn(page, sharpness)) for suffix, sharpness in SHARPNESS)


def _comparison(window: MainWindow, sharpness: float) -> Pictures:
    """Yield the window that compares two fits, once all is measured."""
    from koopview.gui.compare.window import open_comparison

    result = window.shown_result()
    if result is not None:
        comparison = open_comparison(window, window.session, window.appearance, result)
        comparison.settled.connect(window.settled)
        rest(240)
        settle(window)
        yield "compare", drawn(comparison, sharpness)
        comparison.close()


_ALL = (_stage, _views, _enlarged, _layouts)
PLAN: dict[str, tuple[Shot, ...]] = {
    "": (Shot("light", "960x540", (_stage,)), Shot("dark", "1280x800", (_stage,))),
    "yinyang": (
        Shot("light", "1280x800", (*_ALL, _mode, _left, _swept, _comparison, _dialogs, _open_dialogs)),
        Shot("light", "960x540", (_stage, _enlarged, _layouts)),
        Shot("light", "1440x900", (_stage, _present)),
        Shot("dark", "960x540", (_stage,)),
        Shot("dark", "1440x900", (_stage, _mode, _comparison, _dialogs)),
        Shot("dark", "1920x1080@2x", (_stage,)),
    ),
    "mnist": (
        Shot("dark", "1280x800", (*_ALL, _mode, _comparison, _present)),
        Shot("dark", "960x540", (_stage, _enlarged)),
        Shot("light", "1440x900", (_stage, _mode)),
        Shot("light", "1920x1080@2x", (_stage, _layouts)),
    ),
    "mnist-conv": (Shot("light", "1280x800", (_stage,)), Shot("dark", "1440x900", (_stage, _mode))),
    "mnist-vit": (Shot("dark", "1280x800", (_stage,)), Shot("light", "1440x900", (_stage,))),
    "table": (
        Shot("light", "1440x900", (_stage, _mode, _left)),
        Shot("dark", "1280x800", (_stage, _views)),
        Shot("dark", "960x540", (_stage,)),
    ),
    "regression": (Shot("dark", "1440x900", (_stage, _left)), Shot("light", "1280x800", (_stage, _views))),
    "long": (Shot("light", "1280x800", (_stage, _left, _comparison)), Shot("dark", "960x540", (_stage,))),
}
"""What is drawn of each study, "" for none: each thing in both themes, each size more than once."""
