"""What a sentence offers to do about what it says, as a button beside it."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton


@dataclass(frozen=True)
class Offer:
    """A button's words and tooltip, and what it calls."""

    text: str
    tip: str
    call: Callable[[], object]


def offer_of(action: QAction) -> Offer:
    """Return the offer to do what an action does."""
    return Offer(action.text(), action.toolTip(), action.trigger)


class OfferButton(QPushButton):
    """Stands beside a sentence where that offers something."""

    def __init__(self) -> None:
        super().__init__()
        self._offer: Offer | None = None
        self.setAccessibleName("What to do about it")
        self.setToolTip("What can be done about what is said")
        self.clicked.connect(self._take)
        self.hide()

    def show_offer(self, offer: Offer | None) -> None:
        """Bear the words of `offer`; hide for None."""
        self._offer = offer
        if offer is not None:
            self.setText(offer.text)
            self.setAccessibleName(offer.text)
            self.setToolTip(offer.tip)
        self.setVisible(offer is not None)

    def _take(self) -> None:
        if self._offer is not None:
            self._offer.call()
