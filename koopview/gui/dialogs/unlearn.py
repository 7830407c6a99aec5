"""The dialog to unlearn a class: choose the class, see the progress of the search and the cost of the edit."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from koopview.gui.looks.theme import UNIT
from koopview.gui.text import points, spoken_class
from koopview.gui.widgets.fields import Choice, NumberField
from koopview.study.result import FitResult
from koopview.study.settings import DEFAULT_EDITED
from koopview.words import percent

if TYPE_CHECKING:
    from koopview.gui.session.searching import Unlearning

EXPLANATION = (
    "KoopView looks for few modes whose edit costs one class 30 points or more and no other more than 10, on training "
    "samples; where it finds none, nothing is edited. The numbers below are of the test samples. Undo takes the edit "
    "back."
)


class UnlearnDialog(QDialog):
    """``asked`` carries the class to unlearn and the most eigenvalues to edit; ``stop_asked`` ends the search."""

    asked = Signal(int, int)
    stop_asked = Signal()

    def __init__(self, parent: QWidget, result: FitResult) -> None:
        super().__init__(parent)
        self.setObjectName("unlearnDialog")
        self.setWindowTitle("Unlearn a class")
        classes = [
            f"{spoken_class(result.class_names, index)} · {percent(accuracy)}"
            for index, accuracy in enumerate(result.per_class["hybrid"])
        ]
        tip = "The class that the network is to know no more"
        self.classes = Choice("unlearnBox", "Class to unlearn", tip, classes)
        self.most = NumberField(
            "unlearnSpin",
            "Eigenvalues edited at most",
            "Eigenvalues that are edited at most, all modes of a group counted: more of them allow more",
            1,
            result.rank,
        )
        self.most.setValue(DEFAULT_EDITED)
        self.outcome = _sentence("")
        self.outcome.setObjectName("unlearnOutcome")
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("How far the search is")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.start = self.buttons.addButton("Unlearn", QDialogButtonBox.ButtonRole.ActionRole)
        self.start.setDefault(True)
        self.buttons.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)
        self._lay_out()
        self.start.clicked.connect(self._begin)
        self.buttons.rejected.connect(self.reject)
        self.finished.connect(self._end)
        self._running = False
        self._show_running(False)

    def show_progress(self, fraction: float, text: str = "", seconds_left: float = 0.0) -> None:
        """Show the progress of the search; the status bar names its current step."""
        self.progress.setValue(round(1000 * fraction))

    def show_outcome(self, found: "Unlearning") -> None:
        """Show the effect of the edit in words."""
        self.outcome.setText(unlearning_sentence(found))
        self._show_running(False)

    def end(self) -> None:
        """Return to the choice of a class: the search has ended, for any reason."""
        self._show_running(False)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(QLabel("class"))
        row.addWidget(self.classes, 1)
        for widget in (QLabel("at most"), self.most, QLabel("eigenvalues")):
            row.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setSpacing(int(1.5 * UNIT))
        layout.addWidget(_sentence(EXPLANATION))
        layout.addLayout(row)
        for part in (self.progress, self.outcome, self.buttons):
            layout.addWidget(part)
        self.setMinimumWidth(440)

    def _begin(self) -> None:
        self.outcome.setText("")
        self._show_running(True)
        self.show_progress(0.0)
        self.asked.emit(self.classes.currentIndex(), self.most.value())

    def _end(self) -> None:
        if self._running:
            self._show_running(False)
            self.stop_asked.emit()

    def _show_running(self, running: bool) -> None:
        self._running = running
        self.progress.setVisible(running)
        self.outcome.setVisible(not running and bool(self.outcome.text()))
        self.start.setEnabled(not running)
        for choice in (self.classes, self.most):
            choice.setEnabled(not running)
        self.adjustSize()  # a sentence that wraps needs a new height


def unlearning_sentence(found: "Unlearning") -> str:
    """Return the effect of an edit on a class, the most that another lost, and the share a linear probe still finds."""
    if not found.after.edited:
        return found.note
    was, now = found.before.per_class["hybrid"], found.after.per_class["hybrid"]
    names, target = found.after.class_names, found.target
    count = len(found.after.edited)
    said = (
        f"{spoken_class(names, target)} went from {percent(was[target])} to {percent(now[target])}, "
        f"{most_lost(found)}, with {count} {'eigenvalue' if count == 1 else 'eigenvalues'} edited."
    )
    if found.told_after is not None:
        before = "" if found.told_before is None else f" ({100 * found.told_before:.0f} % before)"
        said += f" A linear probe still tells {100 * found.told_after:.0f} % of its samples{before}."
    return said


def most_lost(found: "Unlearning") -> str:
    """Return in words which other class lost most accuracy, and how much."""
    was, now = found.before.per_class["hybrid"], found.after.per_class["hybrid"]
    lost = {index: was[index] - now[index] for index in range(len(was)) if index != found.target}
    lost = {index: loss for index, loss in lost.items() if loss > 0}
    if not lost:
        return "no other class loses any"
    worst = max(lost, key=lambda index: lost[index])
    return f"of the others {spoken_class(found.after.class_names, worst)} loses most, {points(lost[worst])}"


def _sentence(text: str) -> QLabel:
    sentence = QLabel(text)
    sentence.setWordWrap(True)
    return sentence
