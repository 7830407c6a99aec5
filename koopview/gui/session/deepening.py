"""The table over blocks of a residual stream: its cells are kept per kind of state, and come in while it runs."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from koopview.errors import InputError
from koopview.gui.session.fitting import Fits
from koopview.progress import Progress, part
from koopview.study.depth_result import DepthResult
from koopview.study.result import FitResult, StudyState

Cells = Mapping[tuple[int, int], DepthResult]
"""Cells by the index of their first block and their number of blocks."""


class Kind(NamedTuple):
    """What tells the tables of a study apart: what a state is, and whether the inputs of time steps are seen."""

    states: str
    inputs: bool = True


@dataclass(frozen=True, eq=False)
class DepthState:
    """The cells found so far, by kind of table, and the sentence that says why a kind has none."""

    cells: Mapping[Kind, Cells] = field(default_factory=dict)
    reasons: Mapping[Kind, str] = field(default_factory=dict)

    def with_cell(self, cell: DepthResult) -> "DepthState":
        """Return the state with a cell; the cells of another stream are dropped from its table."""
        kind = Kind(cell.settings.states, cell.settings.inputs)
        alike = {key: one for key, one in self.cells.get(kind, {}).items() if one.path == cell.path}
        own = {**alike, (cell.start, cell.settings.blocks): cell}
        return replace(self, cells={**self.cells, kind: own})

    def with_reason(self, kind: Kind, reason: str) -> "DepthState":
        """Return the state with the sentence that says why a kind of table has no cells; empty for none."""
        return replace(self, reasons={**self.reasons, kind: reason})

    def of_all_kinds(self) -> tuple[DepthResult, ...]:
        """Return the cells of all tables."""
        return tuple(cell for cells in self.cells.values() for cell in cells.values())


def depth_state(cells: Iterable[DepthResult]) -> DepthState:
    """Return the DepthState of cells, as of an opened study."""
    return reduce(DepthState.with_cell, cells, DepthState())


def is_whole(cells: Collection[DepthResult]) -> bool:
    """Return whether a table has all its cells."""
    if not cells:
        return False
    first = next(iter(cells))
    starts, numbers = first.grid
    return len(cells) == sum(start + p <= len(first.stream) for start in starts for p in numbers)


class DepthRun:
    """A running computation of the table, told apart from the next one."""


class Deepening(QObject):
    """Computes the table over blocks of the open study; any change of settings, and another table, ends it.

    ``deepened`` carries the DepthState after each cell, and that of another study when it is opened. The cells are kept
    with the study.
    """

    deepened = Signal(object)
    _cell_found = Signal(object, object)  # the run, one cell

    def __init__(self, fits: Fits, parent: QObject) -> None:
        super().__init__(parent)
        self._fits = fits
        self._state = DepthState()
        self._cell_found.connect(self._on_cell)
        fits.state_changed.connect(self._take)

    @property
    def running(self) -> bool:
        """Whether the table is computed now."""
        return isinstance(self._fits.search, DepthRun)

    def deepen(self, states: str, inputs: bool = True) -> None:
        """Compute the cells of a kind of state that are not known yet, or all once more if all are known.

        Without `inputs` what replaces time steps sees none of theirs.

        The stream is that of the layer on screen, the longest if it belongs to none.
        """
        if self._fits.hold(lambda: self.deepen(states, inputs)):
            return
        engine, shown = self._fits.engine, self._fits.settings
        if engine is None or self._fits.state is None or not self._fits.state.data:
            return
        run = self._fits.search = DepthRun()
        kind = Kind(states, inputs)
        cells = tuple(self._state.cells.get(kind, {}).values())
        known = () if is_whole(cells) else cells
        wanted = {**kind._asdict(), "near": shown.layer if shown else None, "known": known}
        broken_off = None if self._fits.result is not None else shown  # a fit that this work ends comes after it

        def work(progress: Progress) -> tuple[str, FitResult | None]:
            study, reason = engine.study(progress), ""
            try:
                for cell in study.depth_table(**wanted, progress=part(progress, 0.0, 0.95)):
                    self._cell_found.emit(run, cell)
            except InputError as error:
                reason = str(error)
            again = None if broken_off is None else study.fit_settings(broken_off, progress, controls=False).result
            return reason, again

        self._fits.start(work, lambda found: self._on_done(run, kind, *found))

    @property
    def state(self) -> DepthState:
        """The cells found so far."""
        return self._state

    def restore(self, state: DepthState) -> None:
        """Show cells that were found before the study was set aside."""
        self._show(state)

    def _take(self, opened: StudyState | None) -> None:
        """Show the cells of another study."""
        self._show(depth_state(() if opened is None else opened.depth))

    def _on_cell(self, run: DepthRun, cell: DepthResult) -> None:
        if run is self._fits.search and self._fits.state is not None:
            found = self._state.with_cell(cell)
            self._fits.state = replace(self._fits.state, depth=found.of_all_kinds())
            self._show(found)

    def _on_done(self, run: DepthRun, kind: Kind, reason: str, again: FitResult | None) -> None:
        if run is self._fits.search:
            self._fits.search = None
        self._show(self._state.with_reason(kind, reason))
        if again is None:
            self._fits.settle()
        else:
            self._fits.found(again)

    def _show(self, state: DepthState) -> None:
        self._state = state
        self.deepened.emit(state)
