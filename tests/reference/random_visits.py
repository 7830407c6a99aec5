"""Longer visits of the random user: compare, present, stories, the tour, large panels, layouts, rest while idle.

Each is a function of the RandomUser; between its steps the event loop runs for a moment, as a person looks.
"""

import shiboken6
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from koopview.gui.compare.window import CompareWindow
from koopview.gui.widgets.workspace import LAYOUTS

Key = Qt.Key
STORY_KEYS = (Key.Key_PageDown, Key.Key_PageDown, Key.Key_PageUp, Key.Key_Left, Key.Key_Right, Key.Key_Up, Key.Key_Down)
PAGE_KEYS = (Key.Key_H, Key.Key_R, Key.Key_L, Key.Key_P, Key.Key_B, Key.Key_K, Key.Key_Space)
IDLE_MS = 1500
"""Long enough that the curve over h begins to fill in: what Idle waits for, and some cells of the small study."""


def fill_in(user):
    """Rest until cells are fitted while idle; now and then the person switches that off, or on again."""
    if user.rng.random() < 0.3:
        user.trigger("fill_in")
    user.look(IDLE_MS)


def compare(user):
    """Open the comparison, change both sides of it, and close it whatever runs."""
    user.trigger("compare")
    for window in user.window.findChildren(CompareWindow):
        for _ in range(user.rng.integers(1, 5)):
            user.look(int(user.rng.integers(0, 300)))
            if shiboken6.isValid(window) and window.isVisible():  # another study closes it
                _change_comparison(user, window)
        if shiboken6.isValid(window):
            window.close()


def _change_comparison(user, window):
    controls, box = window.controls, window.sides.box
    choice = user.rng.integers(6)
    if choice == 0:
        user.set_at_random(controls.delays)
    elif choice == 1:
        user.set_at_random(controls.rank_slider)
    elif choice == 2 and box.count() > 1:
        box.setCurrentIndex(int(user.rng.integers(box.count() - 1)))  # the last asks for a file
        box.activated.emit(box.currentIndex())
    elif choice == 3 and window.sides.layers.count():
        window.sides.layers.activated.emit(int(user.rng.integers(window.sides.layers.count())))
    elif choice == 4:
        window.views.choose(int(user.rng.integers(2)))
        window.carried.toggle()
        window.zoom.toggle()
    else:
        controls.auto.toggle()


def lecture(user):
    """Present, press the keys of a story, a remote control and the page, and leave with Esc."""
    user.trigger("present")
    for _ in range(user.rng.integers(3, 10)):
        keys = STORY_KEYS if user.rng.random() < 0.6 else PAGE_KEYS
        _press(user, keys[user.rng.integers(len(keys))])
        _point(user)
    for _ in range(3):  # a black screen and a sweep take one each
        if user.window.presenting.active:
            _press(user, Key.Key_Escape)
    if user.window.presenting.active:
        user.window.presenting.leave()


def choose_preset(user):
    """Present as for a projector, and leave."""
    names = [key for key in user.window.actions_by_name if key.startswith("preset")]
    user.trigger(names[user.rng.integers(len(names))])
    user.look(60)
    user.window.presenting.leave()


def tour(user):
    """Begin the tour, go some steps, present in between, and end it, or leave it on for what comes next."""
    user.trigger("tour")
    user.look(150)
    found = user.window.tour
    for _ in range(user.rng.integers(0, 8)):
        if found is not None and found.begun:
            found.telling.move(int(user.rng.choice([1, 1, 1, -1])))
            user.look(int(user.rng.integers(0, 120)))
    if found is not None and user.rng.random() < 0.2:
        user.trigger("present")
        user.look(80)
        user.trigger("present")
    if found is not None and user.rng.random() < 0.8:
        found.end()


def enlarge(user):
    """Let a panel fill the window by key, by button or by a double click, change something, and put it back."""
    window, cards = user.window, (user.window.eigenvalues, user.window.accuracy, user.window.results)
    card = cards[user.rng.integers(len(cards))]
    if user.rng.random() < 0.5:
        card.setFocus()
        user.trigger("enlarge")
    else:
        _double_click(card.title)
    user.look(60)
    if user.rng.random() < 0.5:
        user.change_delays()
    if user.rng.random() < 0.8:
        window.enlarging.put_back()


def arrange(user):
    """Choose a layout, or fold a panel away by its key."""
    names = [*(f"layout_{name}" for name in LAYOUTS), "reset_layout"]
    user.trigger(names[user.rng.integers(len(names))])
    if user.rng.random() < 0.5:
        actions = user.window.workspace.actions_of_docks()
        actions[user.rng.integers(len(actions))].trigger()


def choose_sample(user):
    """Choose another test sample, and all states or the most curved ones."""
    box = user.window.trajectory.samples
    if box.count():
        box.setCurrentIndex(int(user.rng.integers(box.count())))
    user.window.trajectory.all.toggle()


def go_back(user):
    """Choose an earlier fit in the history."""
    entries = user.window.left.history.list
    if rows := entries.model().rowCount():
        entries.activated.emit(entries.model().index(int(user.rng.integers(rows)), 0))


def read(user):
    """Open a page of the help, the palette with some letters, or what finds and sorts layers."""
    keys = ("method", "shortcuts", "command_line", "about", "commands", "find_layer", "sort_layers")
    user.trigger(keys[user.rng.integers(len(keys))])
    palette = QApplication.activePopupWidget()
    if palette is not None and palette.objectName() == "commandPalette":
        palette.search.setText(str(user.rng.choice(["de", "rank 7", "layer 4", "delays 3", "zzz"])))
    user.look(60)


def copy(user):
    """Copy numbers, script and picture."""
    user.trigger(str(user.rng.choice(["copy_numbers", "copy_script", "copy_picture"])))


def repeat(user):
    """Fit with other draws of the samples, and go on before all are there."""
    user.window.session.repeat(3)
    user.look(int(user.rng.integers(0, 300)))


def second_study(user):
    """Open the study of pictures, wait for its picture, move its rank, and come back to the small one."""
    user.window.session.open_demo("mnist")
    user.wait()
    user.drag_rank()
    user.look(300)
    user.window.session.open_demo("yinyang")


def contours(user):
    """Switch the contours of the pseudospectrum."""
    user.window.eigenvalues.contours.toggle()


VISITS = {
    fill_in: 4,
    compare: 4,
    lecture: 4,
    choose_preset: 1,
    tour: 3,
    enlarge: 5,
    arrange: 4,
    choose_sample: 4,
    go_back: 4,
    read: 3,
    copy: 2,
    repeat: 1,
    contours: 2,
    second_study: 0.3,
}
"""Each visit, and how often it is made beside the other actions."""


def _press(user, key):
    """Press a key as a person does, where the focus is."""
    QTest.keyClick(user.window.focusWidget() or user.window, key)
    user.look(int(user.rng.integers(0, 150)))


def _point(user):
    """Move the mouse over the page: the pointer follows it."""
    page = user.window.presenting.page
    if page is not None and user.window.windowHandle() is not None:
        x, y = (int(user.rng.integers(1, max(2, size))) for size in (page.width(), page.height()))
        QTest.mouseMove(user.window.windowHandle(), page.mapTo(user.window, QPoint(x, y)))


def _double_click(widget):
    """Send a double click to a widget."""
    middle = QPointF(widget.rect().center())
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QMouseEvent(QEvent.Type.MouseButtonDblClick, middle, widget.mapToGlobal(middle), left, left, none)
    QApplication.sendEvent(widget, event)
