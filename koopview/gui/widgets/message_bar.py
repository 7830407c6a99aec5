"""One sentence across the window, with details behind a button and at most one suggested action; never a dialog."""

import re
from functools import cached_property

from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent, QFont, QFontDatabase, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPlainTextEdit, QPushButton, QToolButton, QVBoxLayout

from koopview.gui.looks.theme import SMALL, UNIT
from koopview.gui.widgets.card import dressed
from koopview.gui.widgets.suggested_action import SuggestedAction, SuggestedActionButton

_LONG_WORD = 32
_MAY_BREAK = "\u200b"
"""A space of no width: a line may end there."""


class Sentence(QLabel):
    """A text whose lines may end within long words; ``text``, and what is copied, are as it was set."""

    def setText(self, text: str) -> None:  # noqa: N802 - Qt's name
        """Show a text."""
        self.setAccessibleDescription(text)
        super().setText(breakable(text))

    def text(self) -> str:
        """Return the text without the places where its lines may end."""
        return super().text().replace(_MAY_BREAK, "")

    def copy(self) -> None:
        """Copy what is selected, or all."""
        QGuiApplication.clipboard().setText((self.selectedText() or self.text()).replace(_MAY_BREAK, ""))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Copy by the usual keys."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt's name
        """Offer to copy: Qt's own menu would copy the places where lines may end too."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Copy").triggered.connect(self.copy)
        menu.popup(event.globalPos())


class MessageBar(QFrame):
    """Hidden until ``tell`` is called."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("messageBar")
        self.quiet = False
        self.offers = True
        """Whether what can be done about a sentence stands beside it, and its details: not where a visitor reads it."""
        self._lasting: tuple[str, SuggestedAction | None] | None = None  # the note that stays while the study is open
        self.sentence = dressed(Sentence(), "")
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
        """The details of a message, made on first use, so that the first picture appears sooner."""
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
        """Show `sentence`; one button shows `details`, another runs the `suggested` action, if there is one.

        A `quiet` sentence has the colours of a panel, since it is no error.
        """
        self._look(quiet)
        self.sentence.setText(sentence)
        self.more.setChecked(False)  # hides the details of the earlier message
        self.more.setVisible(self.offers and bool(details.strip()))
        if details.strip():
            self.details.setPlainText(details)
        self.action.show_action(suggested if self.offers else None)
        self.show()

    def note(self, sentence: str, suggested: SuggestedAction | None = None) -> None:
        """Show a note while the study is open: it returns after other messages, until a person closes it."""
        self.tell(sentence, suggested=suggested)
        self._lasting = (sentence, suggested)

    def mend(self) -> None:
        """Remove an error that no longer applies; a note about the study stays."""
        if self._lasting is None:
            self.hide()
        elif self.sentence.text() != self._lasting[0]:
            self.tell(self._lasting[0], suggested=self._lasting[1])

    def forget(self) -> None:
        """Remove every message, since another study is open."""
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


def breakable(sentence: str) -> str:
    """Return a sentence in whose words of more than _LONG_WORD letters a line may end, as in names of files."""
    return re.sub(rf"\S{{{_LONG_WORD}}}(?=\S)", lambda found: found[0] + _MAY_BREAK, sentence)


def _fixed_font() -> QFont:
    chosen = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    chosen.setPixelSize(SMALL)
    return chosen
