"""Mode surgery: remove and scale the selected modes, undo edits, make the network unlearn a class."""

from functools import cached_property

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from koopview.gui.looks.theme import UNIT
from koopview.gui.selection import (
    ModeSelection,
    group_words,
    is_larger_than_pair,
    mode_count,
    scaled_by,
    takes_factors_only,
)
from koopview.gui.session.changes import text_of_surgery
from koopview.gui.widgets.card import Note, dressed, label, rule, tool_button
from koopview.gui.widgets.scale_popup import ScalePopup
from koopview.study.result import FitResult
from koopview.study.settings import FitSettings

_HINT = "Select eigenvalues in the plane; conjugates follow. Accuracy changes while you drag."
_FACTORS = "real factors only, a drag moves them along the radius."
_GROUP = "The selected {} is edited as one: " + _FACTORS
_PAIR = "The selected pair is all but one real eigenvalue twice: " + _FACTORS


class SurgerySection(QWidget):
    """``requested`` carries settings, the name of the change, and a token of its gesture."""

    requested = Signal(object, str, object)
    undo_asked = Signal()
    unlearn_asked = Signal()

    def __init__(self, selection: ModeSelection) -> None:
        super().__init__()
        self.setObjectName("surgerySection")
        self._selection = selection
        self._result: FitResult | None = None
        self._before_scaling: FitResult | None = None
        self._gesture: object = None
        self._told: FitSettings | None = None
        self._stack: QUndoStack | None = None
        self._make_buttons()
        self.note, self.outcome, self.hint = dressed(Note(), "small"), label("", "small"), label(_HINT, "small")
        self.note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # it never widens the panel
        for sentence in (self.outcome, self.hint):
            sentence.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(7)
        column.addWidget(rule())
        head = QHBoxLayout()
        head.addWidget(label("Mode surgery", "title"))
        head.addWidget(self.note, 1)
        column.addLayout(head)
        column.addLayout(_row(self.remove, self.scale, self.undo))
        column.addLayout(_row(self.unlearn, self.reset))
        column.addWidget(self.outcome)
        column.addWidget(self.hint)
        self._connect()
        self._show_undo(0)
        self.show_result(None)

    @cached_property
    def popup(self) -> ScalePopup:
        """The slider that scales the selected modes, made on first use."""
        popup = ScalePopup(self)
        popup.opened.connect(self._begin_scaling)
        popup.scaled.connect(self._scale)
        return popup

    def show_result(self, result: FitResult | None) -> None:
        """Edit the modes of `result` from now on; None disables everything."""
        self._result = result
        self.setVisible(result is not None)
        self.reset.setVisible(result is not None and bool(result.settings.edits))
        self.unlearn.setVisible(result is not None and bool(result.per_class.get("hybrid")))
        self.outcome.setVisible(result is not None and result.settings == self._told)
        self._show_selection()

    def follow(self, stack: QUndoStack) -> None:
        """Enable the undo button while the next undo of `stack` is an edit of modes."""
        self._stack = stack
        stack.indexChanged.connect(self._show_undo)

    def _show_undo(self, index: int) -> None:
        text = "" if self._stack is None else text_of_surgery(self._stack, index)
        self.undo.setEnabled(bool(text))
        self.undo.setToolTip(f"Undo {text} (Ctrl+Z)" if text else "No edit of modes to undo")

    def show_outcome(self, sentence: str, settings: FitSettings) -> None:
        """Show the outcome of an action in one sentence, while the result of `settings` is on screen."""
        self._told = settings
        self.outcome.setText(sentence)
        self.outcome.setVisible(True)

    def show_cost(self, sentence: str, settings: FitSettings) -> None:
        """Show the cost of an edit, if any, unless an outcome for the same settings is shown."""
        if sentence and settings != self._told:
            self.show_outcome(sentence, settings)

    def remove_selected(self) -> None:
        """Request the removal of the selected modes."""
        if self._result is not None and self._selection.indices:
            wanted = scaled_by(self._result, self._selection.indices, 0.0)
            self.requested.emit(wanted, f"remove {mode_count(len(self._selection.modes))}", object())

    def _make_buttons(self) -> None:
        self.remove = _button("removeModesButton", "Remove", "Set the selected eigenvalues to 0 (Delete)")
        self.scale = _button("scaleModesButton", "Scale…", "Multiply the selected eigenvalues by a factor")
        self.undo = _button("surgeryUndoButton", "Undo", "")
        self.unlearn = _button(
            "unlearnButton", "Unlearn…", "Find the edit that costs one class most and the others least"
        )
        self.reset = _button("resetEditsButton", "Reset", "Give every eigenvalue back its fitted value")

    def _connect(self) -> None:
        self._selection.changed.connect(self._show_selection)
        self.remove.clicked.connect(self.remove_selected)
        self.scale.clicked.connect(lambda: self.popup.open_below(self.scale))
        self.undo.clicked.connect(self.undo_asked)
        self.unlearn.clicked.connect(self.unlearn_asked)
        self.reset.clicked.connect(self._reset)

    def _begin_scaling(self) -> None:
        self._before_scaling, self._gesture = self._result, object()

    def _scale(self, factor: float) -> None:
        """Request the selected modes, as they were when the popup opened, times `factor`."""
        if self._before_scaling is not None:
            wanted = scaled_by(self._before_scaling, self._selection.indices, factor)
            count = mode_count(len(self._selection.modes))
            self.requested.emit(wanted, f"scale {count} by {factor:.2f}", self._gesture)

    def _reset(self) -> None:
        if self._result is not None:
            self.requested.emit(self._result.settings.with_edits(()), "reset of edits", object())

    def _show_selection(self) -> None:
        chosen = len(self._selection.indices)
        edited = 0 if self._result is None else len(self._result.edited)
        said = ((chosen, "selected"), (edited, "edited"))
        self.note.setText(" · ".join(f"{number} {word}" for number, word in said if number))
        self.note.setToolTip(self.note.text())
        self.hint.setText(self._hint())
        for button in (self.remove, self.scale):
            button.setEnabled(bool(chosen))

    def _hint(self) -> str:
        """Return the hint: possible actions, or the group of the selected mode if it is more than a pair."""
        result, modes = self._result, self._selection.modes
        if result is None or not modes or not takes_factors_only(result, modes[0]):
            return _HINT
        if not is_larger_than_pair(result, modes[0]):
            return _PAIR
        return _GROUP.format(group_words(result, modes[0]))


def _button(name: str, text: str, tip: str) -> QToolButton:
    button = tool_button(text, "button")
    button.setObjectName(name)
    button.setToolTip(tip)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button


def _row(*parts: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(UNIT // 2)
    for part in parts:
        row.addWidget(part)
    row.addStretch(1)
    return row
