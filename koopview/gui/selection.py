"""The selected modes, and edits of modes as settings; modes of one group are always selected and edited together."""

from collections.abc import Iterable, Mapping

import numpy as np
from PySide6.QtCore import QObject, Signal

from koopview.koopman.eigenvalues import can_turn, conjugate_indices
from koopview.study.result import FitResult
from koopview.study.settings import FitSettings


class ModeSelection(QObject):
    """Indices of the selected modes among the eigenvalues of one result, each with its whole group.

    The selection survives edits, but not another rank or another fit.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.indices: tuple[int, ...] = ()
        self._result: FitResult | None = None

    @property
    def modes(self) -> tuple[int, ...]:
        """The selected indices, one per group."""
        return () if self._result is None else firsts(self._result, self.indices)

    def show_result(self, result: FitResult | None) -> None:
        """Select among the eigenvalues of `result` from now on."""
        before, self._result = self._result, result
        if result is None or before is None or result.settings.with_edits(()) != before.settings.with_edits(()):
            self.select(())
        else:
            self.select(self.indices)  # groups of a large operator are known only after an edit

    def select(self, indices: Iterable[int], add: bool = False) -> None:
        """Select these modes with their groups, or `add` them to the selection."""
        chosen = {*(self.indices if add else ()), *self._with_groups(indices)}
        self._set(chosen)

    def toggle(self, index: int) -> None:
        """Add a mode with its group to the selection, or remove it."""
        group = self._with_groups((index,))
        self._set({*self.indices} - group if index in self.indices else {*self.indices} | group)

    def step(self, by: int) -> None:
        """Select the mode `by` groups further, cyclically; the first if none is selected."""
        if self._result is None:
            return
        all_modes = firsts(self._result, range(self._result.rank))
        now = self.modes
        at = (all_modes.index(now[0]) + by) % len(all_modes) if now else 0
        self.select((all_modes[at],))

    def _with_groups(self, indices: Iterable[int]) -> set[int]:
        if self._result is None:
            return set()
        groups = groups_of(self._result)
        chosen = {*groups[np.array([*indices], int)].tolist()}
        return {index for index, group in enumerate(groups.tolist()) if group in chosen}

    def _set(self, chosen: set[int]) -> None:
        indices = tuple(sorted(chosen))
        if indices != self.indices:
            self.indices = indices
            self.changed.emit()


def groups_of(result: FitResult) -> np.ndarray:
    """Return the group of each mode (rank,), named by its least index; conjugate pairs until groups are known."""
    if len(result.groups) == len(result.fitted_eigenvalues):
        return result.groups
    values = result.fitted_eigenvalues
    return np.minimum(np.arange(len(values)), conjugate_indices(values))


def together(result: FitResult, index: int) -> tuple[int, ...]:
    """Return the indices of the modes in the group of the mode at `index`, with itself."""
    groups = groups_of(result)
    return tuple(np.flatnonzero(groups == groups[index]).tolist())


def larger_groups(result: FitResult) -> list[list[int]]:
    """Return the members of each group larger than a pair, rising: ill-conditioned modes that are one thing."""
    members: dict[int, list[int]] = {}
    for index, group in enumerate(groups_of(result).tolist()):
        members.setdefault(group, []).append(index)
    partners = conjugate_indices(result.fitted_eigenvalues)
    return [one for one in members.values() if set(one) - {one[0], int(partners[one[0]])}]


def group_mean(result: FitResult, index: int) -> complex:
    """Return the mean eigenvalue of a mode's group, with its edits: well conditioned where the members are not."""
    return complex(result.eigenvalues[[*together(result, index)]].mean())


def firsts(result: FitResult, indices: Iterable[int]) -> tuple[int, ...]:
    """Return one index per group of `indices`: the least of the group."""
    groups = groups_of(result)[np.array([*indices], int)]
    return tuple(sorted({*groups.tolist()}))  # `np.unique` would import numpy's masked arrays before the first picture


def is_larger_than_pair(result: FitResult, index: int) -> bool:
    """Return whether a mode's group has more members than its conjugate and itself."""
    partner = int(conjugate_indices(result.fitted_eigenvalues)[index])
    return len({*together(result, index)} - {index, partner}) > 0


def takes_factors_only(result: FitResult, index: int) -> bool:
    """Return whether an edit of a mode can only multiply its group by a real number, not rotate it.

    This holds for a group larger than a pair, and for a pair that is a split double real eigenvalue.
    """
    value = complex(result.fitted_eigenvalues[index])
    return len(together(result, index)) > 1 and (is_larger_than_pair(result, index) or not can_turn(value))


def group_words(result: FitResult, index: int) -> str:
    """Return "group of 4 modes" for a mode of a group larger than a pair, else ""."""
    return f"group of {len(together(result, index))} modes" if is_larger_than_pair(result, index) else ""


def with_eigenvalues(result: FitResult, wanted: Mapping[int, complex]) -> FitSettings:
    """Return the settings of `result` with eigenvalues edited to those in `wanted`, by index."""
    from koopview.koopman.edits import composed_edits  # not needed for the first picture

    settings = result.settings
    return settings.with_edits(composed_edits(result.fitted_eigenvalues, settings.edits, wanted, groups_of(result)))


def scaled_by(result: FitResult, indices: Iterable[int], factor: float) -> FitSettings:
    """Return the settings of `result` with the eigenvalues at `indices` times `factor`; 0 removes their modes."""
    modes = firsts(result, indices)
    return with_eigenvalues(result, {index: factor * complex(result.eigenvalues[index]) for index in modes})


def mode_count(modes: int) -> str:
    """Return a number of modes in words."""
    return "1 mode" if modes == 1 else f"{modes} modes"
