"""One sentence across the window, with details behind a button and at most one thing to do about it; never a dialog."""

from functools import cached_property

from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QPushButton, QToolButton, QVBoxLayout

from koopview.gui.looks.theme import SMALL, UNIT
from koopview.gui.widgets.card import label
from koopview.gui.widgets.suggested_action import SuggestedAction, SuggestedActionButton


class MessageBar(QFrame):
    """Hidden until ``tell`` is called."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("messageBar")
        self.quiet = False
        self.offers = True
        """Whether what can be done about a sentence stands beside it, and its details: not where a visitor reads it."""
        self._lasting: tuple[str, SuggestedAction | None] | None = None  # what holds as long as the study is open
        self.sentence = label()
        self.sentence.setWordWrap(True)
        self.sentence.setAccessibleName("Message")
        self.more = QPushButton("Details")
        self.more.setCheckable(True)
        self.more.setToolTip("Show what exactly happened, to read or to copy")
        self.action = SuggestedActionButton()
        self.shut = QToolButton()
        self.shut.setText("✕")
        self.shut.setProperty("role", "plain")
        self.shut.setAccessibleName("Close this message")
        self.shut.setToolTip("Close this message")
        self._lay_out()
        self.more.toggled.connect(lambda wanted: self.details.setVisible(wanted))
        self.shut.clicked.connect(self._close)
        self.hide()

    @cached_property
    def details(self) -> QPlainTextEdit:
        """What exactly happened, made when there is any: the first picture need not wait for it."""
        details = QPlainTextEdit()
        details.setReadOnly(True)
        details.setFont(_fixed_font())
        details.setFixedHeight(9 * UNIT)
        details.setAccessibleName("Details of the message")
        details.hide()
        self._column.addWidget(details)
        return details

    def tell(
        self, sentence: str, details: str = "", suggested: SuggestedAction | None = None, quiet: bool = False
    ) -> None:
        """Show `sentence`; `details` wait behind a button, and another does what is `suggested`, where anything is.

        A `quiet` sentence is in the colours of a panel: nothing is wrong.
        """
        self._look(quiet)
        self.sentence.setText(sentence)
        self.more.setChecked(False)  # which hides the details of what was said before
        self.more.setVisible(self.offers and bool(details.strip()))
        if details.strip():
            self.details.setPlainText(details)
        self.action.show_action(suggested if self.offers else None)
        self.show()

    def note(self, sentence: str, suggested: SuggestedAction | None = None) -> None:
        """Show a sentence that holds as long as the study is open: it comes back behind others, until it is closed."""
        self.tell(sentence, suggested=suggested)
        self._lasting = (sentence, suggested)

    def mend(self) -> None:
        """Take back what was wrong and no longer is; what holds of the study stays."""
        if self._lasting is None:
            self.hide()
        elif self.sentence.text() != self._lasting[0]:
            self.tell(self._lasting[0], suggested=self._lasting[1])

    def forget(self) -> None:
        """Say nothing: something else is open."""
        self._lasting = None
        self.hide()

    def _close(self) -> None:
        if self._lasting is not None and self.sentence.text() == self._lasting[0]:
            self._lasting = None
        self.mend()

    def _look(self, quiet: bool) -> None:
        if quiet != self.quiet:
            self.quiet = quiet
            self.setProperty("role", "quiet" if quiet else "")
            self.style().unpolish(self)
            self.style().polish(self)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(UNIT)
        row.addWidget(self.sentence, 1)
        row.addWidget(self.action)
        row.addWidget(self.more)
        row.addWidget(self.shut)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 6, UNIT, 6)
        self._column.addLayout(row)


def _fixed_font() -> QFont:
    chosen = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    chosen.setPixelSize(SMALL)
    return chosen
