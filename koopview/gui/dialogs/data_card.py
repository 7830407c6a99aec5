"""The data in a file as its arrays and first samples, before it is opened."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QTableWidget, QTableWidgetItem

from koopview.gui.dialogs.found_card import FoundCard, FoundTable, sentence_label
from koopview.gui.looks.theme import UNIT
from koopview.gui.text import counted, short
from koopview.gui.widgets.sample_pictures import SamplePictures, pictures
from koopview.network.datafiles.head import ArrayHead, DataHead
from koopview.network.datafiles.samples import ALL_OTHERS

NOTHING = "Name a data file, or drop one here:\nits arrays and first samples are shown before it is opened."
_MOST_CLASSES = 8
_MOST_COLUMNS = 12
_ROW = 19


class DataCard(FoundCard):
    """Shows a DataHead: arrays at the left, first samples as pictures or rows at the right."""

    def __init__(self) -> None:
        super().__init__("Data", "foundData")
        self.found: DataHead | None = None
        self.classes = sentence_label("Classes in the first samples", "foundClasses")
        self._row = QHBoxLayout()
        self._row.setContentsMargins(0, 0, UNIT, 0)
        self._row.setSpacing(UNIT)
        self.body.addLayout(self._row, 1)
        self.body.addWidget(self.classes)
        self.body.addWidget(self.remarks)
        self.clear(NOTHING)

    @cached_property
    def table(self) -> FoundTable:
        """The list of arrays, made when there are some, so that the dialog appears sooner."""
        table = FoundTable(
            ("name", "shape", "type", "taken as"),
            (
                "The array's or column's name in the file",
                "Its shape: samples first",
                "Its kind of numbers",
                "What it is taken as: choose others under Inputs and Labels",
            ),
            "Arrays found in the data file",
            words=4,
        )
        table.setObjectName("foundArrays")
        self._row.insertWidget(0, table, 8)
        return table

    @cached_property
    def pictures(self) -> SamplePictures:
        """The first samples as pictures."""
        pictures = SamplePictures()
        pictures.setObjectName("foundPictures")
        self._row.addWidget(pictures, 5)
        return pictures

    @cached_property
    def samples(self) -> QTableWidget:
        """The first samples as rows."""
        samples = _samples_table()
        self._row.addWidget(samples, 5)
        return samples

    def show_head(self, head: DataHead) -> None:
        """Show the arrays, samples, classes and remarks of a head."""
        self.found = head
        self.note.setText(summary(head))
        self.note.setToolTip(self.note.text())
        shown = bool(head.arrays) or head.first is not None
        self.say_instead("" if shown else " ".join(head.remarks) or "Nothing is told before it is opened.")
        if head.arrays or "table" in vars(self):
            self.table.numbers.show([_row(array, head) for array in head.arrays])
            self.table.setVisible(bool(head.arrays))
        self._show_samples(head)
        self.classes.setText(classes_sentence(head.classes))
        self.classes.setVisible(bool(head.classes))
        self.show_remarks(head.remarks)

    def clear(self, words: str, failed: bool = False) -> None:
        """Show `words` instead of data."""
        self.found = None
        super().clear(words, failed)

    def _show_samples(self, head: DataHead) -> None:
        first = head.first if head.first is not None and head.first.size else None
        drawn = None if first is None else pictures(first)
        for name, wanted in (("pictures", drawn is not None), ("samples", first is not None and drawn is None)):
            if wanted or name in vars(self):
                getattr(self, name).setVisible(wanted)
        if drawn is not None:
            self.pictures.show_samples(drawn, head.first_labels)
        elif first is not None:
            fill(self.samples, first, head.first_labels, column_names(head))


def summary(head: DataHead) -> str:
    """Return what a data file holds in one line: "NPZ · 800 training, 200 test samples · 28 × 28"."""
    test = f", {head.test_samples:,} for testing" if head.test_samples else ""
    shape = " × ".join(map(str, head.shape))
    known = (
        head.format,
        f"{counted(head.samples, 'sample')}{test}" if head.samples else "",
        f"{shape}{' features' if len(head.shape) == 1 else ''}" if head.shape else "",
    )
    return " · ".join(part for part in known if part)


def classes_sentence(classes: Sequence[str]) -> str:
    """Return the names of classes as a sentence: "3 classes: setosa, versicolor, virginica"."""
    left = len(classes) - _MOST_CLASSES
    more = f" and {left:,} more" if left > 0 else ""
    return f"{len(classes):,} {'class' if len(classes) == 1 else 'classes'}: {', '.join(classes[:_MOST_CLASSES])}{more}"


def _row(array: ArrayHead, head: DataHead) -> tuple[str, ...]:
    shape = " × ".join(f"{size:,}" for size in array.shape) or "one number"
    return (array.name, shape, array.dtype, _taken(array, head))


def _taken(array: ArrayHead, head: DataHead) -> str:
    """Return what an array is taken as: "inputs", "labels", or empty for neither."""
    if array.name == head.labels:
        return "labels"
    inputs = (head.inputs, *head.inputs.split("+"))
    return "inputs" if head.inputs == ALL_OTHERS or array.name in inputs else ""


def _samples_table() -> QTableWidget:
    """Return an empty table for first samples."""
    table = QTableWidget()
    table.setObjectName("foundSamples")
    table.setProperty("role", "numbers")
    table.setAccessibleName("First samples")
    table.setShowGrid(False)
    table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
    table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    table.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
    table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(_ROW)
    return table


def column_names(head: DataHead) -> list[str]:
    """Return the names of the inputs of one number each, as columns of a table are; empty if they are no columns."""
    inputs = [array for array in head.arrays if _taken(array, head) == "inputs"]
    columns = all(len(array.shape) == 1 for array in inputs) and head.shape == (len(inputs),)
    return [array.name for array in inputs] if columns else []


def fill(table: QTableWidget, samples: np.ndarray, labels: Sequence[str], names: Sequence[str]) -> None:
    """Show samples (samples, ...) as rows, each label before the first numbers of its sample, below their `names`."""
    flat = samples.reshape(len(samples), -1)[:, :_MOST_COLUMNS]
    numbered = [str(1 + column) for column in range(flat.shape[1])]
    heads = (["label"] if labels else []) + (list(names[:_MOST_COLUMNS]) or numbered)
    table.setColumnCount(len(heads))
    table.setRowCount(len(flat))
    table.setHorizontalHeaderLabels(heads)
    for row, sample in enumerate(flat):
        said = [labels[row] if row < len(labels) else ""] if labels else []
        for column, text in enumerate([*said, *map(_number, sample)]):
            item = QTableWidgetItem(text)
            item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            table.setItem(row, column, item)
    table.resizeColumnsToContents()


def _number(value: object) -> str:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return str(value)
    return f"{number:g}" if number == round(number) else short(number)
