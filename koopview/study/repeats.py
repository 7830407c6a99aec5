"""Repeat a fit with other draws of the fitting samples: how much of a score is the luck of one draw."""

from collections.abc import Callable
from dataclasses import replace

from koopview.errors import InputError
from koopview.hybrid.rows import ROWS
from koopview.hybrid.statistics import spread
from koopview.progress import Progress, part
from koopview.study.comparison import Spread
from koopview.study.fitter import Fitted
from koopview.study.settings import FitSettings
from koopview.study.sides import MOST_SHARED


def repeated(
    fit: Callable[[FitSettings, Progress], Fitted],
    settings: FitSettings,
    draws: int,
    total: int,
    progress: Progress,
) -> Fitted:
    """Return the fit of `settings` with the spread of its scores over several draws of the fitting samples.

    The first draw is that of `settings`; the others have the same number of samples. Draws of B out of n training
    samples overlap, which makes scores more alike than those of new samples would be: the deviation is divided by
    ``sqrt(1 - B / n)``, as for the variance of a mean of B out of n.

    Raises
    ------
    InputError
        For fewer than two draws, or if more than MOST_SHARED of the training samples are fitted to.
    """
    if isinstance(draws, bool) or not isinstance(draws, int) or draws < 2:
        raise InputError(f"repeats is {draws!r}, expected a whole number of 2 or more", "--repeats")
    share = 1.0 if settings.samples is None else settings.samples / total
    if share > MOST_SHARED:
        raise InputError(
            f"repeats draw other fitting samples, and {settings.samples or total:,} of {total:,} are fitted to; "
            f"expected {int(MOST_SHARED * total):,} at most, or more training samples",
            "--samples B",
        )
    fits = []
    for i in range(draws):
        within = part(progress, i / draws, (i + 1) / draws)
        fits.append(fit(replace(settings, draw=settings.draw + i), within))
    rows = {name: _spread_of(name, fits, (1 - share) ** -0.5) for name in ROWS}
    found = Spread(
        draws,
        {name: None if one is None else one[0] for name, one in rows.items()},
        {name: None if one is None else one[1] for name, one in rows.items()},
    )
    return replace(fits[0], result=replace(fits[0].result, spread=found))


def _spread_of(name: str, fits: list[Fitted], wider: float) -> tuple[float, float] | None:
    """Return mean and deviation, `wider` times that of the draws, of one score; None if it is not known."""
    scores = [score for one in fits if (score := one.result.rows[name]) is not None]
    found = spread(scores) if scores else None
    return None if found is None else (found[0], wider * found[1])
