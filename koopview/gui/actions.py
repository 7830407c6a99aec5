"""Every action with its name, text and shortcut, for menus, toolbar, palette and help."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QUndoStack
from PySide6.QtWidgets import QMainWindow

from koopview.gui.looks.appearance import CHOICES
from koopview.network.demos import DEMOS
from koopview.projectors import PRESETS


@dataclass(frozen=True)
class Words:
    """An action's object name, its text, shortcut and one-sentence tooltip."""

    name: str
    text: str
    shortcut: str
    tip: str


ACTIONS = {
    "open_study": Words("openStudyAction", "Open study…", "Ctrl+Alt+O", "Open a study that was saved"),
    "open_model": Words("openModelAction", "Open model…", "Ctrl+O", "Open a trained network from a file"),
    "open_data": Words("openDataAction", "Open data…", "Ctrl+Shift+O", "Open training and test samples from a file"),
    **{
        f"demo_{demo.name}": Words(demo.action, demo.title, f"Ctrl+{number}", f"Open the built-in {demo.title} study")
        for number, demo in enumerate(DEMOS, 1)
    },
    "save": Words("saveAction", "Save study", "Ctrl+S", "Save settings, results and what is needed to go on"),
    "save_as": Words("saveAsAction", "Save study as…", "Ctrl+Shift+S", "Save the study under another name"),
    "export": Words("exportAction", "Export", "Ctrl+E", "Save pictures, numbers, the hybrid network or a script"),
    "export_window": Words("exportWindowAction", "Window picture…", "Ctrl+Alt+P", "Save the window as a picture"),
    "export_handout": Words(
        "exportHandoutAction", "Handout (PDF)…", "Ctrl+P", "Print this fit on two pages, with what its numbers mean"
    ),
    "export_numbers": Words(
        "exportNumbersAction",
        "All numbers of this fit…",
        "Ctrl+Shift+E",
        "Save the numbers of this fit as JSON or CSV, or all as NPZ",
    ),
    "export_hybrid": Words(
        "exportHybridAction", "Hybrid network…", "Ctrl+Alt+H", "Save the hybrid network as a file that runs in PyTorch"
    ),
    "export_script": Words(
        "exportScriptAction", "Python script…", "Ctrl+Alt+E", "Save the script that repeats this fit from Python"
    ),
    "copy_script": Words(
        "copyScriptAction", "Copy Python script", "Ctrl+Alt+Shift+C", "Copy the script that repeats this fit"
    ),
    "quit": Words("quitAction", "Quit", "Ctrl+Q", "Close KoopView"),
    "copy_numbers": Words("copyNumbersAction", "Copy numbers", "Ctrl+Shift+C", "Copy the numbers on screen as JSON"),
    "copy_picture": Words("copyPictureAction", "Copy picture", "Ctrl+Alt+C", "Copy the window as a picture"),
    "commands": Words("commandsAction", "Find a command…", "Ctrl+K", "Find any command or setting by a few letters"),
    "find_layer": Words("findLayerAction", "Find a layer", "Ctrl+F", "Search the names and kinds of many layers"),
    "sort_layers": Words(
        "sortLayersAction",
        "Sort layers by R² lin",
        "Ctrl+Alt+R",
        "List the least linear layers first, or in network order",
    ),
    "fit": Words("fitAction", "Fit", "F5", "Fit the operator of the layer shown"),
    "stop": Words("stopAction", "Stop", "Esc", "Stop what is running; what is on screen stays"),
    "sweep": Words("sweepAction", "Sweep", "Ctrl+Shift+F", "Fit this layer at many delays h and ranks r"),
    "fill_in": Words(
        "fillInAction",
        "Fill in curves when idle",
        "Ctrl+Alt+F",
        "Fit the curve over h, then a sweep, while nothing else runs",
    ),
    "compare": Words("compareAction", "Compare…", "Ctrl+D", "Set this fit beside another: a layer, a draw, a network"),
    "remove_modes": Words(
        "removeModesAction",
        "Remove selected modes",
        "Ctrl+Del",
        "Set the selected eigenvalues to 0, each with its group",
    ),
    "scale_modes": Words(
        "scaleModesAction", "Scale selected modes…", "Ctrl+M", "Multiply the selected eigenvalues, each with its group"
    ),
    "reset_modes": Words("resetModesAction", "Reset modes", "Ctrl+Shift+M", "Take back all edits of modes"),
    "unlearn": Words("unlearnAction", "Unlearn a class…", "Ctrl+U", "Find an edit that costs one class alone"),
    "present": Words("presentAction", "Present", "F11", "Large figures of this fit for a projector; Esc comes back"),
    **{one.key: Words(f"preset{one.name.title()}Action", one.title, one.keys, one.tip) for one in PRESETS},
    "next_theme": Words(
        "nextThemeAction", "Switch light and dark", "Ctrl+T", "Change between the light and the dark theme"
    ),
    "enlarge": Words(
        "enlargeAction", "Enlarge panel", "Ctrl+Return", "Let the panel with the focus fill the window; Esc comes back"
    ),
    "layout_analysis": Words("layoutAnalysisAction", "Analysis", "Ctrl+Alt+1", "Every panel, each at its first place"),
    "layout_lecture": Words(
        "layoutLectureAction",
        "Lecture",
        "Ctrl+Alt+2",
        "Eigenvalues, accuracy and what they mean, as large as can be",
    ),
    "layout_small": Words(
        "layoutSmallAction", "Small screen", "Ctrl+Alt+3", "Eigenvalues, accuracy and the fit's settings alone"
    ),
    "reset_layout": Words("resetLayoutAction", "Reset layout", "Ctrl+0", "Put every panel back to its first size"),
    "tour": Words("tourAction", "Guided tour", "F2", "The method in steps, told with the built-in study"),
    "guide": Words("guideAction", "Guide", "F1", "Open the guide: every panel, your own model, files, Python"),
    "method": Words("methodAction", "The method", "F3", "What is computed, and what the numbers mean"),
    "shortcuts": Words("shortcutsAction", "Keyboard shortcuts", "Ctrl+F1", "Every command and its keys"),
    "command_line": Words(
        "commandLineAction", "Command line", "F4", "Every command without a window, with its options"
    ),
    "about": Words("aboutAction", "About KoopView", "Shift+F1", "Version, licence and the paper behind it"),
}
THEME_NAMES = {"system": "As the system", "light": "Light", "dark": "Dark"}
THEME_SHORTCUTS = {"system": "Ctrl+Alt+S", "light": "Ctrl+Alt+L", "dark": "Ctrl+Alt+D"}
Actions = dict[str, QAction]


def make_actions(window: QMainWindow, handlers: dict[str, Callable[[], object]]) -> Actions:
    """Return one action per handler, which calls it."""
    made: Actions = {}
    for key, handler in handlers.items():
        words = ACTIONS[key]
        action = _action(window, words)
        action.triggered.connect(lambda checked=False, call=handler: call())
        made[key] = action
    made["quit"].setMenuRole(QAction.MenuRole.QuitRole)
    return made


def undo_actions(window: QMainWindow, stack: QUndoStack) -> Actions:
    """Return the undo and redo actions of `stack`, whose texts name the change."""
    made = {"undo": stack.createUndoAction(window, "Undo"), "redo": stack.createRedoAction(window, "Redo")}
    for (key, action), shortcut in zip(made.items(), ("Ctrl+Z", "Ctrl+Shift+Z"), strict=True):
        action.setObjectName(f"{key}Action")
        action.setShortcut(QKeySequence(shortcut))
        action.setToolTip(f"{key.capitalize()} the last change of settings ({shortcut})")
        window.addAction(action)
    return made


def theme_actions(window: QMainWindow, choice: str, choose: Callable[[str], None]) -> dict[str, QAction]:
    """Return the actions of the three themes, with the chosen one ticked."""
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
