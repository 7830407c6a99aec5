"""What replacing the layer means: the answers that the hybrid changes, as a layman sees them."""

from typing import Any

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QStackedWidget, QVBoxLayout

from koopview.gui.history import has_labels
from koopview.gui.looks.theme import LIGHT, Theme
from koopview.gui.panels.boundary import caption
from koopview.gui.plots.meaning_list import ChangedList
from koopview.gui.plots.meaning_planes import MeaningPlanes
from koopview.gui.plots.meaning_words import (
    ORDER,
    commonest,
    fewer_ring_words,
    order_words,
    rows_of,
    shorter_words,
    summary,
)
from koopview.gui.text import score
from koopview.gui.widgets.card import Note, dressed, label
from koopview.gui.widgets.save_menu import make_exportable
from koopview.gui.widgets.view_panel import ViewPanel
from koopview.study.result import FitResult
from koopview.study.views import ChangedView, MovedView

NO_BREAK = "\u00a0"


class MeaningPages(ViewPanel):
    """The picture of a view, by what the inputs are, below a sentence that counts; ``chosen`` has a position in it."""

    kind = "meaning"
    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__("meaningPlot", "What it means: the test samples whose answer the hybrid changes")
        self._theme: Theme = LIGHT
        self._position = self._sample = -1
        self.summary, self.scores, self.order = label("", "count"), dressed(Note(), "small"), dressed(Note(), "small")
        self.summary.setWordWrap(True)
        self.order.setToolTip(ORDER)
        self.planes, self.list, self.legend = MeaningPlanes(), ChangedList(), label("", "small")
        self.scatter: Any = None
        self.told = dressed(Note(), "small")
        self.pages = QStackedWidget()
        self.nothing = label("The hybrid answers every test sample as the original does.", "hint")
        self.nothing.setWordWrap(True)
        self.legend.setWordWrap(True)  # in a narrow panel it takes two lines
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for page in (self.planes, self.list, self.nothing):
            self.pages.addWidget(page)
        for page in (self.planes, self.list):
            page.chosen.connect(self.choose)
        self.planes.hybrid.ringed_anew.connect(self._show_order)
        layout = QVBoxLayout(self.picture)
        layout.setContentsMargins(12, 2, 6, 6)
        layout.setSpacing(2)
        for note in (self.scores, self.order, self.told):
            note.setMinimumWidth(1)
        for part in (self.summary, self.scores, self.order):
            layout.addWidget(part)
        layout.addWidget(self.pages, 1)
        for part in (self.legend, self.told):
            layout.addWidget(part)
        exportable = make_exportable(self.picture, "What it means", lambda: rows_of(self._view))
        exportable.fills = True

    def show_result(self, result: FitResult | None) -> None:
        """Set the result, whose scores are shown; its view follows."""
        super().show_result(result)
        if result is None:
            self._sample = -1
        if self._view is not None:
            self._draw_all()

    def draw(self, view: ChangedView | MovedView) -> None:
        """Draw a view; the chosen sample stays chosen while it is among the changed ones."""
        found = np.flatnonzero(view.samples == self._sample)
        self._position = int(found[0]) if len(found) else -1
        self._view = view
        self._draw_all()

    @property
    def shown(self) -> ChangedView | MovedView | None:
        """The view on screen."""
        return self._view

    def choose(self, position: int) -> None:
        """Mark the sample at a position of the view, and emit it."""
        if self._view is None or position == self._position or not 0 <= position < len(self._view.samples):
            return
        self._position, self._sample = position, int(self._view.samples[position])
        self._draw_picture()
        self.chosen.emit(position)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        super().set_theme(theme)
        self._theme = theme
        for part in (self.planes, self.list, self.scatter):
            if part is not None:
                part.set_theme(theme)
        if self.scatter is not None:
            self.legend.setText(self.scatter.legend())

    def _draw_all(self) -> None:
        view = self._view
        self._show_summary()
        on_plane = isinstance(view, ChangedView) and view.plane is not None
        self._show_scores()
        self.scores.setVisible(bool(self.scores.text()) and not on_plane)
        self._draw_picture()
        self._show_order()

    def _show_summary(self) -> None:
        """Say the outcome, with what belongs together in one line unless that has no room."""
        said = summary(self._view)
        together = unbroken(said)
        fits = all(self._fits(self.summary, part) for part in together.split(" "))
        self.summary.setText(together if fits else said)

    def _show_scores(self) -> None:
        """Say the scores of both networks, in fewer signs where there is little room."""
        whole = scores_of(self._result)
        shorter = whole.replace(" %", "", 1).replace("R² original", "R²")
        few = whole.replace("original ", "").replace(" %", "", 1).replace(" · hybrid ", " → ")
        self.scores.setText(next((said for said in (whole, shorter) if self._fits(self.scores, said)), few))
        self.scores.setToolTip(whole)

    def _show_order(self) -> None:
        """Say how samples are ordered and, where there is room, which changes are the commonest."""
        view = self._view
        if view is None:
            return
        often = commonest(view) if isinstance(view, ChangedView) else ""
        first = order_words(view, len(self.planes.hybrid.ringed))
        self.order.setVisible(bool(first) and len(view.samples) > 0)
        whole = f"{first} · most often {often}"
        self.order.say(whole if often and self._fits(self.order, whole) else first, fewer_ring_words(first))
        told = [first, ORDER] if isinstance(view, ChangedView) else [first]
        self.order.setToolTip(". ".join([*told, *([f"Most often {often}"] if often else [])]))

    def _show_told(self) -> None:
        """Say all of the chosen sample that there is room for."""
        view, position = self._view, self._position
        words = [""] if view is None or position < 0 else shorter_words(view, position)
        self.told.setText(next((said for said in words if self._fits(self.told, said)), words[-1]))
        self.told.setToolTip(words[0])
        self.told.setVisible(bool(words[0]))

    def _fits(self, note: QLabel, words: str) -> bool:
        return note.fontMetrics().horizontalAdvance(words) <= self.width() - 22

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Say as much as there is room for."""
        super().resizeEvent(event)
        if self._view is not None:
            self._show_summary()
            self._show_scores()
            self._show_order()
            self._show_told()

    def _draw_picture(self) -> None:
        view, position = self._view, self._position
        if isinstance(view, MovedView):
            self._show_scatter(view)
        elif view.plane is not None:
            own = ["original", "hybrid"]
            captions = own if self._result is None else [caption(name, self._result, name) for name in own]
            self.planes.show_changed(view, (captions[0], captions[1]), position)
            self.pages.setCurrentWidget(self.planes)
        else:
            self.list.show_changed(view, position)
            self.pages.setCurrentWidget(self.list if len(view.samples) else self.nothing)
        self.legend.setVisible(isinstance(view, MovedView))
        self._show_told()

    def _show_scatter(self, view: MovedView) -> None:
        if self.scatter is None:
            from koopview.gui.plots.meaning_scatter import MovedScatter  # few networks have real outputs

            self.scatter = MovedScatter()
            self.scatter.set_theme(self._theme)
            self.scatter.chosen.connect(self.choose)
            self.pages.addWidget(self.scatter)
        self.scatter.show_moved(view, self._position)
        self.legend.setText(self.scatter.legend())
        self.pages.setCurrentWidget(self.scatter)


def scores_of(result: FitResult | None) -> str:
    """Return the scores of both networks, "original 98.2 % · hybrid 97.9 %", empty without labels."""
    if result is None or not has_labels(result):
        return ""
    told = [f"{name} {score(result.rows[name], result.measure)}" for name in ("original", "hybrid")]
    return ("R² " if result.measure == "r2" else "") + " · ".join(told)


def unbroken(words: str) -> str:
    """Return words that break into lines only after a comma or a colon."""
    return words.replace(" ", NO_BREAK).replace("," + NO_BREAK, ", ").replace(":" + NO_BREAK, ": ")
