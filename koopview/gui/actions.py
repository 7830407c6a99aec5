"""Every action with its name, its words and its shortcut, and the menus and the toolbar made of them."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QUndoStack
from PySide6.QtWidgets import QMainWindow, QMenu, QToolBar, QToolButton

from koopview.gui.appearance import CHOICES


@dataclass(frozen=True)
class Words:
    """An action's object name, its text, shortcut and one-sentence tooltip."""

    name: str
    text: str
    shortcut: str
    tip: str


ACTIONS = {
    "open_model": Words("openModelAction", "Open model…", "Ctrl+O", "Open a trained network from a file"),
    "open_data": Words(
        "openDataAction", "Open data…", "Ctrl+Shift+O", "Open training and test samples from an NPZ file"
    ),
    "demo_yinyang": Words("demoYinYangAction", "Yin-Yang", "Ctrl+1", "Open the built-in Yin-Yang study"),
    "demo_mnist": Words("demoMnistAction", "MNIST", "Ctrl+2", "Open the built-in MNIST study"),
    "export": Words(
        "exportAction", "Export…", "Ctrl+E", "Save the numbers on screen as JSON, or the window as a PNG picture"
    ),
    "quit": Words("quitAction", "Quit", "Ctrl+Q", "Close KoopView"),
    "copy_numbers": Words("copyNumbersAction", "Copy numbers", "Ctrl+Shift+C", "Copy the numbers on screen as JSON"),
    "copy_picture": Words("copyPictureAction", "Copy picture", "Ctrl+Alt+C", "Copy the window as a picture"),
    "fit": Words("fitAction", "Fit", "F5", "Fit the operator of the layer shown"),
    "stop": Words("stopAction", "Stop", "Esc", "Stop what is running; what is on screen stays"),
    "sweep": Words("sweepAction", "Sweep", "Ctrl+Shift+F", "Fit every delay h from 1 to N at this rank r"),
    "next_theme": Words(
        "nextThemeAction", "Switch light and dark", "Ctrl+T", "Change between the light and the dark theme"
    ),
    "reset_layout": Words("resetLayoutAction", "Reset layout", "Ctrl+0", "Put every panel back to its first size"),
    "method": Words("methodAction", "The method", "F1", "What is computed, and what the numbers mean"),
    "about": Words("aboutAction", "About KoopView", "Ctrl+F1", "Version, licence and the paper behind it"),
}
THEME_NAMES = {"system": "As the system", "light": "Light", "dark": "Dark"}
THEME_SHORTCUTS = {"system": "Ctrl+Alt+S", "light": "Ctrl+Alt+L", "dark": "Ctrl+Alt+D"}
Actions = dict[str, QAction]


def make_actions(window: QMainWindow, handlers: dict[str, Callable[[], object]]) -> Actions:
    """Return one action a handler, each calling it."""
    made: Actions = {}
    for key, handler in handlers.items():
        words = ACTIONS[key]
        action = _action(window, words)
        action.triggered.connect(lambda checked=False, call=handler: call())
        made[key] = action
    made["quit"].setMenuRole(QAction.MenuRole.QuitRole)
    return made


def undo_actions(window: QMainWindow, stack: QUndoStack) -> Actions:
    """Return undo and redo of `stack`, which say what they would undo."""
    made = {"undo": stack.createUndoAction(window, "Undo"), "redo": stack.createRedoAction(window, "Redo")}
    for (key, action), shortcut in zip(made.items(), ("Ctrl+Z", "Ctrl+Shift+Z"), strict=True):
        action.setObjectName(f"{key}Action")
        action.setShortcut(QKeySequence(shortcut))
        action.setToolTip(f"{key.capitalize()} the last change of settings ({shortcut})")
        window.addAction(action)
    return made


def theme_actions(window: QMainWindow, choice: str, choose: Callable[[str], None]) -> dict[str, QAction]:
    """Return the three choices of a theme, of which one is ticked."""
    group = QActionGroup(window)
    made = {}
    for name in CHOICES:
        words = Words(
            f"{name}ThemeAction", THEME_NAMES[name], THEME_SHORTCUTS[name], f"Theme: {THEME_NAMES[name].lower()}"
        )
        action = _action(window, words)
        action.setCheckable(True)
        action.setChecked(name == choice)
        action.triggered.connect(lambda checked=False, name=name: choose(name))
        group.addAction(action)
        made[name] = action
    return made


def fill_menus(window: QMainWindow, actions: Actions, themes: dict[str, QAction]) -> None:
    """Put every action into its menu."""
    file = window.menuBar().addMenu("&File")
    _add(file, actions, "open_model", "open_data")
    file.addMenu(demo_menu(window, actions))
    file.addSeparator()
    _add(file, actions, "export")
    file.addSeparator()
    _add(file, actions, "quit")
    edit = window.menuBar().addMenu("&Edit")
    _add(edit, actions, "undo", "redo")
    edit.addSeparator()
    _add(edit, actions, "copy_numbers", "copy_picture")
    _add(window.menuBar().addMenu("&Study"), actions, "fit", "stop", "sweep")
    view = window.menuBar().addMenu("&View")
    view.addActions(list(themes.values()))
    _add(view, actions, "next_theme")
    view.addSeparator()
    _add(view, actions, "reset_layout")
    _add(window.menuBar().addMenu("&Help"), actions, "method", "about")


def make_toolbar(actions: Actions, window: QMainWindow) -> QToolBar:
    """Return the toolbar: open and demo, fit and stop and sweep, export."""
    bar = QToolBar("Toolbar")
    bar.setObjectName("toolBar")
    bar.setMovable(False)
    bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
    bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
    bar.addActions([actions["open_model"], actions["open_data"]])
    bar.addWidget(_demo_button(window, actions))
    bar.addSeparator()
    bar.addActions([actions["fit"], actions["stop"], actions["sweep"]])
    bar.addSeparator()
    bar.addAction(actions["export"])
    bar.widgetForAction(actions["fit"]).setProperty("role", "accent")
    for action in bar.actions():
        bar.widgetForAction(action).setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return bar


def demo_menu(window: QMainWindow, actions: Actions) -> QMenu:
    """Return the menu of built-in studies."""
    menu = QMenu("Demo", window)
    _add(menu, actions, "demo_yinyang", "demo_mnist")
    return menu


def _demo_button(window: QMainWindow, actions: Actions) -> QToolButton:
    button = QToolButton()
    button.setObjectName("demoButton")
    button.setText("Demo")
    button.setToolTip("Open a built-in study: a trained network with its data")
    button.setAccessibleName("Demo")
    button.setProperty("role", "menu")
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setMenu(demo_menu(window, actions))
    return button


def _add(menu: QMenu, actions: Actions, *keys: str) -> None:
    menu.setToolTipsVisible(True)
    menu.addActions([actions[key] for key in keys if key in actions])


def _action(window: QMainWindow, words: Words) -> QAction:
    action = QAction(words.text, window)
    action.setObjectName(words.name)
    action.setIconText(words.text)
    action.setShortcut(QKeySequence(words.shortcut))
    shortcut = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    action.setToolTip(f"{words.tip} ({shortcut})")
    action.setStatusTip("")
    window.addAction(action)
    return action
