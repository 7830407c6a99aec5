"""The fields for the places of a model and its data, and for settings not in their files."""

from argparse import ArgumentTypeError
from collections.abc import Callable

from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QLineEdit

from koopview.gui.dialogs.file_fields import FileField, NameField, NamesField
from koopview.gui.dialogs.rows import Row
from koopview.gui.session.heads import FoundData
from koopview.network.activation_names import ACTIVATION_NAMES
from koopview.network.datafiles.data_formats import DATA_ENDINGS
from koopview.network.datafiles.samples import ALL_OTHERS
from koopview.network.demos import DATA_NAMES
from koopview.network.modelfiles.head import ModelHead
from koopview.network.modelfiles.model_formats import MODEL_ENDINGS
from koopview.network.normalization import CHANNELS, NORMALIZATIONS
from koopview.study.source import Source

ANY_ACTIVATION, NO_ACTIVATION = "as the file says", "choose one"
MODEL_FILES = f"Models ({' '.join(f'*{ending}' for ending in MODEL_ENDINGS)});;All files (*)"
DATA_FILES = f"Data ({' '.join(f'*{ending}' for ending in DATA_ENDINGS)});;All files (*)"

NEEDS = {
    "activation": "The file holds weights alone: say what follows each linear layer.",
    "factory": "The layers are no plain chain: name your function that makes the module.",
    "trust": "Reading this file can run code inside it: tick only what you made or know.",
    "weights": "The file holds several networks: say which one.",
}
"""Why a field is needed, by the word of :class:`ModelHead`."""


class DataFields:
    """The fields for the place of data and how to read them; `changed` is called when a head may be another."""

    def __init__(self, form: QFormLayout, known: Source, changed: Callable[[], None]) -> None:
        self.path = FileField(
            "Data file",
            f"Training and test samples: a file, a folder of pictures by class, {' or '.join(DATA_NAMES)}",
            "a file or a folder",
            DATA_FILES,
        )
        self.test = FileField(
            "Test data file",
            "Samples to measure accuracies on, where another file holds them; beside …_train they are in …_test",
            "optional",
            DATA_FILES,
        )
        self.names = NamesField()
        self.normalize = _box(
            "Scale inputs",
            "How inputs are scaled before the network sees them: as they were in its training",
            [each.words for each in NORMALIZATIONS.values()],
        )
        self.channels = _box(
            "Channels",
            "Where the channels of a picture stand: before its rows and columns, or behind them",
            [f"channels {place}" for place in CHANNELS],
        )
        self.rows = {
            "data": Row(form, "Data", self.path, lambda: self.path.text() is not None, usual=True),
            "inputs": Row(form, "Inputs", self.names.inputs, lambda: bool(self.names.inputs.text())),
            "labels": Row(form, "Labels", self.names.labels, lambda: bool(self.names.labels.text())),
            "channels": Row(form, "Channels", self.channels, lambda: self.channels.currentIndex() > 0),
            "normalize": Row(form, "Scale inputs", self.normalize, lambda: True, usual=True),
            "test": Row(form, "Test data", self.test, lambda: self.test.text() is not None),
        }
        self._fill_in(known)
        self.path.line.textChanged.connect(changed)
        for box in (self.names.inputs, self.names.labels, self.channels):
            box.currentTextChanged.connect(changed)

    def _fill_in(self, known: Source) -> None:
        self.path.line.setText(known.data or "")
        self.test.line.setText(known.test_data or "")
        self.names.show_keys(known.keys)
        self.normalize.setCurrentIndex(list(NORMALIZATIONS).index(known.normalize))
        self.channels.setCurrentIndex(CHANNELS.index(known.channels))
        for row in self.rows.values():
            row.show()

    def show_found(self, found: FoundData | None) -> None:
        """Offer what a file holds to choose from, and mark what it does not say; None: nothing is known of it."""
        head = None if found is None else found.head
        if found is not None:
            self.names.offer(found.names)
        inputs = "" if head is None else head.inputs
        self.names.inputs.suppose("all other columns" if inputs == ALL_OTHERS else inputs)
        self.names.labels.suppose("" if head is None else head.labels or ("none found" if head.inputs else ""))
        unclear = head is not None and not head.inputs and bool(head.arrays)
        choice = found is not None and bool(found.names.labels)
        self.rows["inputs"].need("The names do not say which array holds the inputs." if unclear else "")
        self.rows["labels"].need("Choose the labels too, or “no labels”." if unclear else "")
        turned = head is not None and any("channels" in remark for remark in head.remarks)
        self.rows["channels"].need("The pictures may have their channels last." if turned else "")
        for name in ("inputs", "labels"):
            self.rows[name].usual = choice
            self.rows[name].show()

    def asked(self) -> Source:
        """Return the Source whose head is to be shown: like `source`, but without names that are no pair."""
        try:
            return self.source()
        except ArgumentTypeError:
            return Source(data=self.path.text(), channels=CHANNELS[self.channels.currentIndex()])

    def source(self) -> Source:
        """Return the Source of the data that are filled in; raises ArgumentTypeError for names that are no pair."""
        return Source(
            data=self.path.text(),
            test_data=self.test.text(),
            keys=self.names.keys(),
            normalize=list(NORMALIZATIONS)[self.normalize.currentIndex()],
            channels=CHANNELS[self.channels.currentIndex()],
        )


