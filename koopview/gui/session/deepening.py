"""The table over blocks of a residual stream: its cells are kept per kind of state, and come in while it runs."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QObject, Signal

from koopview.errors import InputError
from koopview.gui.session.fitting import Fits
from koopview.progress import Progress, part
from koopview.study.depth_result import DepthResult
from koopview.study.result import FitResult

Cells = Mapping[tuple[int, int], DepthResult]
"""Cells by the index of their first block and their number of blocks."""


@dataclass(frozen=True, eq=False)
class DepthState:
    """The cells found so far, by kind of state, and the sentence that says why a kind has none."""

    cells: Mapping[str, Cells] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)

    def with_cell(self, states: str, cell: DepthResult) -> "DepthState":
        """Return the state with a cell of a kind of state; the cells of another stream are dropped."""
        alike = {key: one for key, one in self.cells.get(states, {}).items() if one.path == cell.path}
        own = {**alike, (cell.start, cell.settings.blocks): cell}
        return replace(self, cells={**self.cells, states: own})

    def with_reason(self, states: str, reason: str) -> "DepthState":
        """Return the state with the sentence that says why a kind of state has no cells; empty for none."""
        return replace(self, reasons={**self.reasons, states: reason})


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

    ``deepened`` carries the DepthState after each cell, and an empty one when another study is opened.
    """

    deepened = Signal(object)
    _cell_found = Signal(object, str, object)  # the run, the kind of state, one cell

    def __init__(self, fits: Fits, parent: QObject) -> None:
        super().__init__(parent)
        self._fits = fits
        self._state = DepthState()
        self._cell_found.connect(self._on_cell)
        fits.state_changed.connect(self._forget)

    @property
    def running(self) -> bool:
        """Whether the table is computed now."""
        return isinstance(self._fits.search, DepthRun)

    def deepen(self, states: str) -> None:
        """Compute the cells of a kind of state that are not known yet, or all once more if all are known.

        The stream is that of the layer on screen, the longest if it belongs to none.
        """
        if self._fits.hold(lambda: self.deepen(states)):
            return
        engine, shown = self._fits.engine, self._fits.settings
        if engine is None or self._fits.state is None or not self._fits.state.data:
            return
        run = self._fits.search = DepthRun()
        cells = tuple(self._state.cells.get(states, {}).values())
        wanted = {"states": states, "near": shown.layer if shown else None, "known": () if is_whole(cells) else cells}
        broken_off = None if self._fits.result is not None else shown  # a fit that this work ends comes after it

        def work(progress: Progress) -> tuple[str, FitResult | None]:
            study, reason = engine.study(progress), ""
            try:
                for cell in study.depth_table(**wanted, progress=part(progress, 0.0, 0.95)):
                    self._cell_found.emit(run, states, cell)
            except InputError as error:
                reason = str(error)
            again = None if broken_off is None else study.fit_settings(broken_off, progress, controls=False).result
            return reason, again

        self._fits.start(work, lambda found: self._on_done(run, states, *found))

    @property
    def state(self) -> DepthState:
        """The cells found so far."""
        return self._state

    def restore(self, state: DepthState) -> None:
        """Show cells that were found before the study was set aside."""
        self._show(state)

    def _forget(self) -> None:
        self._state = DepthState()
        self.deepened.emit(self._state)

    def _on_cell(self, run: DepthRun, states: str, cell: DepthResult) -> None:
        if run is self._fits.search:
            self._show(self._state.with_cell(states, cell))

    def _on_done(self, run: DepthRun, states: str, reason: str, again: FitResult | None) -> None:
        if run is self._fits.search:
            self._fits.search = None
        self._show(self._state.with_reason(states, reason))
        if again is None:
            self._fits.settle()
        else:
            self._fits.found(again)

    def _show(self, state: DepthState) -> None:
        self._state = state
        self.deepened.emit(state)
