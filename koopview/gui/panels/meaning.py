"""The panel "What it means": the decision of the network beside that of its hybrid."""

from typing import Any

from koopview.gui.looks.theme import Theme
from koopview.gui.widgets.card import Card
from koopview.study.result import FitResult

NOTHING_FITTED = "What the network decides,\nand what its hybrid,\nstands here."


class MeaningPanel(Card):
    """A card with words until there is a picture; ``kind`` is the kind of view that it draws, empty for none."""

    kind = ""

    def __init__(self) -> None:
        super().__init__("What it means")
        self.setMinimumWidth(150)
        self.say_instead(NOTHING_FITTED)

    def show_result(self, result: FitResult | None) -> None:
        """Draw nothing yet."""

    def show_view(self, view: Any) -> None:
        """Draw nothing yet."""

    def set_stale(self, stale: bool) -> None:
        """Dim nothing yet."""

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
