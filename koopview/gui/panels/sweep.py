"""The Sweep panel: a sweep's cells as a heat map or as eigenvalues; a click sets delays and rank."""

from argparse import ArgumentTypeError
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from koopview import values
from koopview.gui.looks.theme import UNIT, Theme
from koopview.gui.plots.eigenvalue_grid import EigenvalueGrid
from koopview.gui.plots.sweep_cells import Cell, best_words, shorter_best
from koopview.gui.plots.sweep_map import SweepMap
from koopview.gui.session.costing import cost_of
from koopview.gui.session.sweeping import MOST_DELAYS, asked_of, swept
from koopview.gui.text import counted, unit_of
from koopview.gui.widgets.card import Note, blank, dressed, label, tool_button
from koopview.gui.widgets.segmented import Segmented
from koopview.gui.words import belongs, cost_words, what_to_do
from koopview.koopman.rank import RANKS
from koopview.study.result import FitResult, StudyState
from koopview.study.settings import FitSettings

Numbers = TypeVar("Numbers", bound=tuple[int | str, ...])

NOTHING_SWEPT = "Press Start, or Sweep above (Ctrl+Shift+F), to fit this layer at many delays h and ranks r."
DELAYS_TIP = "Delays h to sweep, with commas; left empty: all from 1 to N, {most} of them where N is larger"
RANKS_TIP = (
    f"Ranks r to sweep, with commas, {', '.join(RANKS)} among them; left empty: 1, 2, 5, 10, … up to the largest rank "
    "of the decomposition on screen, and the rank in use"
)
COST_TIP = (
    "Cells of the sweep, those that are not known yet, and their time by what this layer's fits took: every h needs a "
    "decomposition, its ranks are cheap"
)
EXAMPLES = {"h": "1, 5, 10", "r": "10, 50"}
BEST_TIP = (
    "Chosen by training samples that took no part in the fit, and shown with its score on the test samples: the best "
    "of many scores on the test samples themselves would flatter"
)
_FIELDS_WIDTH = 300
"""Room in which both fields show what they hold, with their names and the button."""

FIRST_CELL = "Sweeping: the first cell is on its way…"


