"""Ask for a model and its data: files, and settings not in the files. The dialog stays until both are open."""

from argparse import ArgumentTypeError
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from koopview.gui.dialogs.source_fields import DataFields, ModelFields
from koopview.gui.looks.theme import UNIT
from koopview.gui.widgets.card import label
from koopview.study.source import Source

_WIDTH = 520


class OpenDialog(QDialog):
    """Window-modal; ``chosen`` carries a :class:`Source` when a person presses Open.

    It stays, and shows errors, until `done_opening` is called.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None, title: str, name: str) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setWindowTitle(title)
        self.setMinimumWidth(_WIDTH)
        self.waiting = False
        self._at: QWidget | None = None  # the widget with the focus before Open was pressed
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
        """Return the Source that is filled in; raises ArgumentTypeError for invalid input."""
        raise NotImplementedError

    def tell(self, sentence: str) -> None:
        """Show why it could not be opened, and allow corrections."""
        self.wait(False)
        self.sentence.setText(sentence)
        self.sentence.show()
        self.adjustSize()
        self._open_button.setDefault(True)  # Return tries again; Cancel was the default while it waited
        if self._at is not None:
            self._at.setFocus()

    def done_opening(self) -> None:
        """Close the dialog: its source is open."""
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
        """Show that the chosen source is being opened, or no longer."""
        if waiting and not self.waiting:
            self._at = self.focusWidget()
        self.waiting = waiting
        self._open_button.setText("Opening…" if waiting else "Open")
        self._open_button.setEnabled(not waiting)

    @property
    def _open_button(self) -> QPushButton:
        return self.buttons.button(QDialogButtonBox.StandardButton.Open)

    def _lay_out(self, needed: QLineEdit, note: str) -> None:
        """Lay out form, note and buttons; Open is disabled until the line `needed` is filled in."""
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
            line.textEdited.connect(self.sentence.hide)  # the error may be corrected now
        for box in self.findChildren(QComboBox):
            box.activated.connect(self.sentence.hide)


class OpenModelDialog(OpenDialog):
    """Asks for a model, and for its data in the same place."""

    def __init__(self, parent: QWidget | None, known: Source) -> None:
        super().__init__(parent, "Open a model and its data", "openModelDialog")
        self.model, self.data = ModelFields(self.form, known), DataFields(self.form, known)
        if known.study is not None:  # the study's open data stay open
            self.data.path.line.setPlaceholderText(f"the data of {Path(known.study).name}, or a file")
        self._lay_out(
            self.model.path.line, "Weights alone (a state dict, safetensors) need their activation, or a factory."
        )

    def source(self) -> Source:
        """Return the Source that is filled in; raises ArgumentTypeError for invalid input."""
        return self.model.source().with_data_of(self.data.source())


class OpenDataDialog(OpenDialog):
    """Asks for data of the model that is open."""

    def __init__(self, parent: QWidget | None, known: Source) -> None:
        super().__init__(parent, "Open data", "openDataDialog")
        self.data = DataFields(self.form, known)
        self._lay_out(self.data.path.line, "")

    def source(self) -> Source:
        """Return the Source that is filled in; raises ArgumentTypeError for invalid input."""
        return self.data.source()
