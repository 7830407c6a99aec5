"""Every control says what it is: to a screen reader by its name, to a mouse by its tooltip, to keys by its place."""

import pyqtgraph as pg
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QDialogButtonBox,
    QHeaderView,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QScrollBar,
    QTabBar,
    QTabWidget,
    QWidget,
)

from koopview.gui.panels.eigenvalues import TABLE
from koopview.gui.panels.trajectory import PHASE
from koopview.gui.widgets.card import Card

CONTROLS = (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QAbstractSlider,
    QAbstractItemView,
    QPlainTextEdit,
    QTabWidget,
    pg.GraphicsView,
)
_INSIDE = (QAbstractSpinBox, QComboBox, QTabBar, QDialogButtonBox, QAbstractItemView)
"""Parts of these are theirs: a spin box's line, a bar's scroll buttons, standard buttons, a table's corner."""


def controls(top):
    """All that a person can use, without Qt's own parts of a control."""
    return [
        widget
        for widget in top.findChildren(QWidget)
        if isinstance(widget, CONTROLS)
        and not isinstance(widget, QScrollBar | QHeaderView)
        and not isinstance(widget.parent(), _INSIDE)
        and not widget.objectName().startswith("qt_")
        and not isinstance(widget.window(), QMenu)
    ]


def nameless(top):
    unnamed, untold = [], []
    for widget in controls(top):
        if isinstance(widget.parent().parent() if widget.parent() else None, QComboBox):
            continue  # the list that a box opens
        said = f"{type(widget).__name__} {widget.objectName()} {getattr(widget, 'text', str)()!r}"
        has_text = isinstance(widget, QAbstractButton) and widget.text().strip("✕‹›")
        if not (widget.accessibleName() or has_text):
            unnamed.append(said)
        needs_tip = not isinstance(widget, QAbstractItemView | QTabWidget | QPlainTextEdit | pg.GraphicsView)
        if needs_tip and not widget.toolTip():
            untold.append(said)
    return unnamed, untold


def test_every_control_of_the_window_has_a_name_and_a_tooltip(fitted):
    window = fitted.window
    for index in range(window.results.tabs.count()):
        window.results.tabs.setCurrentIndex(index)
    window.eigenvalues.views.choose(TABLE)
    window.trajectory.views.choose(PHASE)
    made = (window.fit_panel.surgery.popup, window.message.details, *(card.empty for card in window.findChildren(Card)))
    assert all(made)
    assert len(controls(fitted.window)) > 40
    assert nameless(fitted.window) == ([], [])


def test_so_has_every_control_of_present_mode(fitted):
    fitted.window.presenting.enter(full_screen=False)
    assert len(controls(fitted.window.presenting.page)) > 6
    assert nameless(fitted.window.presenting.page) == ([], [])


@pytest.mark.parametrize("key", ["open_model", "commands"])
def test_so_has_every_control_of_our_dialogs(fitted, key):
    from koopview.gui.dialogs.open_source import OpenModelDialog
    from koopview.gui.dialogs.palette import Palette

    fitted.window.actions_by_name[key].trigger()
    (dialog,) = fitted.window.findChildren(OpenModelDialog if key == "open_model" else Palette)
    assert nameless(dialog) == ([], [])


def test_menus_and_their_entries_have_mnemonics_or_words(fitted):
    for action in fitted.window.menuBar().actions():
        assert "&" in action.text()
    for menu in fitted.window.menuBar().findChildren(QMenu):
        assert all(entry.text() for entry in menu.actions() if not entry.isSeparator())


def test_the_page_of_shortcuts_lists_every_action_with_its_keys(fitted):
    from koopview.gui.dialogs.shortcuts import shortcuts_page

    page = shortcuts_page(fitted.window.menuBar())
    for action in fitted.window.findChildren(QAction):
        if action.objectName().endswith("Action") and action.parent() is fitted.window:
            keys = action.shortcut().toString()
            assert f"| {keys} | **" in page, action.objectName()


def test_every_control_that_takes_keys_shows_that_it_has_the_focus(fitted, qtbot):
    """A ring or another ground: the picture of a control changes when it gets the focus."""
    window = fitted.window
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    for widget in (
        window.fit_panel.controls.steps,
        window.fit_panel.controls.rank_slider,
        window.fit_panel.controls.auto,
    ):
        window.network.table.setFocus(Qt.FocusReason.TabFocusReason)
        before = widget.grab().toImage()
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        assert widget.grab().toImage() != before, widget.objectName()
