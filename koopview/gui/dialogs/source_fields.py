"""The fields for the places of a model and its data, and for settings not in their files."""

from argparse import ArgumentTypeError
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QCompleter,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QWidget,
)

from koopview.gui.saving.saving import last_folder, note_folder
from koopview.gui.widgets.card import label
from koopview.network.activation_names import ACTIVATION_NAMES
from koopview.network.datafiles.data_formats import DATA_ENDINGS
from koopview.network.datafiles.heads import names_in
from koopview.network.datafiles.samples import ALL_OTHERS
from koopview.network.modelfiles.model_formats import MODEL_ENDINGS
from koopview.network.normalization import NORMALIZATIONS
from koopview.study.source import Source

ANY_ACTIVATION = "as the file says"
MODEL_FILES = f"Models ({' '.join(f'*{ending}' for ending in MODEL_ENDINGS)});;All files (*)"
DATA_FILES = f"Data ({' '.join(f'*{ending}' for ending in DATA_ENDINGS)});;All files (*)"

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

    def text(self) -> str:
        """Return the text that is filled in."""
        return self.currentText().strip()

    def offer(self, names: Sequence[str]) -> None:
        """List `names` to choose from; the present text stays, unless `names` show that it is another file's."""
        said = self.text()
        stays = not names or said in names or ALL_OTHERS in names  # for columns, the text is a prefix
        self.clear()
        self.addItems(list(names))
        self.setCurrentIndex(-1)
        self.setEditText(said if stays else "")


class NamesField(QWidget):
    """The names of inputs and labels in a file, side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.inputs = NameField(
            "Name of the inputs",
            "x_train or x",
            "Name of the inputs' array in an NPZ file; in CSV, how the inputs' columns begin, or * for all others",
        )
        self.labels = NameField(
            "Name of the labels", "y_train or y", "Name of the labels' array in an NPZ file, or of their column in CSV"
        )
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for name, box in (("inputs", self.inputs), ("labels", self.labels)):
            layout.addWidget(label(name, "small"))
            layout.addWidget(box, 1)

    def offer_names_of(self, path: str) -> None:
        """List the names in a file to choose from."""
        found = names_in(Path(path.strip()))
        self.inputs.offer(found.inputs)
        self.labels.offer((*found.labels, NO_LABELS) if found.labels else ())
        if not self.inputs.text() and self.labels.text() == NO_LABELS:
            self.labels.setEditText("")  # it belonged to the inputs that are no longer named

    def show_keys(self, keys: tuple[str, str] | None) -> None:
        """Fill in a pair of names, nothing for None."""
        inputs, labels = keys or ("", "")
        self.inputs.setEditText(inputs)
        self.labels.setEditText(labels or (NO_LABELS if inputs else ""))

    def keys(self) -> tuple[str, str] | None:
        """Return the pair of names, None if empty; raises ArgumentTypeError for one name without the other."""
        inputs, labels = self.inputs.text(), self.labels.text()
        if not inputs and not labels:
            return None
        if not inputs and self.inputs.findText(ALL_OTHERS) >= 0:
            inputs = ALL_OTHERS
        if not inputs or not labels:
            named, missing = ("labels", "inputs") if labels else ("inputs", f"labels (or: {NO_LABELS})")
            raise ArgumentTypeError(f"only the {named} are named, expected the {missing} too")
        return inputs, "" if labels == NO_LABELS else labels


class DataFields:
    """The fields for the place of data and how to read them."""

    def __init__(self, form: QFormLayout, known: Source) -> None:
        self.path = FileField("Data file", "Training and test samples", "NPZ, CSV or idx file, or: mnist", DATA_FILES)
        self.test = FileField(
            "Test data file",
            "Samples to measure accuracies on, where another file holds them; beside …_train they are in …_test",
            "optional",
            DATA_FILES,
        )
        self.names = NamesField()
        self.path.line.textChanged.connect(self.names.offer_names_of)
        self.normalize = QComboBox()
        self.normalize.addItems([each.words for each in NORMALIZATIONS.values()])
        self.normalize.setAccessibleName("Scale inputs")
        self.normalize.setToolTip("How inputs are scaled before the network sees them: as they were in its training")
        form.addRow("Data", self.path)
        form.addRow("Test data", self.test)
        form.addRow("Array names", self.names)
        form.addRow("Scale inputs", self.normalize)
        self.path.line.setText(known.data or "")
        self.test.line.setText(known.test_data or "")
        self.names.show_keys(known.keys)
        self.normalize.setCurrentIndex(list(NORMALIZATIONS).index(known.normalize))

    def source(self) -> Source:
        """Return the Source of the data that are filled in; raises ArgumentTypeError for names that are no pair."""
        return Source(
            data=self.path.text(),
            test_data=self.test.text(),
            keys=self.names.keys(),
            normalize=list(NORMALIZATIONS)[self.normalize.currentIndex()],
        )


class ModelFields:
    """The fields for the place of a model and how to read it."""

    def __init__(self, form: QFormLayout, known: Source) -> None:
        self.path = FileField(
            "Model file",
            "A whole model, or the weights of a plain multilayer perceptron",
            "a PyTorch or safetensors file",
            MODEL_FILES,
        )
        self.activation = QComboBox()
        self.activation.setEditable(True)
        self.activation.addItems([ANY_ACTIVATION, *ACTIVATION_NAMES])
        self.factory = QLineEdit()
        self.factory.setPlaceholderText("FILE.py:FUNCTION (optional)")
        self.trust = QCheckBox("I trust this file: it may run code on this computer")
        for widget, name, tip in (
            (self.activation, "Activation", "What follows each linear layer, where the file holds weights alone"),
            (self.factory, "Factory", "Your function that makes the module into which the weights are loaded"),
            (self.trust, "Trust", "Some model files run code when read; tick this only for files you made or know"),
        ):
            widget.setAccessibleName(name)
            widget.setToolTip(tip)
        form.addRow("Model", self.path)
        form.addRow("Activation", self.activation)
        form.addRow("Factory", self.factory)
        form.addRow("", self.trust)
        self.path.line.setText(known.model or "")
        self.activation.setCurrentText(known.activation or ANY_ACTIVATION)
        self.factory.setText(known.factory or "")

    def source(self) -> Source:
        """Return the Source of the model that is filled in."""
        activation = self.activation.currentText().strip()
        return Source(
            model=self.path.text(),
            activation=activation if activation not in ("", ANY_ACTIVATION) else None,
            factory=self.factory.text().strip() or None,
            trust=self.trust.isChecked(),
        )
