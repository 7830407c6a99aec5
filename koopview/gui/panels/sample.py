"""The sample chosen: what it is, and what the original and the hybrid answer to it."""

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from koopview.gui.looks.theme import LIGHT, UNIT, Theme
from koopview.gui.text import minus, short, spoken_class
from koopview.gui.widgets.card import dressed, label, rule
from koopview.study.result import FitResult
from koopview.study.sample_answers import Answers, SamplesView

if TYPE_CHECKING:
    from koopview.gui.plots.sample_picture import SamplePicture

KIND = "samples"
FURTHER = "One of the samples whose answer the hybrid changes: What it means tells its answers."
_NUMBERS = 6
_ROWS = (
    ("original", "What the original network answers"),
    ("hybrid", "What the network answers whose layer is replaced by its operator"),
    ("margin", "How far the answer's output is above the next one's: of the original, then of the hybrid"),
)


class SampleSection(QWidget):
    """Shows the sample that `chooser` names: its picture or place, its label, both answers and their margins."""

    def __init__(self, chooser: QComboBox) -> None:
        super().__init__()
        self.setAccessibleName("Sample")
        self._chooser = chooser
        self._result: FitResult | None = None
        self._view: SamplesView | None = None
        self._picture: SamplePicture | None = None
        self._theme: Theme = LIGHT
        self.numbers = dressed(QLabel(), "small")
        self.numbers.setWordWrap(True)
        self.values = {name: label() for name, _ in _ROWS}
        self._names = {name: label(name, "small") for name, _ in _ROWS}
        head = QHBoxLayout()
        head.addWidget(label("Sample", "title"))
        head.addStretch(1)
        head.addWidget(chooser)
        beside = self._beside = QHBoxLayout()
        beside.setSpacing(6)
        beside.addLayout(self._rows(), 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 0, 12, UNIT)
        layout.setSpacing(UNIT)
        layout.addWidget(rule())
        layout.addLayout(head)
        layout.addLayout(beside)
        layout.addWidget(self.numbers)
        chooser.currentIndexChanged.connect(self._show)
        self._show()

    def show_result(self, result: FitResult | None) -> None:
        """Set the result whose samples are shown; their view follows."""
        self._result, self._view = result, None if result is None else self._view
        self._show()

    def show_view(self, view: Any) -> None:
        """Show a view of the samples; None: not made yet, and the last one's inputs stay."""
        if isinstance(view, SamplesView):
            self._view = view
        self._show(known=isinstance(view, SamplesView))

    @property
    def picture(self) -> "SamplePicture":
        """The sample's picture, made on first use."""
        if self._picture is None:
            from koopview.gui.plots.sample_picture import SamplePicture  # not needed for the first picture

            self._picture = SamplePicture()
            self._picture.set_theme(self._theme)
            self._beside.insertWidget(0, self._picture, 0, Qt.AlignmentFlag.AlignTop)
        return self._picture

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._theme = theme
        if self._picture is not None:
            self._picture.set_theme(theme)

    def _rows(self) -> QGridLayout:
        rows = QGridLayout()
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setHorizontalSpacing(4)
        rows.setVerticalSpacing(3)
        for row, (name, tip) in enumerate(_ROWS):
            for column, widget in enumerate((self._names[name], self.values[name])):
                widget.setToolTip(tip)
                rows.addWidget(widget, row, column)
            self._names[name].setAlignment(Qt.AlignmentFlag.AlignTop)
            self._names[name].setContentsMargins(0, 2, 0, 0)  # on the line of the larger text beside it
            self.values[name].setAccessibleName(f"Sample, {name}")
            self.values[name].setWordWrap(True)  # long names of classes are read whole
        rows.setColumnStretch(1, 1)
        rows.setRowStretch(len(_ROWS), 1)
        return rows

    def _show(self, index: int = 0, known: bool = True) -> None:
        result, view, sample = self._result, self._view, self._chooser.currentIndex()
        there = result is not None and sample >= 0 and len(result.paths) > 0
        self.setVisible(there)
        if result is None or not there:
            return
        further = sample >= len(result.paths)  # its index here is not that among the test samples
        seen = view is not None and sample < len(view.inputs) and not further
        if seen or self._picture is not None:
            self.picture.show_sample(view if seen else None, sample)
        self.numbers.setVisible(further or (seen and self.picture.isHidden()))
        said = answers(result, view, sample) if view is not None and seen and known else {}
        for name, value in self.values.items():
            value.setText(said.get(name, "…"))
            for widget in (value, self._names[name]):
                widget.setVisible(not further and (name != "margin" or not seen or "margin" in said))
        if view is not None and seen:
            self.numbers.setText(first_numbers(np.asarray(view.inputs[sample])))
        elif further:
            self.numbers.setText(FURTHER)


def answers(result: FitResult, view: SamplesView, sample: int) -> dict[str, str]:
    """Return what original and hybrid answer to a sample, each with a tick or a cross where it has a label."""
    label_of = None if result.path_labels is None else int(result.path_labels[sample])
    said = {name: _answer(result, one, sample, label_of) for name, one in _both(view).items()}
    margins = [one.margins for one in _both(view).values() if one.margins is not None]
    if len(margins) == len(said):
        said["margin"] = " → ".join(minus(f"{float(margin[sample]):.1f}") for margin in margins)
    return said


def _both(view: SamplesView) -> dict[str, Answers]:
    return {"original": view.original, "hybrid": view.hybrid}


def _answer(result: FitResult, given: Answers, sample: int, label_of: int | None) -> str:
    if given.classes is None:
        return short(float(given.outputs[sample]))
    answer = int(given.classes[sample])
    mark = "" if label_of is None else " ✓" if answer == label_of else " ✗"
    return f"{spoken_class(result.class_names, answer)}{mark}"


def first_numbers(inputs: np.ndarray) -> str:
    """Return the first numbers of an input, and how many it has: "0.41 0.22 … (13 numbers)"."""
    flat = inputs.ravel()
    first = " ".join(minus(f"{float(number):.3g}") for number in flat[:_NUMBERS])
    return first if flat.size <= _NUMBERS else f"{first} … ({flat.size:,} numbers)"
