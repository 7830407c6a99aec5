"""The menus and the toolbar, made of the actions."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from koopview.gui.actions import Actions
from koopview.gui.files.recent import recent_files
from koopview.gui.widgets.copying import Shown, all_shown

_SEPARATOR = ""
_DEMOS = ("demo_yinyang", "demo_mnist")
_EXPORTS = ("export_numbers", "export_hybrid", "export_script", "copy_script", _SEPARATOR, "export_window")
_MENUS = {
    "&Edit": ("undo", "redo", _SEPARATOR, "copy_numbers", "copy_picture", _SEPARATOR, "commands"),
    "&Study": (
        *("fit", "stop", "sweep", _SEPARATOR),
        *("remove_modes", "scale_modes", "reset_modes", "unlearn"),
    ),
    "&Help": ("tour", "method", "shortcuts", _SEPARATOR, "about"),
}


class Menus:
    """Owns the menus whose entries change: recent files, and what can be exported of what is on screen.

    `open_file` opens a recent file, `save_plot` asks where to save a plot's picture.
    """

    def __init__(
        self,
        window: QMainWindow,
        actions: Actions,
        open_file: Callable[[str], object],
        save_plot: Callable[[Shown], object],
    ) -> None:
        self._window, self._actions = window, actions
        self._open_file, self._save_plot = open_file, save_plot
        self.recent = _menu(window, "&Recent files", self._fill_recent)
        self.open = _filled(QMenu("Open", window), actions, "open_study", "open_model", "open_data")
        self.open.addMenu(self.recent)
        self.demo = _filled(QMenu("&Demo", window), actions, *_DEMOS)
        self.export = _menu(window, "&Export", self._fill_export)
        actions["export"].setMenu(self.export)

    def fill(self, themes: dict[str, QAction], panels: Sequence[QAction]) -> None:
        """Put every action into its menu."""
        bar, actions = self._window.menuBar(), self._actions
        file = _filled(bar.addMenu("&File"), actions, "open_study", "open_model", "open_data")
        file.addMenu(self.recent)
        file.addMenu(self.demo)
        _filled(file, actions, _SEPARATOR, "save", "save_as", _SEPARATOR, "export", _SEPARATOR, "quit")
        for name, keys in _MENUS.items():
            if name == "&Help":
                self._fill_view(bar.addMenu("&View"), themes, panels)
            _filled(bar.addMenu(name), actions, *keys)
        self._fill_export()

    def show_export(self, below: QWidget) -> None:
        """Open the menu of exports below its button, as a click on it does."""
        self.export.popup(below.mapToGlobal(QPoint(0, below.height())))

    def _fill_view(self, view: QMenu, themes: dict[str, QAction], panels: Sequence[QAction]) -> None:
        _filled(view, self._actions, "present", _SEPARATOR)
        view.addActions(list(themes.values()))
        _filled(view, self._actions, "next_theme", _SEPARATOR)
        view.addActions(panels)
        _filled(view, self._actions, "reset_layout")

    def _fill_recent(self) -> None:
        self.recent.clear()
        paths = recent_files()
        for path in paths:
            entry = self.recent.addAction(path.name)
            entry.triggered.connect(partial(self._open_recent, path))
            entry.setToolTip(str(path))
        if not paths:
            self.recent.addAction("No file was opened or saved yet").setEnabled(False)

    def _open_recent(self, path: Path, checked: bool = False) -> None:
        self._open_file(str(path))

    def _save_shown(self, shown: Shown, checked: bool = False) -> None:
        self._save_plot(shown)

    def _fill_export(self) -> None:
        self.export.clear()
        for shown in (shown for shown in all_shown(self._window) if shown.parts):
            entry = self.export.addAction(f"{shown.title}…")
            entry.triggered.connect(partial(self._save_shown, shown))
            entry.setToolTip("Save this plot as PDF, SVG or PNG at print size, or its numbers as CSV")
        _filled(self.export, self._actions, _SEPARATOR, *_EXPORTS)


def make_toolbar(actions: Actions, menus: Menus) -> QToolBar:
    """Return the toolbar: open and demo, fit and stop and sweep, export, and at the right present."""
    bar = QToolBar("Toolbar")
    bar.setObjectName("toolBar")
    bar.setMovable(False)
    bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
    bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
    bar.addWidget(_menu_button("openButton", "Open…", "Open a study, a model or data from a file", menus.open))
    bar.addWidget(
        _menu_button("demoButton", "Demo", "Open a built-in study: a trained network with its data", menus.demo)
    )
    bar.addSeparator()
    bar.addActions([actions["fit"], actions["stop"], actions["sweep"]])
    bar.addSeparator()
    bar.addAction(actions["export"])
    bar.addWidget(_stretch())
    bar.addAction(actions["present"])
    bar.widgetForAction(actions["fit"]).setProperty("role", "accent")
    export = bar.widgetForAction(actions["export"])
    assert isinstance(export, QToolButton)
    _as_menu_button(export)
    for action in bar.actions():
        bar.widgetForAction(action).setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return bar


def _menu(window: QMainWindow, title: str, fill: Callable[[], None]) -> QMenu:
    """Return a menu that is filled anew whenever it is opened."""
    menu = QMenu(title, window)
    menu.setToolTipsVisible(True)
    menu.aboutToShow.connect(fill)
    return menu


def _filled(menu: QMenu, actions: Actions, *keys: str) -> QMenu:
    """Return `menu` with the actions of `keys`; those that do not exist are left out."""
    menu.setToolTipsVisible(True)
    for key in keys:
        if key == _SEPARATOR:
            menu.addSeparator()
        elif key in actions:
            menu.addAction(actions[key])
    return menu


def _menu_button(name: str, text: str, tip: str, menu: QMenu) -> QToolButton:
    button = QToolButton()
    button.setObjectName(name)
    button.setText(text)
    button.setToolTip(tip)
    button.setAccessibleName(text)
    button.setMenu(menu)
    _as_menu_button(button)
    return button


def _as_menu_button(button: QToolButton) -> None:
    button.setProperty("role", "menu")
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)


def _stretch() -> QWidget:
    space = QWidget()
    space.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    return space
