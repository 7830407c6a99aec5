"""A card of the Open dialog for what was found in a file: its rows, and sentences about it."""

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QHeaderView, QLabel, QToolTip

from koopview.gui.widgets.card import Card, label
from koopview.gui.widgets.tables import NumbersTable

_LEAST = 56
"""Least width of a column, in logical pixels."""

_INSIDE = (12, 2, 12, 6)


class FoundCard(Card):
    """A card whose body has sentences at its foot; instead of it one sentence can stand."""

    def __init__(self, title: str, name: str) -> None:
        super().__init__(title)
        self.setProperty("part", name)
        self.remarks = sentence_label(f"About the {title.lower()}", f"{name}Remarks")
        self.empty.words.setWordWrap(True)
        for text in (self.empty.words, self.note):
            text.setTextFormat(Qt.TextFormat.PlainText)  # a file's names are no markup
        self.empty.words.setObjectName(f"{name}Instead")
        self.empty.words.setAccessibleName(f"{title}: what is found")
        self.empty.setContentsMargins(24, 0, 24, 0)

    def show_remarks(self, sentences: Sequence[str]) -> None:
        """Show sentences at the foot, each on a line of its own."""
        self.remarks.setText("\n".join(sentences))
        self.remarks.setVisible(bool(sentences))

    def clear(self, words: str, failed: bool = False) -> None:
        """Show `words` instead of what was found before; those of a failure are not muted."""
        self.note.setText("")
        repolish(self.empty.words, "" if failed else "hint")
        self.say_instead(words)


def sentence_label(accessible: str, name: str, margins: tuple[int, int, int, int] | None = _INSIDE) -> QLabel:
    """Return a label for sentences that wrap, hidden until it has some; `margins` None are the style's."""
    made = label("", "small")
    made.setWordWrap(True)
    made.setTextFormat(Qt.TextFormat.PlainText)  # a file's names are no markup
    made.setAccessibleName(accessible)
    made.setObjectName(name)
    if margins is not None:
        made.setContentsMargins(*margins)
    made.hide()
    return made


class FoundTable(NumbersTable):
    """A table of names in a file and what is known of each; long names are cut in the middle, whole in the tooltip."""

    def __init__(self, heads: Sequence[str], tips: Sequence[str], accessible: str, words: int) -> None:
        super().__init__(heads, tips, accessible, stretch=False, words=words)
        self.setProperty("words", True)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setWordWrap(False)
        self.horizontalHeader().setMinimumSectionSize(_LEAST)
        self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Show the whole text of the cell under the mouse as its tooltip."""
        if event.type() != QEvent.Type.ToolTip or not isinstance(event, QHelpEvent):
            return super().viewportEvent(event)
        index = self.indexAt(event.pos())
        QToolTip.showText(event.globalPos(), escape(str(index.data())) if index.isValid() else "", self)
        return True


def repolish(text: QLabel, role: str) -> None:
    """Give a label another `role` of the style sheet."""
    if text.property("role") != role:
        text.setProperty("role", role)
        text.style().unpolish(text)
        text.style().polish(text)
        QApplication.sendEvent(text, QEvent(QEvent.Type.StyleChange))  # its frame and padding are the new role's
