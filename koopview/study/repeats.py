"""Other draws of the fitting samples: how much of a score is this draw's luck."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from koopview.errors import InputError
from koopview.hybrid.rows import ROWS
from koopview.hybrid.statistics import spread
from koopview.progress import Progress, part
from koopview.study.result import Spread
from koopview.study.settings import FitSettings

if TYPE_CHECKING:
    from koopview.study.fit import Fit


def repeated(
    fit: "Callable[[FitSettings, Progress], Fit]", settings: FitSettings, draws: int, progress: Progress
) -> "Fit":
    """Return the fit of `settings` with the spread of its scores over several draws of the fitting samples.

    The first draw is that of `settings`; the others, with the same number of samples, follow it.

    Raises
    ------
    InputError
        For fewer than two draws, or where all training samples are fitted to: there is one draw of them.
    """
    if isinstance(draws, bool) or not isinstance(draws, int) or draws < 2:
        raise InputError(f"repeats is {draws!r}, expected a whole number of 2 or more", "--repeats")
    if settings.samples is None:
        raise InputError("repeats draw other fitting samples, expected fewer than all of them", "--samples B")
    fits = []
    for i in range(draws):
        within = part(progress, i / draws, (i + 1) / draws)
        fits.append(fit(replace(settings, draw=settings.draw + i), within))
    rows = {name: _spread_of(name, fits) for name in ROWS}
    found = Spread(
        draws,
        {name: None if one is None else one[0] for name, one in rows.items()},
        {name: None if one is None else one[1] for name, one in rows.items()},
    )
    return replace(fits[0], result=replace(fits[0].result, spread=found))


def _spread_of(name: str, fits: "list[Fit]") -> tuple[float, float] | None:
    """Return mean and deviation of one score, None where it is not known."""
    scores = [score for one in fits if (score := one.result.rows[name]) is not None]
    return spread(scores) if scores else None
