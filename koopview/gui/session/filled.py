"""What is filled in around the fit on screen: first its curve over h, then a sweep's cells; no Qt here."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from koopview.gui.session.sweeping import swept_delays, swept_ranks
from koopview.koopman.rank import AUTO
from koopview.study.result import FitResult, StudyState
from koopview.study.settings import FitSettings

LONGEST_SECONDS = 300.0
"""Most seconds that a curve or a sweep may take, by those of the fit on screen, to be filled in unasked."""

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


def next_cell(
    shown: FitResult, state: StudyState, only_curve: bool, refused: Mapping[FitSettings, str], seconds: float = 0.0
) -> tuple[Filled, FitSettings | None]:
    """Return how far things have come, and the settings of the cell to fit next, None if there is none.

    `refused` are cells that could not be fitted, with the sentences that say why; `seconds` is the time that a cell
    with a decomposition of its own was seen to take.
    """
    told, cell = _next_of(CURVE, curve_around(shown), _known((*state.cells, *state.results)), shown, refused, seconds)
    if cell is None and told.found == told.cells and not only_curve:
        told, cell = _next_of(SWEEP, cells_around(shown), _known(state.cells), shown, refused, seconds)
    return told, cell


def _known(results: Iterable[FitResult]) -> set[FitSettings]:
    return {result.settings for result in results}


def _next_of(
    name: str,
    cells: list[FitSettings],
    known: Collection[FitSettings],
    shown: FitResult,
    refused: Mapping[FitSettings, str],
    seconds: float,
) -> tuple[Filled, FitSettings | None]:
    left = [cell for cell in cells if cell not in known]
    able = [cell for cell in left if cell not in refused]
    told = Filled(name, len(cells) - len(left), len(cells))
    if not able:
        return (replace(told, why=refused[left[0]]) if left else told), None
    needed = seconds_of(able, shown, seconds)
    return (told, able[0]) if needed <= LONGEST_SECONDS else (replace(told, seconds=needed), None)


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


def seconds_of(cells: Iterable[FitSettings], shown: FitResult, seen: float = 0.0) -> float:
    """Return the seconds that cells would take, if each took as long as the result shown, or as one was seen to take.

    One decomposition serves all ranks of a number of delays.
    """
    each = [cell.delays for cell in cells]
    whole = max(seen, sum(shown.seconds.values()))
    return whole * len(set(each)) + shown.seconds.get("evaluation", 0.0) * (len(each) - len(set(each)))


def apart_from_cells(settings: FitSettings) -> FitSettings:
    """Return what the settings of all cells around a fit share: those of its layer, but for delays, rank and edits."""
    return replace(settings, delays=1, rank=AUTO, edits=())