class ModelFields:
    """The fields for the place of a model and how to read it; `changed` is called when its head may be another.

    Whether its file is trusted is said for one path, and taken back with every change of that.
    """

    def __init__(self, form: QFormLayout, known: Source, changed: Callable[[], None]) -> None:
        self.path = FileField(
            "Model file", "A whole model or its weights: a PyTorch, safetensors or ONNX file", "a file", MODEL_FILES
        )
        self.weights = NameField("Weights", "choose one", "Which of several networks in the file is opened")
        self.activation = _box(
            "Activation",
            "What follows each linear layer, where the file holds weights alone",
            [ANY_ACTIVATION, *ACTIVATION_NAMES],
        )
        self.activation.setEditable(True)
        self.trust = QCheckBox("I trust this file")
        self.factory, self.arguments = QLineEdit(), QLineEdit()
        for widget, name, tip in (
            (self.factory, "Factory", "Your function that makes the module into which the weights are loaded"),
            (self.arguments, "Factory arguments", "A JSON file with the arguments of your factory"),
            (self.trust, "Trust", "Some model files run code when read; tick this only for files you made or know"),
        ):
            widget.setAccessibleName(name)
            widget.setToolTip(tip)
        self.factory.setPlaceholderText("FILE.py:FUNCTION or module:Class")
        self.arguments.setPlaceholderText("FILE.json (optional)")
        self.rows = {
            "model": Row(form, "Model", self.path, lambda: self.path.text() is not None, usual=True),
            "weights": Row(form, "Weights", self.weights, lambda: bool(self.weights.text())),
            "activation": Row(form, "Activation", self.activation, lambda: self.said_activation() is not None),
            "factory": Row(form, "Factory", self.factory, lambda: bool(self.factory.text().strip())),
            "arguments": Row(form, "Arguments", self.arguments, lambda: bool(self.arguments.text().strip())),
            "trust": Row(form, "", self.trust, self.trust.isChecked),
        }
        self._fill_in(known)
        self._connect(changed)

    def _fill_in(self, known: Source) -> None:
        self.path.line.setText(known.model or "")
        self.weights.setEditText(known.weights or "")
        self.activation.setCurrentText(known.activation or ANY_ACTIVATION)
        self.factory.setText(known.factory or "")
        self.arguments.setText(known.factory_args or "")
        for row in self.rows.values():
            row.show()

    def _connect(self, changed: Callable[[], None]) -> None:
        self.path.line.textChanged.connect(lambda: self.trust.setChecked(False))
        self.path.line.textChanged.connect(changed)
        self.weights.currentTextChanged.connect(changed)
        self.trust.toggled.connect(changed)
        self.activation.currentTextChanged.connect(self.rows["activation"].show)
        self.factory.textChanged.connect(self.rows["factory"].show)
        self.trust.toggled.connect(self.rows["trust"].show)
        self.weights.currentTextChanged.connect(self.rows["weights"].show)

    def show_found(self, head: ModelHead | None) -> None:
        """Mark the fields that a file leaves to a person; None: nothing is known of it."""
        needs = () if head is None else head.needs
        for name, sentence in NEEDS.items():
            self.rows[name].need(sentence if name in needs else "")
        self.activation.setItemText(0, NO_ACTIVATION if "activation" in needs else ANY_ACTIVATION)
        if head is not None:
            self.weights.offer(head.choices)

    def said_activation(self) -> str | None:
        """Return the name of the activation that is filled in, None for what the file says."""
        activation = self.activation.currentText().strip()
        return None if activation in ("", ANY_ACTIVATION, NO_ACTIVATION) else activation

    def say_activation(self, name: str | None) -> None:
        """Fill in an activation; None for what the file says."""
        if name is None:
            self.activation.setCurrentIndex(0)
        else:
            self.activation.setCurrentText(name)

    def source(self) -> Source:
        """Return the Source of the model that is filled in."""
        return Source(
            model=self.path.text(),
            weights=self.weights.text() or None,
            activation=self.said_activation(),
            factory=self.factory.text().strip() or None,
            factory_args=self.arguments.text().strip() or None,
            trust=self.trust.isChecked(),
        )


def _box(name: str, tip: str, choices: list[str]) -> QComboBox:
    """Return a QComboBox of `choices` with its name and tooltip."""
    box = QComboBox()
    box.addItems(choices)
    box.setAccessibleName(name)
    box.setToolTip(tip)
    return box
