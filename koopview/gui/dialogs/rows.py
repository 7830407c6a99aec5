"""A row of the Open dialog: a field with its name, marked where the file leaves it to a person, folded where not."""

from collections.abc import Callable

from PySide6.QtWidgets import QFormLayout, QVBoxLayout, QWidget

from koopview.gui.dialogs.found_card import repolish
from koopview.gui.widgets.card import label


class Row:
    """A field in a form, its name before it and a sentence below it while it is needed.

    It is seen while it is `usual`, needed, filled in, or all rows are asked for.
    """

    def __init__(
        self, form: QFormLayout, name: str, field: QWidget, filled: Callable[[], bool], usual: bool = False
    ) -> None:
        self._form, self._filled, self.usual = form, filled, usual
        self._name, self._all = name, False
        self.needed = ""
        self.title = label(name)
        self.title.setBuddy(field)
        self.note = label("", "small")
        self.note.setWordWrap(True)
        self.note.setAccessibleName(f"Why it is needed: {name.lower()}")
        self.note.hide()
        self._whole = QWidget()
        column = QVBoxLayout(self._whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addWidget(field)
        column.addWidget(self.note)
        form.addRow(self.title, self._whole)
        self.show()

    def need(self, sentence: str) -> None:
        """Mark the field as needed, with the sentence that says why; an empty one takes the mark away."""
        self.needed = sentence
        self.show()

    def show_all(self, wanted: bool) -> None:
        """Show the row although it is not needed."""
        self._all = wanted
        self.show()

    def show(self) -> None:
        """Show, mark or fold away the row as the rules say."""
        missing = bool(self.needed) and not self._filled()
        repolish(self.title, "strong" if missing else "")
        self.note.setText(f"Needed. {self.needed}" if missing else self.needed)
        self.note.setVisible(bool(self.needed))
        self._form.setRowVisible(self._whole, self.usual or self._all or bool(self.needed) or self._filled())
