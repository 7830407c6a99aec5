"""A person's changes of settings, as commands of Qt's undo framework."""

import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass, fields

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QUndoCommand, QUndoStack

from koopview.study.settings import FitSettings

MERGE_SECONDS = 1.0
"""Changes of one number within this time are merged: a slider's movement is undone in one step."""

_MERGING = ("steps", "schedule", "delays", "rank", "samples", "centres")
_NAMES = {
    "steps": "steps N",
    "delays": "delays h",
    "rank": "rank r",
    "samples": "samples B",
    "centres": "centres",
    "scaling": "scaling",
    "schedule": "schedule",
    "observables": "observables",
    "states": "states",
    "pad": "appended value",
    "draw": "draw",
    "seed": "seed",
}
_UNSET = {"samples": "all", "centres": "auto"}
Apply = Callable[[FitSettings], None]


class Change(QUndoCommand):
    """A change from one FitSettings to another; both are stored completely, so that undoing is exact.

    It holds no strong reference to the function that applies it: PySide never frees a command that Qt deleted after a
    merge, and a closed window's whole study would stay in memory with it.
    """

    def __init__(self, apply: Apply, before: FitSettings, after: FitSettings, text: str, kind: object) -> None:
        super().__init__(text or change_text(before, after))
        self.before, self.after = before, after
        self._apply, self._kind, self._at = weakref.WeakMethod(apply), kind, time.monotonic()
        self._words = text

    def redo(self) -> None:
        """Ask for the settings after the change."""
        self._ask(self.after)

    def undo(self) -> None:
        """Ask for the settings before the change."""
        self._ask(self.before)

    def _ask(self, settings: FitSettings) -> None:
        apply = self._apply()
        if apply is not None:
            apply(settings)

    def id(self) -> int:
        """Return one number for all changes: `mergeWith` decides which are merged."""
        return 1

    def mergeWith(self, other: QUndoCommand) -> bool:  # noqa: N802 - Qt's name
        """Merge a change of the same kind that followed soon; return whether it was merged."""
        if not isinstance(other, Change) or self._kind is None or other._kind != self._kind:
            return False
        if isinstance(self._kind, str) and other._at - self._at > MERGE_SECONDS:
            return False
        self.after, self._at = other.after, other._at
        self.setText(other._words or change_text(self.before, self.after))
        self.setObsolete(self.after == self.before)
        return True


@dataclass(frozen=True, eq=False)
class Undone:
    """The content of an undo stack: its changes as (before, after, text), where it stands, and where it is clean."""

    changes: tuple[tuple[FitSettings, FitSettings, str], ...]
    index: int
    clean: int


class Changes:
    """Owns the undo ``stack``; `apply` requests settings without recording a change."""

    def __init__(self, apply: Apply, parent: QObject) -> None:
        self.stack = QUndoStack(parent)
        self._apply = apply
        self._following = self._pushing = self._moving = False

    def push(self, before: FitSettings, after: FitSettings, text: str = "", gesture: object = None) -> None:
        """Request `after` and record the change; changes of one `gesture`, or of one number, are merged.

        While a change is undone or done again this waits for the end: Qt deletes the changes after it, itself among
        them, and goes on with it.
        """
        if self._moving:
            QTimer.singleShot(0, self.stack, lambda: self.push(before, after, text, gesture))
            return
        changed = changed_fields(before, after)
        number = changed[0] if len(changed) == 1 and changed[0] in _MERGING else None
        self._pushing = True
        self.stack.push(Change(self._ask, before, after, text, number if gesture is None else (gesture,)))
        self._pushing = False

    def follow(self, settings: FitSettings) -> None:
        """Move the stack to the index of `settings` without a request, since later requests failed."""
        index = self.stack.index()
        found = [one for one in range(self.stack.count() + 1) if self._state(one) == settings]
        if found:
            self._following = True
            self.stack.setIndex(min(found, key=lambda one: abs(one - index)))
            self._following = False
        elif index:
            self._command(index - 1).after = settings

    def content(self) -> Undone:
        """Return what the stack holds."""
        commands = [self._command(index) for index in range(self.stack.count())]
        told = tuple((one.before, one.after, one.text()) for one in commands)
        return Undone(told, self.stack.index(), self.stack.cleanIndex())

    def refill(self, content: Undone) -> None:
        """Let the stack hold `content` and nothing else, without a request."""
        self._following = True
        self.stack.clear()
        for count, (before, after, text) in enumerate(content.changes, 1):
            self.stack.push(Change(self._ask, before, after, text, None))
            if count == content.clean:
                self.stack.setClean()
        if content.clean < 0:
            self.stack.resetClean()
        self.stack.setIndex(content.index)
        self._following = False

    def _ask(self, settings: FitSettings) -> None:
        if self._following:
            return
        self._moving = not self._pushing
        try:
            self._apply(settings)
        finally:
            self._moving = False

    def _state(self, index: int) -> FitSettings | None:
        """Return the settings after `index` commands."""
        if index:
            return self._command(index - 1).after
        return self._command(0).before if self.stack.count() else None

    def _command(self, index: int) -> Change:
        command = self.stack.command(index)
        assert isinstance(command, Change)
        return command


def text_of_surgery(stack: QUndoStack, index: int) -> str:
    """Return the text of the command before `index` if it is an edit of modes, empty otherwise."""
    last = stack.command(index - 1) if index else None
    edited = isinstance(last, Change) and changed_fields(last.before, last.after) == ["edits"]
    return stack.undoText() if edited else ""


def changed_fields(before: FitSettings, after: FitSettings) -> list[str]:
    """Return the names of the settings that differ."""
    names = [field.name for field in fields(FitSettings)]
    return [name for name in names if getattr(before, name) != getattr(after, name)]


def change_text(before: FitSettings, after: FitSettings) -> str:
    """Return a change in a few words, "delays h 12", for the Edit menu's Undo."""
    changed = changed_fields(before, after)
    named = next((name for name in _NAMES if name in changed), None)
    if "layer" in changed:
        return f"layer {after.layer}"
    if "replaced" in changed:
        return f"replaced layers {', '.join(after.replaced)}"
    if named is None:
        return "mode edits"
    value = getattr(after, named)
    return f"{_NAMES[named]} {_UNSET[named] if value is None else f'{value:,}' if isinstance(value, int) else value}"


def edits_left_over(before: FitSettings, wanted: FitSettings) -> bool:
    """Return whether `wanted` keeps the mode edits of `before` although its operator is another one."""
    return wanted.edits == before.edits != () and wanted.with_edits(()) != before.with_edits(())
