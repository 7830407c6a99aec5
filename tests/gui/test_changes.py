"""The undo stack while a change of settings makes another one."""

from PySide6.QtCore import QObject

from koopview.gui.session.changes import Changes
from koopview.study.settings import FitSettings


class Owner(QObject):
    """Answers what is asked for with a further request, if there is one."""

    def __init__(self):
        super().__init__()
        self.asked, self.further = [], None
        self.changes = Changes(self.ask, self)

    def ask(self, settings):
        self.asked.append(settings.delays)
        further, self.further = self.further, None
        if further is not None:
            self.changes.push(settings, further, gesture=3)


def of(*delays):
    return [FitSettings("2", delays=h) for h in delays]


def test_a_request_made_while_a_change_is_done_again_comes_after_it(qtbot):
    owner, (one, two, three, other) = Owner(), of(1, 2, 3, 4)
    owner.changes.push(one, two, "first", gesture=1)
    owner.changes.push(two, three, "second", gesture=2)
    stack = owner.changes.stack
    stack.undo()
    owner.further = other
    stack.redo()
    assert (stack.count(), stack.index(), stack.undoText()) == (2, 2, "second")
    qtbot.waitUntil(lambda: stack.count() == 3, timeout=5000)
    assert stack.undoText() == "delays h 4"
    assert owner.asked == [2, 3, 2, 3, 4]
    stack.undo()
    stack.undo()
    assert owner.asked[-2:] == [3, 2]


def test_a_request_made_while_a_change_is_taken_back_comes_after_it(qtbot):
    owner, (one, two, other) = Owner(), of(1, 2, 4)
    owner.changes.push(one, two, "first", gesture=1)
    stack = owner.changes.stack
    owner.further = other
    stack.undo()
    assert stack.index() == 0
    qtbot.waitUntil(lambda: stack.index() == 1, timeout=5000)
    assert stack.undoText() == "delays h 4"
    assert owner.asked == [2, 1, 4]
