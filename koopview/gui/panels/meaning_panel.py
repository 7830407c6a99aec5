"""The card "What it means"; its picture is made with the first view, which comes after the first paint."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal

from koopview.gui.looks.theme import LIGHT, Theme
from koopview.gui.widgets.card import Card
from koopview.study.result import FitResult

if TYPE_CHECKING:
    from koopview.gui.panels.meaning import MeaningPages

NOTHING_YET = "The answers that the hybrid changes\nstand here once a layer is fitted."
ON_ITS_WAY = "This picture is on its way…"
_NARROWEST = 150


class MeaningPanel(Card):
    """A card with the picture; ``sample_chosen`` has the index of a sample among the test samples."""

    sample_chosen = Signal(int)
    kind = "meaning"

    def __init__(self) -> None:
        super().__init__("What it means")
        self.setMinimumWidth(_NARROWEST)
        self._made: MeaningPages | None = None
        self._result: FitResult | None = None
        self._theme: Theme = LIGHT
        self._stale = False
        self.show_result(None)

    @property
    def pages(self) -> "MeaningPages":
        """The picture, made on first use."""
        if self._made is None:
            from koopview.gui.panels.meaning import MeaningPages  # not needed for the first picture

            pages = self._made = MeaningPages()
            pages.set_theme(self._theme)
            pages.show_result(self._result)
            pages.set_stale(self._stale)
            pages.chosen.connect(self._tell)
            self.body.addWidget(pages, 1)
        return self._made

    def show_result(self, result: FitResult | None) -> None:
        """Set the result whose view will arrive; until the first one does, and for None, show words."""
        self._result = result
        waiting = ON_ITS_WAY if self._made is None else ""
        self.say_instead(NOTHING_YET if result is None else waiting)
        if self._made is not None:
            self._made.show_result(result)

    def show_view(self, view: Any) -> None:
        """Draw a view; None means that it is not made yet, a NoView says why there is none."""
        if view is None and self._made is None:
            return
        self.pages.show_view(view)
        self.say_instead(NOTHING_YET if self._result is None else "")

    def set_stale(self, stale: bool) -> None:
        """Dim the picture while it does not match the controls."""
        self._stale = stale
        if self._made is not None:
            self._made.set_stale(stale)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._theme = theme
        if self._made is not None:
            self._made.set_theme(theme)

    def _tell(self, position: int) -> None:
        view: Any = self.pages.shown
        if view is not None:
            self.sample_chosen.emit(int(view.samples[position]))
