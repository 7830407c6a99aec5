"""Fields for numbers and choices that do not change under a passing mouse wheel."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QValidator, QWheelEvent
from PySide6.QtWidgets import QComboBox, QSlider, QSpinBox


class NumberField(QSpinBox):
    """A whole number; typed values count when typing is finished, arrows and the wheel at once.

    What is typed and cannot be taken stays until then; the number before it comes back, and ``refused`` says why.
    """

    refused = Signal(str)

    def __init__(self, name: str, accessible: str, tip: str, low: int, high: int) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self.setToolTip(tip)
        self.setRange(low, high)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setGroupSeparatorShown(True)
        self.setKeyboardTracking(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedSize(72, 28)
        self.lineEdit().installEventFilter(self)

    def validate(self, text: str, place: int) -> tuple[QValidator.State, str, int]:
        """Let anything be typed: a digit that is swallowed makes another number of what a person meant."""
        state, text, place = super().validate(text, place)
        return QValidator.State.Intermediate if state == QValidator.State.Invalid else state, text, place

    def fixup(self, text: str) -> str:
        """Tell what cannot be taken, once typing is finished."""
        fixed = super().fixup(text)
        if super().validate(fixed, 0)[0] != QValidator.State.Acceptable:
            said, allowed = text.strip() or "empty", f"{self.minimum():,} to {self.maximum():,}"
            self.refused.emit(f"{self.accessibleName()} is {said}, expected a whole number of {allowed}")
        return fixed

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Turn only where the field has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Leave Ctrl+Z to the window where nothing was typed: the field would swallow it and undo nothing."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            line = self.lineEdit()
            undo = event.matches(QKeySequence.StandardKey.Undo) and not line.isUndoAvailable()
            if undo or (event.matches(QKeySequence.StandardKey.Redo) and not line.isRedoAvailable()):
                event.ignore()
                return True
        return super().eventFilter(watched, event)


class Choice(QComboBox):
    """A box of choices that ignores the wheel without focus."""

    def __init__(self, name: str, accessible: str, tip: str, choices: Sequence[str] = ()) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self.setToolTip(tip)
        self.addItems(choices)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Turn only where the box has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


def slider(name: str, accessible: str, tip: str) -> QSlider:
    """Return a horizontal slider from 1."""
    made = QSlider(Qt.Orientation.Horizontal)
    made.setObjectName(name)
    made.setAccessibleName(accessible)
    made.setToolTip(tip)
    made.setMinimum(1)
    return made
