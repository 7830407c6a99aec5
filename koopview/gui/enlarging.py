"""One panel fills the window for a while: by a double click on its head, a small button there, or a key."""

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeySequence, QMouseEvent, QShortcut
from PySide6.QtWidgets import QApplication, QMainWindow

from koopview.gui.actions import ACTIONS, Actions
from koopview.gui.panels.accuracy import AccuracyPanel
from koopview.gui.panels.eigenvalues import EigenvaluePanel
from koopview.gui.panels.meaning_panel import MeaningPanel
from koopview.gui.panels.results import ResultsPanel
from koopview.gui.panels.trajectory import TrajectoryPanel
from koopview.gui.present.presenting import Presenting
from koopview.gui.widgets.card import Card
from koopview.gui.widgets.enlarge_button import EnlargeButton
from koopview.gui.widgets.workspace import Workspace

_ROOM: dict[type[Card], int] = {EigenvaluePanel: 390, AccuracyPanel: 390, MeaningPanel: 176, TrajectoryPanel: 430}
"""The width of a panel from which on its head has room for the button."""
_TIP = (
    "Let this panel fill the window, or put it back; so does a double click on its head, and "
    f"{ACTIONS['enlarge'].shortcut} for the panel with the focus. Esc puts it back"
)


class EnlargePort(Protocol):
    """The interface of a window for its enlarging."""

    workspace: Workspace
    presenting: Presenting
    eigenvalues: EigenvaluePanel
    results: ResultsPanel
    actions_by_name: Actions


class Enlarging(QObject):
    """Enlarges one of `cards`, and puts it back."""

    def __init__(self, window: QMainWindow, port: EnlargePort, cards: Sequence[Card]) -> None:
        super().__init__(window)
        self._port, self._cards = port, tuple(cards)
        self._buttons: dict[Card, tuple[EnlargeButton, int]] = {}
        for card in cards:
            for part in (card, card.title, card.note):
                part.installEventFilter(self)
            if type(card) in _ROOM:
                button = self._button(card.title.text(), card)
                card.add_to_head(button)
                self._buttons[card] = (button, _ROOM[type(card)])
        port.results.tabs.tabBar().installEventFilter(self)
        port.results.tabs.setCornerWidget(self._button("Further results", port.results))
        self._escape = QShortcut(QKeySequence("Esc"), port.workspace, self.put_back)
        self._escape.setEnabled(False)
        port.presenting.changed.connect(self._take_escape)

    def toggle(self) -> None:
        """Enlarge the panel that has the focus, by default the eigenvalues, or put an enlarged one back."""
        if self._port.workspace.enlarged is not None:
            self.put_back()
            return
        focused = QApplication.focusWidget()
        cards = [card for card in self._cards if card.isVisible() and focused and card.isAncestorOf(focused)]
        self._enlarge(cards[0] if cards else self._port.eigenvalues)

    def put_back(self) -> None:
        """Give every panel its place again."""
        self._port.workspace.shrink()
        self._take_escape()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Enlarge a card at a double click on its head, or put it back; show its button where it has room."""
        if event.type() == QEvent.Type.Resize and isinstance(watched, Card) and watched in self._buttons:
            button, room = self._buttons[watched]
            button.setVisible(watched.width() >= room)
        if event.type() != QEvent.Type.MouseButtonDblClick or not isinstance(event, QMouseEvent):
            return False
        card = self._card_of(watched)
        if card is None or (watched is card and event.position().y() > card.head.geometry().bottom()):
            return False
        self._turn(card)
        return True

    def _button(self, title: str, card: Card) -> EnlargeButton:
        button = EnlargeButton(title, _TIP)
        button.clicked.connect(lambda: self._turn(card))
        return button

    def _turn(self, card: Card) -> None:
        if self._port.workspace.enlarged is card:
            self.put_back()
        else:
            self._enlarge(card)

    def _enlarge(self, card: Card) -> None:
        self._port.workspace.enlarge(card)
        self._take_escape()

    def _take_escape(self) -> None:
        """Make Esc put an enlarged panel back; where none is enlarged it stops the running work again."""
        enlarged = self._port.workspace.enlarged is not None
        self._escape.setEnabled(enlarged)
        if not self._port.presenting.active:
            keys = "" if enlarged else ACTIONS["stop"].shortcut
            self._port.actions_by_name["stop"].setShortcut(QKeySequence(keys))

    def _card_of(self, watched: QObject) -> Card | None:
        if watched is self._port.results.tabs.tabBar():
            return self._port.results
        return next((card for card in self._cards if watched in (card, card.title, card.note)), None)
