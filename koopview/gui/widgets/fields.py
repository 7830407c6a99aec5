"""Fields for numbers and choices that do not change under a passing mouse wheel."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QLocale, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QPaintEvent, QValidator, QWheelEvent
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QSlider, QSpinBox, QStyle, QStyleOptionComboBox, QStylePainter

_UNDOES = (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo)


class _Typed:
    """Mixin shared by fields of whole and of decimal numbers; it comes before Qt's class."""

    numbers = "number"

    def dress(self: Any, name: str, accessible: str, tip: str, width: int) -> None:
        """Set the field's name, texts and size."""
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self.setToolTip(tip)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setKeyboardTracking(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedSize(width, 28)

    def validate(self: Any, text: str, place: int) -> tuple[QValidator.State, str, int]:
        """Accept any typed text: dropping a digit would turn the input into another number."""
        state, text, place = super().validate(text, place)  # type: ignore[misc]
        return QValidator.State.Intermediate if state == QValidator.State.Invalid else state, text, place

    def fixup(self: Any, text: str) -> str:
        """Emit ``refused`` for invalid input, once typing is finished."""
        fixed = super().fixup(text)  # type: ignore[misc]
        if super().validate(fixed, 0)[0] != QValidator.State.Acceptable:  # type: ignore[misc]
            said = text.strip() or "empty"
            low, high = (self.textFromValue(value) for value in (self.minimum(), self.maximum()))
            self.refused.emit(f"{self.accessibleName()} is {said}, expected a {self.numbers} of {low} to {high}")
        return str(fixed)

    def wheelEvent(self: Any, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Change the value only if the field has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)  # type: ignore[misc]
        else:
            event.ignore()

    def event(self: Any, event: QEvent) -> bool:
        """Keep Esc while a number is half typed; leave Ctrl+Z to the window while none is: Qt's field takes both ways.

        Qt hands the line edit inside what the keyboard asks for past any event filter, so it is decided here.
        """
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if self.half_typed() and event.key() == Qt.Key.Key_Escape:
                event.accept()
                return True
            if not self.half_typed() and any(event.matches(key) for key in _UNDOES):
                event.ignore()
                return False
        return bool(super().event(event))  # type: ignore[misc]

    def keyPressEvent(self: Any, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Put the number in force back with Esc, if another one is half typed."""
        if event.key() == Qt.Key.Key_Escape and self.half_typed():
            self.lineEdit().setText(self.textFromValue(self.value()))
            self.selectAll()
        else:
            super().keyPressEvent(event)  # type: ignore[misc]

    def half_typed(self: Any) -> bool:
        """Return whether something stands in the field that is not in force."""
        return bool(self.text() != self.textFromValue(self.value()))


class NumberField(_Typed, QSpinBox):
    """A whole number; typed values take effect when typing is finished, arrows and the wheel at once.

    Invalid input stays until then; the previous number returns, and ``refused`` says why.
    """

    refused = Signal(str)
    numbers = "whole number"

    def __init__(self, name: str, accessible: str, tip: str, low: int, high: int) -> None:
        super().__init__()
        self.setRange(low, high)
        self.setGroupSeparatorShown(True)
        self.dress(name, accessible, tip, 72)


class RatioField(_Typed, QDoubleSpinBox):
    """A ratio with two decimals, never 1: arrows step over it. Typed values work as in :class:`NumberField`."""

    refused = Signal(str)

    def __init__(self, name: str, accessible: str, tip: str, low: float, high: float) -> None:
        super().__init__()
        self.setLocale(QLocale.c())  # a point, as in files and on the command line
        self.setDecimals(2)
        self.setSingleStep(0.01)
        self.setRange(low, high)
        self.dress(name, accessible, tip, 58)

    def stepBy(self, steps: int) -> None:  # noqa: N802 - Qt's name
        """Change the ratio by hundredths, skipping 1: equal steps are another schedule."""
        lands_on_1 = round(100 * self.value()) + steps == 100
        super().stepBy(steps + (1 if steps > 0 else -1) if lands_on_1 else steps)


class Choice(QComboBox):
    """A box of choices that ignores the wheel without focus; a choice without room ends in three dots."""

    def __init__(self, name: str, accessible: str, tip: str, choices: Sequence[str] = ()) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self.setToolTip(tip)
        self.addItems(choices)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the choice as it has room: styled boxes cut it in the middle of a letter."""
        painter, option = QStylePainter(self), QStyleOptionComboBox()
        self.initStyleOption(option)
        option.currentText = self.drawn()
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    def drawn(self) -> str:
        """Return the choice as it has room."""
        option, style = QStyleOptionComboBox(), self.style()
        self.initStyleOption(option)
        parts = QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self
        room = style.subControlRect(*parts).width() - 2
        return self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideRight, room)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Change the choice only if the box has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


def slider(name: str, accessible: str, tip: str) -> QSlider:
    """Return a horizontal QSlider that starts at 1."""
    made = QSlider(Qt.Orientation.Horizontal)
    made.setObjectName(name)
    made.setAccessibleName(accessible)
    made.setToolTip(tip)
    made.setMinimum(1)
    return made
