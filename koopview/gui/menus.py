"""The menus and the toolbar, made of the actions."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QMainWindow, QMenu, QSizePolicy, QToolBar, QToolButton, QWidget, QWidgetAction

from koopview.gui.actions import Actions
from koopview.gui.exportable import Exportable, exportables
from koopview.gui.files.recent import recent_files
from koopview.gui.widgets.card import dressed
from koopview.network.demos import DEMO_NAMES
from koopview.projectors import PRESETS

_SEPARATOR = ""
_DEMOS = tuple(f"demo_{name}" for name in DEMO_NAMES)
_LAYOUTS = ("layout_analysis", "layout_lecture", "layout_small")
_EXPORTS = ("export_hybrid", "export_script", "copy_script")
_MENUS = {
    "&Edit": ("undo", "redo", _SEPARATOR, "copy_numbers", "copy_picture", _SEPARATOR, "commands", "find_layer"),
    "&Study": (
        *("fit", "stop", "sweep", "compare", "fill_in", "sort_layers", _SEPARATOR),
        *("remove_modes", "scale_modes", "reset_modes", "unlearn"),
    ),
    "&Help": ("guide", "tour", "method", _SEPARATOR, "shortcuts", "command_line", _SEPARATOR, "about"),
}


class Menus:
    """Owns the menus whose entries change: recent files, and exports of the plots on screen.

    `open_file` opens a recent file; `save_picture` and `save_numbers` ask where to save those of a plot.
    """

    def __init__(
        self,
        window: QMainWindow,
        actions: Actions,
        open_file: Callable[[str], object],
        save_picture: Callable[[Exportable], object],
        save_numbers: Callable[[Exportable], object],
    ) -> None:
        self._window, self._actions = window, actions
        self._open_file, self._save_picture, self._save_numbers = open_file, save_picture, save_numbers
        self.recent = _menu(window, "&Recent files", self._fill_recent)
        self.open = _filled(QMenu("Open", window), actions, "open_study", "open_model", "open_data")
        self.open.addMenu(self.recent)
        self.demo = _filled(QMenu("&Demo", window), actions, *_DEMOS)
        self.projector = _filled(QMenu("&Projector", window), actions, *(preset.key for preset in PRESETS))
        self.export = _menu(window, "&Export", self._fill_export)
        self.export_button: QWidget | None = None
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

    def show_export(self) -> None:
        """Open the menu of exports below its button, as a click on it does."""
        below = self.export_button
        if below is not None:
            self.export.popup(below.mapToGlobal(QPoint(0, below.height())))

    def _fill_view(self, view: QMenu, themes: dict[str, QAction], panels: Sequence[QAction]) -> None:
        _filled(view, self._actions, "present")
        view.addMenu(self.projector)
        _filled(view, self._actions, _SEPARATOR, "enlarge")
        _filled(view.addMenu("&Layout"), self._actions, *_LAYOUTS, _SEPARATOR, "reset_layout")
        view.addSeparator()
        view.addActions(list(themes.values()))
        _filled(view, self._actions, "next_theme", _SEPARATOR)
        view.addActions(panels)

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

    def _fill_export(self) -> None:
        """Fill the menu with pictures of the plots on screen, then their numbers, then the hybrid and the script."""
        menu, plots = self.export, exportables(self._window)
        menu.clear()
        menu.addAction(_heading(menu, "Pictures: PDF, SVG, PNG"))
        for plot in (plot for plot in plots if plot.parts):
            tip = "Save this plot as PDF, SVG or PNG at print size"
            self._offer(plot, f"{plot.title}…", tip, self._save_picture)
        _filled(menu, self._actions, "export_window", "export_handout")
        menu.addSeparator()
        menu.addAction(_heading(menu, "Numbers: CSV, JSON, NPZ"))
        _filled(menu, self._actions, "export_numbers")
        for plot in plots:
            tip = "Save these numbers as CSV, each row with the settings that it is of"
            self._offer(plot, f"{plot.title} (CSV)…", tip, self._save_numbers)
        menu.addSeparator()
        menu.addAction(_heading(menu, "Network and script"))
        _filled(menu, self._actions, *_EXPORTS)

    def _offer(self, plot: Exportable, text: str, tip: str, save: Callable[[Exportable], object]) -> None:
        entry = self.export.addAction(text)
        entry.triggered.connect(partial(_call, save, plot))
        entry.setToolTip(tip)


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
    bar.addActions([actions["fit"], actions["stop"], actions["sweep"], actions["compare"]])
    bar.addSeparator()
    bar.addAction(actions["export"])
    bar.addWidget(_stretch())
    bar.addAction(actions["present"])
    bar.widgetForAction(actions["fit"]).setProperty("role", "accent")
    export = bar.widgetForAction(actions["export"])
    assert isinstance(export, QToolButton)
    _as_menu_button(export)
    menus.export_button = export
    for action in bar.actions():
        bar.widgetForAction(action).setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return bar


def _heading(menu: QMenu, text: str) -> QAction:
    """Return a heading for a group of entries; with a style sheet Qt paints no headings of its own sections."""
    action = QWidgetAction(menu)
    action.setText(text)
    action.setEnabled(False)
    words = dressed(QLabel(text), "heading")
    words.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
    action.setDefaultWidget(words)
    return action


def _call(save: Callable[[Exportable], object], plot: Exportable, checked: bool = False) -> None:
    save(plot)


def _menu(window: QMainWindow, title: str, fill: Callable[[], None]) -> QMenu:
    """Return a menu that is filled again whenever it is opened."""
    menu = QMenu(title, window)
    menu.setToolTipsVisible(True)
    menu.aboutToShow.connect(fill)
    return menu


def _filled(menu: QMenu, actions: Actions, *keys: str) -> QMenu:
    """Return `menu` with the actions of `keys` added; those that do not exist are left out."""
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
