"""Ask for a model and its data: their files, and what these do not say. The dialog stays until both are open."""

from argparse import ArgumentTypeError
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from koopview.gui.files.saving import last_folder, note_folder
from koopview.gui.looks.theme import UNIT
from koopview.gui.widgets.card import label
from koopview.study.source import Source
from koopview.values import keys

ANY_ACTIVATION = "as the file says"
ACTIVATIONS = ("relu", "gelu", "tanh", "sigmoid", "silu", "elu", "selu", "leaky_relu", "softplus", "mish")
"""The common names; others can be typed."""

MODEL_FILES = "Models (*.pt *.pth *.safetensors *.ckpt *.bin);;All files (*)"
DATA_FILES = "Data (*.npz *.csv *.tsv *.gz *.idx *ubyte);;All files (*)"
NORMALIZATIONS = {"none": "as they are", "unit": "divided by the largest", "standard": "mean 0, deviation 1"}
"""How inputs are scaled, and in words."""

_WIDTH = 520


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
        """Return what is filled in, None for nothing."""
        return self.line.text().strip() or None

    def browse(self) -> None:
        """Let a person look for the file."""
        folder = str(Path(self.line.text()).parent) if self.text() else last_folder()
        dialog = QFileDialog(self, self._name, folder, self._filters)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.line.setText)
        dialog.fileSelected.connect(note_folder)
        dialog.open()


class DataFields:
    """The fields that say where data are and how they are read."""

    def __init__(self, form: QFormLayout, known: Source) -> None:
        self.path = FileField("Data file", "Training and test samples", "NPZ, CSV or idx file, or: mnist", DATA_FILES)
        self.test = FileField(
            "Test data file", "Samples to measure accuracies on, where another file holds them", "optional", DATA_FILES
        )
        self.keys = QLineEdit()
        self.keys.setPlaceholderText("inputs, labels (where they are not x, y or x_train, y_train)")
        self.keys.setAccessibleName("Array names")
        self.keys.setToolTip("Names of inputs and labels in an NPZ file; in a CSV file, how the inputs' columns begin")
        self.normalize = QComboBox()
        self.normalize.addItems(list(NORMALIZATIONS.values()))
        self.normalize.setAccessibleName("Scale inputs")
        self.normalize.setToolTip("How inputs are scaled before the network sees them: as they were in its training")
        form.addRow("Data", self.path)
        form.addRow("Test data", self.test)
        form.addRow("Array names", self.keys)
        form.addRow("Scale inputs", self.normalize)
        self.path.line.setText(known.data or "")
        self.test.line.setText(known.test_data or "")
        self.keys.setText(", ".join(known.keys or ()))
        self.normalize.setCurrentIndex(list(NORMALIZATIONS).index(known.normalize))

    def source(self) -> Source:
        """Return what is filled in; raises ArgumentTypeError for names that are no pair."""
        names = self.keys.text().strip()
        return Source(
            data=self.path.text(),
            test_data=self.test.text(),
            keys=keys(names if "," in names else ",".join(names.split())) if names else None,
            normalize=list(NORMALIZATIONS)[self.normalize.currentIndex()],
        )


class ModelFields:
    """The fields that say where a model is and how it is read."""

    def __init__(self, form: QFormLayout, known: Source) -> None:
        self.path = FileField(
            "Model file",
            "A whole model, or the weights of a plain multilayer perceptron",
            "a PyTorch or safetensors file",
            MODEL_FILES,
        )
        self.activation = QComboBox()
        self.activation.setEditable(True)
        self.activation.addItems([ANY_ACTIVATION, *ACTIVATIONS])
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
        """Return what is filled in."""
        activation = self.activation.currentText().strip()
        return Source(
            model=self.path.text(),
            activation=activation if activation not in ("", ANY_ACTIVATION) else None,
            factory=self.factory.text().strip() or None,
            trust=self.trust.isChecked(),
        )


class OpenDialog(QDialog):
    """Window-modal; ``chosen`` carries a :class:`Source` when a person presses Open.

    It stays, and says what is wrong, until `done_opening` is called.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None, title: str, name: str) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setWindowTitle(title)
        self.setMinimumWidth(_WIDTH)
        self.waiting = False
        self.form = QFormLayout()
        self.form.setSpacing(UNIT + 2)
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.sentence = label("", "warning")
        self.sentence.setWordWrap(True)
        self.sentence.setAccessibleName("What is wrong")
        self.sentence.hide()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Open | QDialogButtonBox.StandardButton.Cancel)
        self.buttons.accepted.connect(self._choose)
        self.buttons.rejected.connect(self.reject)

    def source(self) -> Source:
        """Return what is filled in; raises ArgumentTypeError for what cannot be."""
        raise NotImplementedError

    def tell(self, sentence: str) -> None:
        """Say why it could not be opened, and let a person mend it."""
        self.wait(False)
        self.sentence.setText(sentence)
        self.sentence.show()
        self.adjustSize()

    def done_opening(self) -> None:
        """Close: what was asked for is open."""
        self.wait(False)
        self.accept()

    def _choose(self) -> None:
        try:
            source = self.source()
        except ArgumentTypeError as error:
            self.tell(str(error))
            return
        self.sentence.hide()
        self.chosen.emit(source)

    def wait(self, waiting: bool = True) -> None:
        """Show that what was chosen is being opened, or no longer."""
        self.waiting = waiting
        self._open_button.setText("Opening…" if waiting else "Open")
        self._open_button.setEnabled(not waiting)

    @property
    def _open_button(self) -> QPushButton:
        return self.buttons.button(QDialogButtonBox.StandardButton.Open)

    def _lay_out(self, needed: QLineEdit, note: str) -> None:
        """Put form, note and buttons together; Open waits for the line that is `needed`."""
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * UNIT, 2 * UNIT, 2 * UNIT, 2 * UNIT)
        layout.setSpacing(12)
        layout.addLayout(self.form)
        if note:
            layout.addWidget(label(note, "small"))
        layout.addWidget(self.sentence)
        layout.addWidget(self.buttons)
        needed.textChanged.connect(lambda text: self._open_button.setEnabled(bool(text.strip())))
        needed.textChanged.emit(needed.text())
        for line in self.findChildren(QLineEdit):
            line.textEdited.connect(self.sentence.hide)  # what was wrong may be mended now


class OpenModelDialog(OpenDialog):
    """Asks for a model, and for its data in the same place."""

    def __init__(self, parent: QWidget | None, known: Source) -> None:
        super().__init__(parent, "Open a model and its data", "openModelDialog")
        self.model, self.data = ModelFields(self.form, known), DataFields(self.form, known)
        self._lay_out(
            self.model.path.line, "Weights alone (a state dict, safetensors) need their activation, or a factory."
        )

    def source(self) -> Source:
        """Return what is filled in; raises ArgumentTypeError for what cannot be."""
        return self.model.source().with_data_of(self.data.source())


class OpenDataDialog(OpenDialog):
    """Asks for data of the model that is open."""

    def __init__(self, parent: QWidget | None, known: Source) -> None:
        super().__init__(parent, "Open data", "openDataDialog")
        self.data = DataFields(self.form, known)
        self._lay_out(self.data.path.line, "")

    def source(self) -> Source:
        """Return what is filled in; raises ArgumentTypeError for what cannot be."""
        return self.data.source()
