"""A panel's frame: a header with a title and further widgets, and a body, or words until there is something to show."""

from functools import cached_property
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from koopview.gui.looks.theme import UNIT
from koopview.gui.widgets.suggested_action import SuggestedAction, SuggestedActionButton

HEAD = 24
"""Height of a card's head, with buttons or without: the titles of cards side by side stand on one line."""

AnyLabel = TypeVar("AnyLabel", bound=QLabel)


def label(text: str = "", role: str = "") -> QLabel:
    """Return a label whose text can be selected and copied by mouse."""
    return dressed(QLabel(text), role)


def dressed(text: AnyLabel, role: str) -> AnyLabel:
    """Give a label the style sheet's `role`, and let its text be selected and copied by mouse; returns it."""
    text.setProperty("role", role)
    text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return text


def tool_button(text: str, role: str, accessible: str = "") -> QToolButton:
    """Return a QToolButton with `text` and the style sheet's `role`."""
    button = QToolButton()
    button.setText(text)
    button.setProperty("role", role)
    button.setAccessibleName(accessible or text)
    return button


def rule() -> QFrame:
    """Return a thin line between two groups of a panel."""
    line = QFrame()
    line.setProperty("role", "rule")
    return line


def scrolled(widget: QWidget, across: bool = True) -> QScrollArea:
    """Return a QScrollArea that scrolls `widget` vertically and, if `across`, horizontally."""
    area = QScrollArea()
    area.setWidget(widget)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    if not across:
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area


def blank(widget: QWidget, hidden: bool, keeps_place: bool = True) -> None:
    """Hide a widget or show it again; its room stays reserved, so that no neighbour moves, if `keeps_place`."""
    policy = widget.sizePolicy()
    policy.setRetainSizeWhenHidden(keeps_place)
    widget.setSizePolicy(policy)
    widget.setVisible(not hidden)


class Note(QLabel):
    """A line of text; with too little room `shorter` is drawn, or as many of its first words as say something."""

    shorter = ""

    def say(self, text: str, shorter: str = "") -> None:
        """Set the text, and what stands in its place where it has no room."""
        self.shorter = shorter
        self.setText(text)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the text as :meth:`drawn` has it."""
        if self.drawn() == self.text():
            super().paintEvent(event)
            return
        painter, text = QPainter(self), self.drawn()
        self.style().drawItemText(
            painter, self.rect(), Qt.AlignmentFlag.AlignVCenter, self.palette(), True, text, self.foregroundRole()
        )

    def drawn(self) -> str:
        """Return the text as it has room: whole, shorter, or its first words and three dots; "" for a word alone."""
        metrics, room = self.fontMetrics(), self.width()
        for whole in (self.text(), self.shorter):
            if whole and metrics.horizontalAdvance(whole) <= room:
                return whole
        words = (self.shorter or self.text()).split()
        while words and (words[-1] in "·=" or metrics.horizontalAdvance(f"{' '.join(words)} …") > room):
            words.pop()
        return f"{' '.join(words)} …" if len(words) > 1 else ""


class EmptyState(QWidget):
    """Words and a button for the next step, centred in the available room."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)  # words never move the panels
        self.words, self.action = label("", "hint"), SuggestedActionButton()
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.words.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT, 0, UNIT, UNIT)
        layout.setSpacing(UNIT)
        layout.addStretch(1)
        layout.addWidget(self.words)
        layout.addWidget(self.action, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)


class Card(QFrame):
    """A panel with rounded corners: head (title, note, further widgets to its right) above a body."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setObjectName("card")
        self.title = label(title, "title")
        self.note = dressed(Note(), "small")
        self.note.setMinimumWidth(1)  # a long note never moves the panels
        self.head = QHBoxLayout()
        self.head.setSpacing(UNIT)
        self.head.setContentsMargins(12, 7, 10, 0)
        self.title.setMinimumHeight(HEAD)
        self.head.addWidget(self.title)
        self.head.addWidget(self.note)
        self.head.addStretch(1)
        below = QWidget()  # always visible, so that the header stays at the top above an empty body
        self.body = QVBoxLayout(below)
        self.body.setSpacing(0)
        self.body.setContentsMargins(0, 0, 0, 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(2)
        layout.addLayout(self.head)
        self._pages = QStackedLayout()
        self._pages.addWidget(below)
        layout.addLayout(self._pages, 1)
        self._instead: tuple[str, SuggestedAction | None] = ("", None)

    @cached_property
    def empty(self) -> EmptyState:
        """The widget shown instead of the body, made on first use: most windows open on a study."""
        empty = EmptyState()
        self._pages.addWidget(empty)
        return empty

    def say_instead(self, words: str, suggested: SuggestedAction | None = None) -> None:
        """Show `words` and a suggested action instead of the body; without words show the body."""
        self._instead = (words, suggested)
        if self.isVisible():
            self._choose_page()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Show the body, or the words set before the card was visible."""
        self._choose_page()
        super().showEvent(event)

    def _choose_page(self) -> None:
        words, suggested = self._instead
        if words:
            self.empty.words.setText(words.replace("\n", " "))  # its lines are broken where the room ends
            self.empty.action.show_action(suggested)
        self._pages.setCurrentIndex(1 if words else 0)

    def hang_below_grip(self) -> None:
        """Leave the upper edge to a dock's grip, UNIT high, which replaces the header's margin."""
        self.setProperty("docked", True)
        edges = self.head.contentsMargins()
        self.head.setContentsMargins(edges.left(), max(0, edges.top() - UNIT + 1), edges.right(), edges.bottom())

    def add_to_head(self, widget: QWidget) -> None:
        """Put `widget` at the right end of the header."""
        self.head.addWidget(widget)
