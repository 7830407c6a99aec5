"""What is filled in around the fit on screen: first its curve over h, then a sweep's cells; no Qt here."""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from koopview.gui.session.costing import seconds_of
from koopview.gui.session.sweeping import swept_delays, swept_ranks
from koopview.koopman.rank import AUTO
from koopview.study.result import FitResult, StudyState
from koopview.study.settings import FitSettings

MOST_SECONDS = 300.0
"""Most seconds that are spent on a curve, or on a sweep, unasked: what is there by then is a coarser one."""

LEAST_CELLS = 3
"""A curve that would not come further than its ends and its middle is not begun."""

CURVE, SWEEP = "curve over h", "sweep"


@dataclass(frozen=True)
class Filled:
    """How far what is filled in has come: its name, the cells that are there, and all.

    `seconds` are those that the rest would take if that is too long, else None; `why` is the sentence of what makes the
    rest impossible, empty for none.
    """

    name: str
    found: int
    cells: int
    seconds: float | None = None
    why: str = ""


@dataclass(frozen=True)
class Plan:
    """What is there, and the cell to fit next, None if there is none; `key` names what it belongs to."""

    told: Filled
    cell: FitSettings | None
    key: Hashable


def plan(
    shown: FitResult,
    state: StudyState,
    only_curve: bool,
    refused: Mapping[FitSettings, str],
    spent: Mapping[Hashable, float],
) -> Plan:
    """Return the Plan to fill in the curve over h of the result shown, then, unless `only_curve`, a sweep around it.

    `refused` are cells that could not be fitted, with the sentences that say why; `spent` are
    the seconds that went into a curve or a sweep already, by the plans' keys.
    """
    plain = replace(shown.settings, delays=1, edits=())
    first = _Wanted(CURVE, curve_around(shown), (*state.cells, *state.results), (CURVE, plain))
    found = first.plan(shown, refused, spent)
    if only_curve or found.told.found < found.told.cells:
        return found
    second = _Wanted(SWEEP, cells_around(shown), state.cells, (SWEEP, plain.with_rank(AUTO)))
    return second.plan(shown, refused, spent)


class _Wanted(NamedTuple):
    """The cells of a curve or a sweep, in the order in which they are fitted, and the results among which some are."""

    name: str
    cells: list[FitSettings]
    known: tuple[FitResult, ...]
    key: Hashable

    def plan(self, shown: FitResult, refused: Mapping[FitSettings, str], spent: Mapping[Hashable, float]) -> Plan:
        known = {result.settings for result in self.known}
        left = [cell for cell in self.cells if cell not in known]
        able = [cell for cell in left if cell not in refused]
        told = Filled(self.name, len(self.cells) - len(left), len(self.cells))
        if not able:
            return Plan(replace(told, why=refused[left[0]]) if left else told, None, self.key)
        fitted = (*self.known, shown)
        ahead = able[:1] if self.key in spent else able[:LEAST_CELLS]
        if spent.get(self.key, 0.0) + (seconds_of(ahead, fitted) or 0.0) > MOST_SECONDS:
            return Plan(replace(told, seconds=seconds_of(able, fitted)), None, self.key)
        return Plan(told, able[0], self.key)


def curve_around(shown: FitResult) -> list[FitSettings]:
    """Return the settings of the curve over h of a result: the ends first, then ever finer between them."""
    plain = shown.settings.with_edits(())
    delays = coarse_first(swept_delays(plain.steps, plain.delays))
    return [replace(plain, delays=one) for one in delays]


def cells_around(shown: FitResult) -> list[FitSettings]:
    """Return the settings of the cells of a sweep around a result, all ranks of a decomposition together."""
    ranks = sorted(swept_ranks(shown.kept_rank, shown.settings.rank), key=_size, reverse=True)
    return [cell.with_rank(rank) for cell in curve_around(shown) for rank in ranks]


def _size(rank: int | str) -> float:
    """Return a number by which the rank that needs the largest decomposition comes last."""
    return rank if isinstance(rank, int) else float("inf")


def coarse_first(values: list[int]) -> list[int]:
    """Return the values in another order: both ends, the middle, then the middles of what is between."""
    return list(dict.fromkeys(values[index] for index in _coarse_first(len(values))))


def _coarse_first(count: int) -> Iterator[int]:
    yield from (0, count - 1)
    step = count
    while step > 1:
        step = (step + 1) // 2
        yield from range(0, count, step)
