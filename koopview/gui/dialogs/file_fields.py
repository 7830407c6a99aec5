"""The fields for the path of a file, and for the names of what is in it."""

from argparse import ArgumentTypeError
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QCompleter, QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from koopview.gui.saving.saving import last_folder, note_folder
from koopview.network.datafiles.samples import ALL_OTHERS, DataNames

NO_LABELS = "no labels"
"""The entry to choose instead of the labels' name if there are none."""

_LIST = QCompleter.CompletionMode.PopupCompletion


class FileField(QWidget):
    """A line for a path, and a button that looks for the file."""

    def __init__(self, name: str, tip: str, example: str, filters: str) -> None:
        super().__init__()
        self._name, self._filters = name, filters
        self.line = QLineEdit()
        self.line.setPlaceholderText(example)
        self.line.setAccessibleName(name)
        self.line.setToolTip(tip)
        look = QPushButton("Browse…")
        look.setAutoDefault(False)
        look.setToolTip(f"Look for the file: {name.lower()}")
        look.setAccessibleName(f"Browse for {name.lower()}")
        look.clicked.connect(self.browse)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.line, 1)
        layout.addWidget(look)
        self.setFocusProxy(self.line)

    def text(self) -> str | None:
        """Return the text that is filled in, None for nothing."""
        return self.line.text().strip() or None

    def browse(self) -> None:
        """Open the dialog to choose the file."""
        folder = str(Path(self.line.text()).parent) if self.text() else last_folder()
        dialog = QFileDialog(self, self._name, folder, self._filters)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.line.setText)
        dialog.fileSelected.connect(note_folder)
        dialog.open()


class NameField(QComboBox):
    """A field for a name, chosen among those of the file or typed; empty for the default."""

    def __init__(self, name: str, usual: str, tip: str) -> None:
        super().__init__()
        self.setLineEdit(QLineEdit(placeholderText=usual))
        completer = QCompleter(self.model(), self)
        completer.setCompletionMode(_LIST)  # Qt's default completes a typed x to x_train
        self.setCompleter(completer)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setMinimumContentsLength(12)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self._usual = usual

    def text(self) -> str:
        """Return the text that is filled in."""
        return self.currentText().strip()

    def offer(self, names: Sequence[str]) -> None:
        """List `names` to choose from; the present text stays, unless `names` show that it is another file's."""
        said = self.text()
        stays = not names or said in names or ALL_OTHERS in names  # for columns, the text is a prefix
        with QSignalBlocker(self):
            self.clear()
            self.addItems(list(names))
            self.setCurrentIndex(-1)
            self.setEditText(said)
        if not stays:
            self.setEditText("")

    def suppose(self, name: str) -> None:
        """Show what is taken while nothing is filled in; without a name, what is usual."""
        line = self.lineEdit()
        if line is not None:
            line.setPlaceholderText(name or self._usual)


class NamesField:
    """The fields for the names of inputs and labels in a file."""

    def __init__(self) -> None:
        self.inputs = NameField(
            "Name of the inputs",
            "x_train or x",
            "Name of the inputs' array; in a table, how the inputs' columns begin, or * for all others",
        )
        self.labels = NameField("Name of the labels", "y_train or y", "Name of the labels' array, or of their column")

    def offer(self, found: DataNames) -> None:
        """List the names in a file to choose from."""
        said = self.inputs.text()
        self.inputs.offer(found.inputs)
        self.labels.offer((*found.labels, NO_LABELS) if found.labels else ())
        if said and not self.inputs.text() and self.labels.text() == NO_LABELS:
            self.labels.setEditText("")  # it belonged to the inputs of another file

    def show_keys(self, keys: tuple[str, str] | None) -> None:
        """Fill in a pair of names, nothing for None."""
        inputs, labels = keys or ("", "")
        self.inputs.setEditText(inputs)
        self.labels.setEditText(labels or (NO_LABELS if keys else ""))

    def keys(self) -> tuple[str, str] | None:
        """Return the pair of names, None if empty; raises ArgumentTypeError for inputs without labels.

        The inputs' name is empty for the usual inputs.
        """
        inputs, labels = self.inputs.text(), self.labels.text()
        if not inputs and not labels:
            return None
        if not labels:
            raise ArgumentTypeError(f"only the inputs are named, expected the labels (or: {NO_LABELS}) too")
        return inputs, "" if labels == NO_LABELS else labels
