"""Fill in the curve over h, and a sweep around what is on screen, cell by cell while the machine is idle."""

import time
from collections.abc import Hashable

from PySide6.QtCore import QObject, Signal

from koopview.errors import Cancelled, KoopViewError
from koopview.gui.session.engine import Engine
from koopview.gui.session.filled import plan
from koopview.gui.session.fitting import Fits
from koopview.gui.session.idling import Piece
from koopview.progress import Progress
from koopview.study.result import FitResult
from koopview.study.settings import FitSettings

CELLS = 5000
"""Most cells that are kept of all that were filled in or swept."""


class Filling(QObject):
    """Fits the cells that the study lacks, once it is told to; each is kept with the study.

    They follow the settings on screen without edits of modes, so that an edit neither begins nor ends anything.
    ``filled`` carries a Filled whenever a cell is found or something else is filled in, None if nothing is.
    """

    filled = Signal(object)

    def __init__(self, fits: Fits, parent: QObject) -> None:
        super().__init__(parent)
        self._fits = fits
        self._wanted = self._only_curve = self._broken = False
        self._refused: dict[FitSettings, str] = {}
        self._spent: dict[Hashable, float] = {}  # seconds, by the keys of plans
        fits.state_changed.connect(self._forget)
        fits.idle.add(self.next)

    def fill(self, wanted: bool, only_curve: bool = False) -> None:
        """Fill in from now on, of a sweep nothing with `only_curve`; or no more."""
        self._wanted, self._only_curve = wanted, only_curve
        self._fits.idle.give_way()
        if not wanted:
            self.filled.emit(None)
        if not self._fits.busy:
            self._fits.idle.rest()

    def next(self) -> Piece | None:
        """Return the Piece that fits the next cell, None if all are there or nothing is to be filled in."""
        engine, shown, state = self._fits.engine, self._fits.result, self._fits.state
        if not self._wanted or self._broken or engine is None or not engine.ready or shown is None or state is None:
            return None
        found = plan(shown, state, self._only_curve, self._refused, self._spent)
        self.filled.emit(found.told)
        cell, key = found.cell, found.key
        if cell is None:
            return None
        return Piece(lambda progress: self._fit(engine, cell, progress), lambda made: self._keep(cell, key, *made))

    def _fit(self, engine: Engine, cell: FitSettings, progress: Progress) -> tuple[FitResult | str, float]:
        """Return the result of a cell, or the sentence of why it has none, and its seconds; on the worker."""
        began = time.perf_counter()
        try:
            return engine.cell(cell, progress), time.perf_counter() - began
        except KoopViewError as error:
            return str(error), 0.0
        except Cancelled:
            raise
        except Exception:
            self._broken = True  # reported once, and nothing more is tried
            raise

    def _keep(self, cell: FitSettings, key: Hashable, found: FitResult | str, seconds: float) -> None:
        """Keep a cell with the study, or that it has none."""
        if isinstance(found, str):
            self._refused[cell] = found
        elif self._fits.state is not None:
            self._spent[key] = self._spent.get(key, 0.0) + seconds
            self._fits.state = self._fits.state.with_cell(found, CELLS)

    def _forget(self) -> None:
        """Begin anew with another study."""
        self._broken = False
        self._refused, self._spent = {}, {}
        self.filled.emit(None)
