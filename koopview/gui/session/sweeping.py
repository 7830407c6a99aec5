"""The settings of a sweep: all delays, or many spread over them, times ranks on a logarithmic scale; no Qt here."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from koopview.koopman.rank import AUTO
from koopview.study.result import FitResult
from koopview.study.settings import FitSettings

MOST_DELAYS = 24
"""Most numbers of delays in a sweep: each needs a decomposition."""

_LADDER = (1, 2, 5)


@dataclass(frozen=True)
class SweepEnd:
    """How a sweep ended: the cells found, the cells asked for, and its seconds.

    `ready` tells how long its workers took to be ready, if they were not, and `refused` why they could not be used.
    """

    found: int
    asked: int
    seconds: float
    stopped: bool
    ready: str = ""
    refused: str = ""


@dataclass(eq=False)
class SweepRun:
    """A running sweep: the cells asked for, those found so far, and the time it began."""

    asked: int
    found: int = 0
    _began: float = field(default_factory=time.monotonic)

    def end(self, stopped: bool = False, ready: str = "", refused: str = "") -> SweepEnd:
        """Return the SweepEnd if the sweep ends now."""
        return SweepEnd(self.found, self.asked, time.monotonic() - self._began, stopped, ready, refused)


def swept_delays(steps: int, present: int) -> list[int]:
    """Return all delays from 1 to `steps`, or MOST_DELAYS of them with the ends and `present` among them."""
    return spread(list(range(1, steps + 1)), MOST_DELAYS, present)


def asked_of(
    shown: FitSettings, drawn: FitResult | None, delays: Sequence[int] | None, ranks: Sequence[int | str] | None
) -> tuple[Sequence[int], Sequence[int | str]]:
    """Return the delays and ranks of a sweep around `shown`: those given, or without any the usual ones.

    `drawn` is the result that was shown last: its decomposition has the largest rank of the usual ones.
    """
    usual = swept_ranks(1 if drawn is None else drawn.kept_rank, shown.rank)
    return delays or swept_delays(shown.steps, shown.delays), ranks or usual


def spread(values: list[Any], most: int, always: Any) -> list[Any]:
    """Return at most `most` of `values`, spread evenly with both ends; `always` replaces the nearest of them."""
    if len(values) <= most:
        return values
    indices = np.unique(np.round(np.linspace(0, len(values) - 1, most)).astype(int)).tolist()
    if always in values and values.index(always) not in indices:
        wanted = values.index(always)
        nearest = min(indices[1:-1] or indices, key=lambda index: abs(index - wanted))
        indices = sorted(wanted if index == nearest else index for index in indices)
    return [values[index] for index in indices]


def swept_ranks(most: int, present: int | str) -> list[int | str]:
    """Return the ranks 1, 2, 5, 10, 20, ... up to and with `most`, and `present` at its sorted index."""
    ladder = [step * 10**power for power in range(7) for step in _LADDER]
    named = isinstance(present, str)
    whole = sorted({*(rank for rank in ladder if rank < most), most, *([] if isinstance(present, str) else [present])})
    return [*whole, *([present] if named else [])]


def rest_of(shown: FitSettings) -> dict[str, Any]:
    """Return the settings that all cells of a sweep around `shown` share, except the layer."""
    varied = ("layer", "delays", "rank", "edits")
    return {field.name: getattr(shown, field.name) for field in fields(shown) if field.name not in varied}


def belongs_to_sweep(settings: FitSettings, shown: FitSettings) -> bool:
    """Return whether `settings` have no edits and differ from `shown` only in delays and rank."""
    return not settings.edits and replace(settings, delays=1, rank=AUTO) == replace(
        shown, delays=1, rank=AUTO, edits=()
    )


def swept(results: Iterable[FitResult], shown: FitSettings) -> dict[tuple[int, int | str], FitResult]:
    """Return the `results` of a sweep around `shown`, by (delays, rank asked for), the newest of each."""
    return {
        (result.settings.delays, result.settings.rank): result
        for result in results
        if belongs_to_sweep(result.settings, shown)
    }
