"""Ask for a model and its data, and show what is in the files before they are opened; it stays until both are open."""

from argparse import ArgumentTypeError
from pathlib import Path

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from koopview.gui.dialogs.page import Page
from koopview.gui.dialogs.proposing import Proposing
from koopview.gui.dialogs.rows import Row
from koopview.gui.dialogs.source_fields import DataFields, ModelFields
from koopview.gui.looks.theme import UNIT
from koopview.gui.widgets.card import label, scrolled, tool_button
from koopview.network.modelfiles.head import ModelHead
from koopview.study.source import Source

SIZE = QSize(920, 600)
_FIELDS_WIDE = 320
_ROOM_AROUND = 40
"""Pixels of the screen that the frame of a dialog and the system's bars take."""


class OpenDialog(QDialog):
    """Window-modal; ``chosen`` carries a :class:`Source` when a person presses Open, ``dropped`` paths of files.

    It stays, and shows errors, until `done_opening` is called. All reading is done off the window's thread and ends
    with the dialog.
    """

    chosen = Signal(object)
    dropped = Signal(list)

    def __init__(self, parent: QWidget | None, title: str, name: str, page: Page) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setWindowTitle(title)
        self.setAcceptDrops(True)
        self.waiting = False
        self.page = page
        self._at: QWidget | None = None  # the widget with the focus before Open was pressed
        self.form = QFormLayout()
        self.form.setSpacing(UNIT + 2)
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.more = tool_button("More", "plain", "More settings")
        self.more.setObjectName("openMore")
        self.more.setToolTip("Show every setting, also those that these files do not need")
        self.more.setCheckable(True)
        self.sentence = label("", "warning")
        self.sentence.setWordWrap(True)
        self.sentence.setAccessibleName("What is wrong")
        self.sentence.hide()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Open | QDialogButtonBox.StandardButton.Cancel)
        self.buttons.accepted.connect(self._choose)
        self.buttons.rejected.connect(self.reject)
        self.finished.connect(lambda result: page.leave())

    def ask(self) -> None:
        """Read the heads of the files that are filled in."""
        raise NotImplementedError

    def rows(self) -> list[Row]:
        """Return the rows of all fields."""
        raise NotImplementedError

    def take(self, kind: str, path: str) -> bool:
        """Fill in a file of a kind ("model", "data"); return whether this dialog asks for such."""
        raise NotImplementedError

    def say_needed(self, sentence: str) -> None:
        """Mark the first file as needed, with a sentence that says why."""
        self.rows()[0].need(sentence)

    def source(self) -> Source:
        """Return the Source that is filled in; raises ArgumentTypeError for invalid input."""
        raise NotImplementedError

    def tell(self, sentence: str) -> None:
        """Show why it could not be opened, and allow corrections."""
        self.wait(False)
        self.sentence.setText(sentence)
        self.sentence.show()
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

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Accept dragged files."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        """Tell which files were dropped here."""
        event.acceptProposedAction()
        self.dropped.emit([url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()])

    def _lay_out(self, needed: QLineEdit) -> None:
        """Lay out fields, page and buttons; Open is disabled until the line `needed` is filled in."""
        fields = QWidget()
        column = QVBoxLayout(fields)
        column.setContentsMargins(0, 0, UNIT, 0)
        column.addLayout(self.form)
        self.form.addRow("", self.more)
        column.addStretch(1)
        area = scrolled(fields, across=False)
        area.setFixedWidth(_FIELDS_WIDE)
        beside = QHBoxLayout()
        beside.setSpacing(12)
        beside.addWidget(area)
        beside.addWidget(self.page, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * UNIT, 2 * UNIT, 2 * UNIT, 2 * UNIT)
        layout.setSpacing(12)
        layout.addLayout(beside, 1)
        layout.addWidget(self.sentence)
        layout.addWidget(self.buttons)
        self.more.toggled.connect(self._show_all)
        needed.textChanged.connect(lambda text: self._open_button.setEnabled(bool(text.strip())))
        needed.textChanged.emit(needed.text())
        needed.setFocus()  # else the area around the fields takes what is typed
        self._forget_the_error_with_changes()
        self.resize(SIZE.boundedTo(self.screen().availableSize() - QSize(_ROOM_AROUND, _ROOM_AROUND)))

    def _forget_the_error_with_changes(self) -> None:
        for line in self.findChildren(QLineEdit):
            line.textEdited.connect(self.sentence.hide)  # the error may be corrected now
        for box in self.findChildren(QComboBox):
            box.activated.connect(self.sentence.hide)

    def _show_all(self, wanted: bool) -> None:
        for row in self.rows():
            row.show_all(wanted)


class OpenModelDialog(OpenDialog):
    """Asks for a model, and for its data in the same place."""

    def __init__(self, parent: QWidget | None, known: Source) -> None:
        super().__init__(parent, "Open a model and its data", "openModelDialog", Page())
        self.model = ModelFields(self.form, known, self.ask)
        self.data = DataFields(self.form, known, self.ask)
        if known.study is not None:  # the study's open data stay open
            self.data.path.line.setPlaceholderText(f"the data of {Path(known.study).name}, or a file")
        self.page.model_found.connect(self.model.show_found)
        self.page.data_found.connect(self.data.show_found)
        self.proposing = Proposing(self, self.model, self._to_try)
        self.model.activation.currentTextChanged.connect(self._show_activation)
        for changed in (self.page.model_found, self.page.data_found, self.data.normalize.currentTextChanged):
            changed.connect(self.proposing.ask)
        self.chosen.connect(self.proposing.leave_it)
        self._lay_out(self.model.path.line)
        self._show_activation()
        self.ask()

    def _show_activation(self) -> None:
        """Show in the list of layers what is filled in for those whose activation the file does not tell."""
        said = self.model.said_activation()
        how = "proposed" if said == self.proposing.proposed else "as you say"
        self.page.model.say_activation(said, how)

    def _to_try(self) -> Source | None:
        """Return the source on which activations are to be tried: they are all that is needed, and the data fit."""
        head, match = self.page.model.found, self.page.match
        if head is None or head.needs != ("activation",) or match is None or match.fits is not True:
            return None
        try:
            return self.source()
        except ArgumentTypeError:
            return None

    def ask(self) -> None:
        """Read the heads of the files that are filled in."""
        self.page.ask_model(self.model.source())
        self.page.ask_data(self.data.asked())

    def take(self, kind: str, path: str) -> bool:
        """Fill in a file of a kind ("model", "data"); return whether this dialog asks for such."""
        fields = {"model": self.model.path, "data": self.data.path}
        if kind in fields:
            fields[kind].line.setText(path)
        return kind in fields

    def rows(self) -> list[Row]:
        """Return the rows of all fields."""
        return [*self.model.rows.values(), *self.data.rows.values()]

    def source(self) -> Source:
        """Return the Source that is filled in; raises ArgumentTypeError for invalid input."""
        return self.model.source().with_data_of(self.data.source())


class OpenDataDialog(OpenDialog):
    """Asks for data of the model that is open; `opened` is its head, `title` its name."""

    def __init__(self, parent: QWidget | None, known: Source, opened: ModelHead | None = None, title: str = "") -> None:
        super().__init__(parent, "Open data", "openDataDialog", Page(opened, title))
        self.data = DataFields(self.form, known, self.ask)
        self.page.data_found.connect(self.data.show_found)
        self._lay_out(self.data.path.line)
        self.ask()

    def ask(self) -> None:
        """Read the head of the file that is filled in."""
        self.page.ask_data(self.data.asked())

    def take(self, kind: str, path: str) -> bool:
        """Fill in a file of a kind ("model", "data"); return whether this dialog asks for such."""
        if kind == "data":
            self.data.path.line.setText(path)
        return kind == "data"

    def rows(self) -> list[Row]:
        """Return the rows of all fields."""
        return [*self.data.rows.values()]

    def source(self) -> Source:
        """Return the Source that is filled in; raises ArgumentTypeError for invalid input."""
        return self.data.source()