class SweepPanel(QWidget):
    """``requested`` carries the settings of the cell that a person clicks, ``sweep_asked`` delays and ranks to sweep.

    Delays or ranks are None if the person left their field empty.
    """

    requested = Signal(object)
    sweep_asked = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self._state: StudyState | None = None
        self._drawn: FitResult | None = None  # the result shown last
        self._settings: FitSettings | None = None
        self._stale = self._busy = self._sweeping = False
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
        self.delays = _field("h", DELAYS_TIP.format(most=MOST_DELAYS))
        self.ranks = _field("r", RANKS_TIP)
        self.start = tool_button("Start", "small-button", "Start the sweep")
        self.start.setToolTip("Fit this layer at every one of these delays and ranks, as Sweep above does")
        self._lay_out()
        self.views.chosen.connect(self._draw)
        self.start.clicked.connect(self.ask)
        for field in (self.delays, self.ranks):
            field.returnPressed.connect(self.ask)
            field.textEdited.connect(self._draw)  # removes the message about wrong input
        for picture in (self.map, self.grid):
            picture.picked.connect(self._pick)
        self._draw()

    def _lay_out(self) -> None:
        self._head, self._fields = QHBoxLayout(), QHBoxLayout()
        for row in (self._head, self._fields):
            row.setSpacing(UNIT)
        for name, field in (("h", self.delays), ("r", self.ranks)):
            self._fields.addWidget(label(name, "small"))
            self._fields.addWidget(field, 2)
        self._fields.addWidget(self.start)
        self._place = QWidget()  # of the views, which come with the first cell and move nothing
        self._beside_views = QHBoxLayout(self._place)
        self._beside_views.setContentsMargins(0, 0, 0, 0)
        self._beside_views.addWidget(self.views)
        self._beside_views.addStretch(1)
        self._head.addWidget(self._place)
        self._head.addLayout(self._fields, 1)
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
        """Give the fields a line of their own, above the views, where they have too little room beside them."""
        super().resizeEvent(event)
        narrow = self.views.sizeHint().width() + _FIELDS_WIDTH > self.width() - 2 * UNIT
        ways = QBoxLayout.Direction
        self._head.setDirection(ways.BottomToTop if narrow else ways.LeftToRight)
        self._head.setSpacing(2 if narrow else UNIT)
        self._place.setMinimumHeight(self.views.sizeHint().height() if narrow else 0)
        (self._beside_views if narrow else self._words).addWidget(self.cost)  # else it takes the room of the best cell

    def show_state(self, state: StudyState | None, settings: FitSettings | None) -> None:
        """Draw the cells of `state` that differ from `settings` only in delays and rank."""
        self._results = () if state is None else state.cells  # results of sweeps only, not of sliders
        self._state, self._settings = state, settings
        for part in (self.delays, self.ranks, self.start):
            part.setEnabled(settings is not None)
        self._draw()

    def show_work(self, busy: bool, sweeping: bool) -> None:
        """Record whether anything runs, and whether it is a sweep."""
        self._busy, self._sweeping = busy, sweeping
        self.hint.setText(self._what_to_do())

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
        delays, ranks, wrong = self._typed(self._settings)
        if not wrong:
            self.sweep_asked.emit(delays, ranks)
            return
        self.caption.setText("; ".join(wrong))
        self.caption.setToolTip("; ".join(wrong))
        self.caption.setVisible(True)
        self.best.setVisible(False)

    def _typed(self, settings: FitSettings) -> tuple[tuple[int, ...] | None, tuple[int | str, ...] | None, list[str]]:
        """Return the delays and the ranks typed, None for an empty field, and the sentences about invalid ones."""
        delays, ranks = _read(self.delays, values.counts), _read(self.ranks, values.ranks)
        steps, wrong = settings.steps, []
        if delays == () or max(delays or (1,)) > steps:
            wrong.append(_expected("h", self.delays, f"whole numbers of 1 to N = {steps}"))
        if ranks == ():
            wrong.append(_expected("r", self.ranks, f"whole numbers of 1 or more, or {', '.join(RANKS)},"))
        return delays, ranks, wrong

    def _tell_cost(self) -> None:
        """Say what an empty field means, and what Start will cost; nothing while what is typed is invalid."""
        settings, state = self._settings, self._state
        if settings is None or state is None:
            for words in (self.delays, self.ranks):
                words.setPlaceholderText("")
            self.cost.setText("")
            return
        drawn = self._drawn if self._drawn and belongs(self._drawn, state) else None
        delays, ranks = asked_of(settings, drawn, None, None)
        self.delays.setPlaceholderText(empty_delays(delays))
        self.ranks.setPlaceholderText(empty_ranks(ranks))
        some_delays, some_ranks, wrong = self._typed(settings)
        delays, ranks = asked_of(settings, drawn, some_delays, some_ranks)
        plain = settings.with_edits(())
        cells = [replace(plain, delays=h, rank=rank) for h in delays for rank in ranks]
        self.cost.setText("" if wrong else cost_words(cost_of(cells, state)))
        self.start.setAccessibleDescription(self.cost.text())

    def _draw(self) -> None:
        self._tell_cost()
        settings = self._settings
        cells = {} if settings is None else swept(self._results, settings)
        now = None if settings is None or self._stale or settings.edits else (settings.delays, settings.rank)
        empty = not cells
        self.views.setVisible(not empty)
        for words in (self.caption, self.best):
            blank(words, empty)  # the first cell moves no panel
        self.pages.setCurrentIndex(2 if empty else self.views.index)
        self.hint.setText(self._what_to_do())
        if empty or settings is None:
            return
        unit = unit_of(next(iter(cells.values())).measure)
        self.caption.setToolTip("")
        self.caption.setText(f"{unit}, {layers_of(settings)}, N = {settings.steps}: {counted(len(cells), 'cell')}")
        self.best.say(best_words(cells), shorter_best(cells))
        self.best.setToolTip(f"{self.best.text()}<br>{BEST_TIP}")
        (self.map, self.grid)[self.views.index].show_cells(cells, now)

    def _what_to_do(self) -> str:
        """Return the words shown without cells: what a person can do now, or what is running."""
        if self._settings is None:
            return what_to_do(self._state, None, self._busy)[0]
        return FIRST_CELL if self._sweeping else NOTHING_SWEPT

    def _pick(self, cell: Cell) -> None:
        if self._settings is not None:
            self.requested.emit(replace(self._settings, delays=cell[0], rank=cell[1], edits=()))


def layers_of(settings: FitSettings) -> str:
    """Return in words the layer swept, and those that are replaced with it."""
    others = [name for name in settings.replaced if name != settings.layer]
    return f"layer {settings.layer}" + (f" (with {', '.join(others)})" if others else "")


def _read(field: QLineEdit, read: Callable[[str], Numbers]) -> Numbers | tuple[()] | None:
    """Return the numbers in a field, None if it is empty, an empty tuple for invalid input."""
    text = field.text().strip()
    try:
        return read(text) if text else None
    except ArgumentTypeError:
        return ()


def _expected(name: str, field: QLineEdit, wanted: str) -> str:
    """Return the sentence about a field's invalid input."""
    return f"{name} is {field.text()}, expected {wanted} with commas between them: {EXAMPLES[name]}"


def empty_delays(delays: Sequence[int]) -> str:
    """Return what an empty field of delays means: "all, 1 to 20", "24 from 1 to 60"."""
    first, last = delays[0], delays[-1]
    return f"all, {first} to {last}" if len(delays) == last - first + 1 else f"{len(delays)} from {first} to {last}"


def empty_ranks(ranks: Sequence[int | str]) -> str:
    """Return what an empty field of ranks means: "1, 2, 5 … 50, auto"."""
    words = [str(rank) for rank in ranks if isinstance(rank, str)]
    whole = [str(rank) for rank in ranks if not isinstance(rank, str)]
    shown = ", ".join(whole) if len(whole) <= 3 else f"{whole[0]}, {whole[1]} … {whole[-1]}"
    return ", ".join((shown, *words))


def _field(name: str, tip: str) -> QLineEdit:
    field = QLineEdit()
    field.setAccessibleName(f"Sweep over {name}")
    field.setToolTip(tip)
    field.setProperty("role", "small")
    field.setMinimumWidth(96)
    field.setMaximumWidth(240)
    return field
