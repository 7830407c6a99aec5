"""Which modes are selected, and what edits of them mean as settings; conjugates always go together."""

from collections.abc import Iterable, Mapping

import numpy as np
from PySide6.QtCore import QObject, Signal

from koopview.koopman.edits import composed_edits
from koopview.koopman.eigenvalues import conjugate_indices
from koopview.study.result import FitResult
from koopview.study.settings import FitSettings


class ModeSelection(QObject):
    """Places of the selected modes among the eigenvalues of one result, each with its conjugate's.

    The selection lives as long as these modes do: through edits, but not through another rank or another fit.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.places: tuple[int, ...] = ()
        self._result: FitResult | None = None

    @property
    def modes(self) -> tuple[int, ...]:
        """The selected places, one a conjugate pair."""
        return () if self._result is None else pairs(self._result.fitted_eigenvalues, self.places)

    def show_result(self, result: FitResult | None) -> None:
        """Select among the eigenvalues of `result` from now on."""
        before, self._result = self._result, result
        if result is None or before is None or result.settings.with_edits(()) != before.settings.with_edits(()):
            self.select(())

    def select(self, places: Iterable[int], add: bool = False) -> None:
        """Select these modes with their conjugates, or `add` them to the selection."""
        chosen = {*(self.places if add else ()), *self._with_conjugates(places)}
        self._set(chosen)

    def toggle(self, place: int) -> None:
        """Take a mode with its conjugate into the selection, or out of it."""
        pair = self._with_conjugates((place,))
        self._set({*self.places} - pair if place in self.places else {*self.places} | pair)

    def step(self, by: int) -> None:
        """Select the mode that lies `by` pairs further, round the end; the first where none is selected."""
        if self._result is None:
            return
        all_modes = pairs(self._result.fitted_eigenvalues, range(self._result.rank))
        now = self.modes
        at = (all_modes.index(now[0]) + by) % len(all_modes) if now else 0
        self.select((all_modes[at],))

    def _with_conjugates(self, places: Iterable[int]) -> set[int]:
        if self._result is None:
            return set()
        chosen = np.array([*places], int)
        return {*chosen.tolist(), *conjugate_indices(self._result.fitted_eigenvalues)[chosen].tolist()}

    def _set(self, chosen: set[int]) -> None:
        places = tuple(sorted(chosen))
        if places != self.places:
            self.places = places
            self.changed.emit()


def pairs(values: np.ndarray, places: Iterable[int]) -> tuple[int, ...]:
    """Return `places` among `values` with one place, the lower, for both of a conjugate pair."""
    chosen = np.array([*places], int)
    lower = np.minimum(chosen, conjugate_indices(values)[chosen])
    return tuple(sorted({*lower.tolist()}))  # numpy's own `unique` would import its masked arrays at the first picture


def with_eigenvalues(result: FitResult, wanted: Mapping[int, complex]) -> FitSettings:
    """Return the settings of `result` with some eigenvalues, by place, edited to what is `wanted`."""
    settings = result.settings
    return settings.with_edits(composed_edits(result.fitted_eigenvalues, settings.edits, wanted))


def scaled_by(result: FitResult, places: Iterable[int], factor: float) -> FitSettings:
    """Return the settings of `result` with the eigenvalues at `places` times `factor`; 0 removes their modes."""
    modes = pairs(result.fitted_eigenvalues, places)
    return with_eigenvalues(result, {place: factor * complex(result.eigenvalues[place]) for place in modes})


def mode_count(modes: int) -> str:
    """Return so many modes in words."""
    return "1 mode" if modes == 1 else f"{modes} modes"
