"""The page of keyboard shortcuts, made of the actions themselves."""

from collections.abc import Iterable

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

_ELSEWHERE = (
    ("Tab, Shift+Tab", "go from control to control"),
    ("Arrows", "move a slider, a row of a table, the selected eigenvalue"),
    ("Ctrl+click, Shift+drag, Ctrl+drag", "add an eigenvalue, draw a lasso, draw a frame round some"),
    ("Delete", "remove the selected modes"),
    ("Wheel, drag, double click or Home", "zoom and move a plot that can be zoomed, and show all of it again"),
    ("Ctrl+C", "copy the selected rows of a table"),
    ("Menu key, Shift+F10", "copy or save the plot that has the focus"),
    ("Left, Right, Page up, Page down", "back and on in the guided tour; Esc ends it"),
    ("Page down, Page up", "in present mode: begin the story, and go on and back in it"),
    ("Left, Right", "in present mode: the layer before, and the next one"),
    ("Up, Down", "in present mode: the slider that has the focus"),
    ("H, R", "in present mode: move the delays or the rank slowly; any key stops it"),
    ("L, P, B, K", "in present mode: light or dark, a laser pointer, a black screen, the line that names the keys"),
)

_NAMES_A_CHANGE = ("undoAction", "redoAction")
"""Actions whose text goes on with what would be undone just now."""


def shortcuts_page(bar: QMenuBar) -> str:
    """Return every command of the menus with its keys, and other uses of keys, as Markdown."""
    parts = ["# Keyboard shortcuts", "Ctrl+K finds any of these by a few letters."]
    for action in bar.actions():
        menu = action.menu()
        if isinstance(menu, QMenu):
            parts += [f"## {_plain(action.text())}", _table(_rows(menu))]
    return "\n\n".join([*parts, "## Keys in panels", _table(_ELSEWHERE)])


def _rows(menu: QMenu) -> list[tuple[str, str]]:
    """Return (keys, description) for the actions of a menu and its submenus."""
    rows = []
    for action in menu.actions():
        inside = action.menu()
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        if keys:
            rows.append((keys, _words(action)))
        if isinstance(inside, QMenu):
            rows += _rows(inside)
    return rows


def _words(action: QAction) -> str:
    tip, name = action.toolTip().rpartition(" (")[0], _plain(action.text())
    if action.objectName() in _NAMES_A_CHANGE:
        name = name.partition(" ")[0]
    return f"**{name}**" + (f": {tip[0].lower()}{tip[1:]}" if tip else "")


def _plain(text: str) -> str:
    return text.replace("&", "").rstrip("…")


def _table(rows: Iterable[tuple[str, str]]) -> str:
    return "\n".join(["| Keys | What they do |", "|---|---|", *(f"| {keys} | {words} |" for keys, words in rows)])
