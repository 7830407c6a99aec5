"""Ask for a model: its file, and what a file of weights alone does not say."""

from dataclasses import dataclass
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

from koopview.gui.theme import UNIT
from koopview.gui.widgets.card import label

ANY_ACTIVATION = "as the file says"
ACTIVATIONS = ("relu", "gelu", "tanh", "sigmoid", "silu", "elu", "selu", "leaky_relu", "softplus", "mish")
"""The common names; others can be typed."""
MODEL_FILES = "Models (*.pt *.pth *.safetensors *.ckpt *.bin);;All files (*)"


@dataclass(frozen=True)
class ModelChoice:
    """What the dialog asks for, as :meth:`Session.open_model` takes it."""

    path: str
    activation: str | None
    factory: str | None
    trust: bool


class OpenModelDialog(QDialog):
    """Window-modal; ``chosen`` carries a :class:`ModelChoice` when a person presses Open."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None, path: str = "") -> None:
        super().__init__(parent)
        self.setObjectName("openModelDialog")
        self.setWindowTitle("Open a model")
        self.setMinimumWidth(480)
        self.path = QLineEdit(path)
        self.path.setPlaceholderText("a PyTorch or safetensors file")
        self.activation = QComboBox()
        self.activation.setEditable(True)
        self.activation.addItems([ANY_ACTIVATION, *ACTIVATIONS])
        self.factory = QLineEdit()
        self.factory.setPlaceholderText("FILE.py:FUNCTION (optional)")
        self.trust = QCheckBox("I trust this file: it may run code on this computer")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Open | QDialogButtonBox.StandardButton.Cancel)
        self._explain()
        self._lay_out()
        self.path.textChanged.connect(self._allow_open)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.accepted.connect(lambda: self.chosen.emit(self.choice()))
        self._allow_open()

    def choice(self) -> ModelChoice:
        """Return what is filled in."""
        activation = self.activation.currentText().strip()
        known = activation and activation != ANY_ACTIVATION
        return ModelChoice(
            self.path.text().strip(),
            activation if known else None,
            self.factory.text().strip() or None,
            self.trust.isChecked(),
        )

    def browse(self) -> None:
        """Let a person look for the file."""
        dialog = QFileDialog(self, "Model file", str(Path(self.path.text()).parent), MODEL_FILES)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.path.setText)
        dialog.open()

    def _explain(self) -> None:
        for widget, name, tip in (
            (self.path, "Model file", "A whole model, or the weights of a plain multilayer perceptron"),
            (self.activation, "Activation", "What follows each linear layer, where the file holds weights alone"),
            (self.factory, "Factory", "Your function that makes the module into which the weights are loaded"),
            (self.trust, "Trust", "Some model files run code when read; tick this only for files you made or know"),
        ):
            widget.setAccessibleName(name)
            widget.setToolTip(tip)

    def _lay_out(self) -> None:
        look = QPushButton("Browse…")
        look.setAutoDefault(False)
        look.setToolTip("Look for the model's file")
        look.clicked.connect(self.browse)
        file_row = QHBoxLayout()
        file_row.addWidget(self.path, 1)
        file_row.addWidget(look)
        form = QFormLayout()
        form.setSpacing(UNIT + 2)
        form.addRow("File", file_row)
        form.addRow("Activation", self.activation)
        form.addRow("Factory", self.factory)
        form.addRow("", self.trust)
        note = label("Weights alone (a state dict, safetensors) need the activation, or a factory.", "small")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * UNIT, 2 * UNIT, 2 * UNIT, 2 * UNIT)
        layout.setSpacing(12)
        layout.addLayout(form)
        layout.addWidget(note)
        layout.addWidget(self.buttons)

    def _allow_open(self) -> None:
        self.buttons.button(QDialogButtonBox.StandardButton.Open).setEnabled(bool(self.path.text().strip()))
