"""The Sweep panel: a sweep's cells as a heat map or as eigenvalues; a click sets delays and rank."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from koopview.gui.looks.theme import UNIT, Theme
from koopview.gui.panels.sweep_fields import FIELDS_WIDTH, SweepFields, Typed
from koopview.gui.plots.eigenvalue_grid import EigenvalueGrid
from koopview.gui.plots.sweep_cells import Cell, best_words, shorter_best
from koopview.gui.plots.sweep_map import SweepMap
from koopview.gui.session.costing import cost_of
from koopview.gui.session.sweeping import asked_of, swept
from koopview.gui.text import counted, unit_of
from koopview.gui.widgets.card import Note, blank, dressed, label
from koopview.gui.widgets.segmented import Segmented
from koopview.gui.words import belongs, cost_words, what_to_do
from koopview.study.result import FitResult, StudyState
from koopview.study.settings import FitSettings

NOTHING_SWEPT = "Press Start, or Sweep above (Ctrl+Shift+F), to fit this layer at many delays h and ranks r."
COST_TIP = (
    "Cells of the sweep, those that are not known yet, and their time by what this layer's fits took: every h needs a "
    "decomposition, its ranks are cheap"
)
BEST_TIP = (
    "Chosen by training samples that took no part in the fit, and shown with its score on the test samples: the best "
    "of many scores on the test samples themselves would flatter"
)
FIRST_CELL = "Sweeping: the first cell is on its way…"


class SweepPanel(QWidget):
    """``requested`` carries the settings of the cell that a person clicks, ``sweep_asked`` delays and ranks to sweep.

    Delays or ranks are None if the person left their field empty. ``workers_named`` comes before, with the workers that
    compute sweeps from then on, empty for none.
    """

    requested = Signal(object)
    sweep_asked = Signal(object, object)
    workers_named = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._state: StudyState | None = None
        self._drawn: FitResult | None = None  # the result shown last
        self._settings: FitSettings | None = None
        self._stale = self._busy = self._sweeping = False
        self._refused = ""  # why the workers of the sweep that ended last could not be used
        self._wrong: tuple[str, ...] = ()  # sentences in the place of the caption
        self._results: Sequence[FitResult] = ()
        self.views = Segmented(
            ("Heat map", "Eigenvalues"),
            (
                "The hybrid's score over delays h and ranks r",
                "Eigenvalues over ranks r and delays h, figure 4 of the paper",
            ),
            "View of the sweep",
        )
        self.caption, self.best = dressed(Note(), "small"), dressed(Note(), "small")
        self.cost = label("", "small")
        self.cost.setToolTip(COST_TIP)
        for words in (self.caption, self.best):
            words.setMinimumWidth(1)  # a long sentence never widens the window
        self.hint = label(NOTHING_SWEPT, "hint")
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint.setWordWrap(True)
        self.map, self.grid = SweepMap(), EigenvalueGrid()
        for part in (self.map, self.grid):
            part.exportable.parts = (self.caption, self.best, part)  # a saved picture names its layer
        self.pages = QStackedWidget()
        for page in (self.map, self.grid, self.hint):
            self.pages.addWidget(page)
        self._fields = SweepFields()
        self.delays, self.ranks, self.workers = self._fields.delays, self._fields.ranks, self._fields.workers
        self.start = self._fields.start
        self._lay_out()
        self.views.chosen.connect(self._draw)
        self._fields.asked.connect(self.ask)
        self._fields.edited.connect(self._say_wrong)  # removes the message about wrong input
        self._fields.workers_named.connect(self.workers_named)
        for picture in (self.map, self.grid):
            picture.picked.connect(self._pick)
        self._draw()

    def _lay_out(self) -> None:
        self._head = QHBoxLayout()
        self._head.setSpacing(UNIT)
        self._place = QWidget()  # of the views, which come with the first cell and move nothing
        self._beside_views = QHBoxLayout(self._place)
        self._beside_views.setContentsMargins(0, 0, 0, 0)
        self._beside_views.addWidget(self.views)
        self._beside_views.addStretch(1)
        self._head.addWidget(self._place)
        self._head.addWidget(self._fields, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT, 2, UNIT, 2)
        layout.setSpacing(2)
        self._words = QHBoxLayout()
        self._words.setSpacing(2 * UNIT)
        self._words.addWidget(self.caption)
        self._words.addWidget(self.best)
        self._words.addStretch(1)
        self._words.addWidget(self.cost)
        layout.addLayout(self._head)
        layout.addLayout(self._words)
        layout.addWidget(self.pages, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Give the fields lines of their own, above the views, where they have too little room beside them."""
        super().resizeEvent(event)
        room = self.width() - 2 * UNIT
        narrow = self.views.sizeHint().width() + FIELDS_WIDTH > room
        self._fields.fit_into(room)
        ways = QBoxLayout.Direction
        self._head.setDirection(ways.BottomToTop if narrow else ways.LeftToRight)
        self._head.setSpacing(2 if narrow else UNIT)
        self._place.setMinimumHeight(self.views.sizeHint().height() if narrow else 0)
        (self._beside_views if narrow else self._words).addWidget(self.cost)  # else it takes the room of the best cell

    def show_state(self, state: StudyState | None, settings: FitSettings | None) -> None:
        """Draw the cells of `state` that differ from `settings` only in delays and rank."""
        self._results = () if state is None else state.cells  # results of sweeps only, not of sliders
        if settings != self._settings:
            self._wrong = ()
        self._state, self._settings = state, settings
        self._fields.set_enabled(settings is not None)
        self._draw()

    def show_work(self, busy: bool, sweeping: bool, refused: str = "") -> None:
        """Record whether anything runs, and whether it is a sweep; or why the last sweep's workers were `refused`."""
        self._busy, self._sweeping = busy, sweeping
        self.hint.setText(self._what_to_do())
        if refused != self._refused:
            self._refused = refused
            self._say_wrong((refused,) if refused else ())

    def show_result(self, result: FitResult | None) -> None:
        """Frame the cell of `result`; None: nothing is on screen."""
        self._stale = result is None
        self._drawn = result or self._drawn
        self._draw()

    def set_stale(self, stale: bool) -> None:
        """Frame no cell while the result on screen does not match the controls."""
        self._stale = stale
        self._draw()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        for part in (self.map, self.grid):
            part.set_theme(theme)

    def ask(self) -> None:
        """Request a sweep over the values filled in, or report invalid input instead of the caption."""
        if self._settings is None:
            return
        typed = self._fields.typed(self._settings.steps)
        self._say_wrong(typed.wrong)
        if not typed.wrong:
            self._fields.name_workers()
            self.sweep_asked.emit(typed.delays, typed.ranks)

    def _say_wrong(self, sentences: Sequence[str] = ()) -> None:
        """Show sentences on wrong input in the place of the caption, or remove them."""
        self._wrong = tuple(sentences)
        self._draw()

    def _tell_cost(self) -> None:
        """Say what an empty field means, and what Start will cost; nothing while what is typed is invalid."""
        settings, state = self._settings, self._state
        if settings is None or state is None:
            self._fields.show_empty()
            self.cost.setText("")
            return
        drawn = self._drawn if self._drawn and belongs(self._drawn, state) else None
        self._fields.show_empty(*asked_of(settings, drawn, None, None))
        typed = self._fields.typed(settings.steps)
        self.cost.setText("" if typed.wrong or self._wrong else self._cost(typed, settings, drawn, state))
        self.start.setAccessibleDescription(self.cost.text())

    def _cost(self, typed: Typed, settings: FitSettings, drawn: FitResult | None, state: StudyState) -> str:
        """Return what Start will cost, without a time on workers, whose pace nothing tells."""
        delays, ranks = asked_of(settings, drawn, typed.delays, typed.ranks)
        plain = settings.with_edits(())
        cost = cost_of([replace(plain, delays=h, rank=rank) for h in delays for rank in ranks], state)
        return cost_words(cost._replace(seconds=None) if typed.workers else cost)

    def _draw(self) -> None:
        self._tell_cost()
        settings = self._settings
        cells = {} if settings is None else swept(self._results, settings)
        now = None if settings is None or self._stale or settings.edits else (settings.delays, settings.rank)
        empty = not cells
        self.views.setVisible(not empty)
        self.pages.setCurrentIndex(2 if empty else self.views.index)
        self.hint.setText(self._what_to_do())
        self._show_words(cells)
        if not empty:
            (self.map, self.grid)[self.views.index].show_cells(cells, now)

    def _show_words(self, cells: dict[Cell, FitResult]) -> None:
        """Show what is wrong, in whole sentences or without what was expected; else what is drawn, and the best."""
        blank(self.caption, not (cells or self._wrong))  # the first cell moves no panel
        blank(self.best, bool(self._wrong) or not cells, keeps_place=not self._wrong)
        if self._wrong:
            self.caption.say("; ".join(self._wrong), shorter_wrong(self._wrong))
            self.caption.setToolTip(self.caption.text())
        elif cells and self._settings is not None:
            unit, number = unit_of(next(iter(cells.values())).measure), counted(len(cells), "cell")
            self.caption.say(f"{unit}, {layers_of(self._settings)}, N = {self._settings.steps}: {number}", unit)
            self.caption.setToolTip("")
            self.best.say(best_words(cells), shorter_best(cells))
            self.best.setToolTip(f"{self.best.text()}<br>{BEST_TIP}")

    def _what_to_do(self) -> str:
        """Return the words shown without cells: what a person can do now, or what is running."""
        if self._settings is None:
            return what_to_do(self._state, None, self._busy)[0]
        return FIRST_CELL if self._sweeping else NOTHING_SWEPT

    def _pick(self, cell: Cell) -> None:
        if self._settings is not None:
            self.requested.emit(replace(self._settings, delays=cell[0], rank=cell[1], edits=()))


def shorter_wrong(sentences: Sequence[str]) -> str:
    """Return sentences on wrong input in fewer words: what is wrong, and of one field of numbers what is expected."""
    numbers, commas, _ = sentences[0].partition(" with commas between them")
    if len(sentences) == 1 and commas:
        return numbers.rstrip(",")
    return "; ".join(one.partition(", expected ")[0] for one in sentences)


def layers_of(settings: FitSettings) -> str:
    """Return in words the layer swept, and those that are replaced with it."""
    others = [name for name in settings.replaced if name != settings.layer]
    return f"layer {settings.layer}" + (f" (with {', '.join(others)})" if others else "")
