"""Repeat a fit with other draws of the fitting samples: how much of a score is the luck of one draw."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from koopview.errors import InputError
from koopview.hybrid.rows import ROWS
from koopview.hybrid.statistics import spread
from koopview.progress import Progress, part
from koopview.study.comparison import Spread
from koopview.study.fitter import Fitted
from koopview.study.result import FitResult
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

    See :func:`settings_of_draws` for what is drawn and what is raised, :func:`with_spread` for the spread.
    """
    fits = []
    for i, drawn in enumerate(settings_of_draws(settings, draws, total)):
        fits.append(fit(drawn, part(progress, i / draws, (i + 1) / draws)))
    return replace(fits[0], result=with_spread([one.result for one in fits], total))


def settings_of_draws(settings: FitSettings, draws: int, total: int) -> list[FitSettings]:
    """Return the settings of several draws of as many of `total` training samples, the first one as they are.

    Raises
    ------
    InputError
        For fewer than two draws, or if more than MOST_SHARED of the training samples are fitted to.
    """
    if isinstance(draws, bool) or not isinstance(draws, int) or draws < 2:
        raise InputError(f"repeats is {draws!r}, expected a whole number of 2 or more", "--repeats")
    if _share(settings, total) > MOST_SHARED:
        raise InputError(
            f"repeats draw other fitting samples, and {settings.samples or total:,} of {total:,} are fitted to; "
            f"expected {int(MOST_SHARED * total):,} at most, or more training samples",
            "--samples B",
        )
    return [replace(settings, draw=settings.draw + i) for i in range(draws)]


def with_spread(results: Sequence[FitResult], total: int) -> FitResult:
    """Return the first result with the spread of the scores over all of them, draws from `total` training samples.

    Draws of B out of n training samples overlap, which makes scores more alike than those of new samples would be: the
    deviation is divided by ``sqrt(1 - B / n)``, as for the variance of a mean of B out of n.
    """
    wider = (1 - _share(results[0].settings, total)) ** -0.5
    rows = {name: _spread_of(name, results, wider) for name in ROWS}
    found = Spread(
        len(results),
        {name: None if one is None else one[0] for name, one in rows.items()},
        {name: None if one is None else one[1] for name, one in rows.items()},
    )
    return replace(results[0], spread=found)


def _share(settings: FitSettings, total: int) -> float:
    """Return the share of the training samples that is fitted to."""
    return 1.0 if settings.samples is None else settings.samples / total


def _spread_of(name: str, results: Sequence[FitResult], wider: float) -> tuple[float, float] | None:
    """Return mean and deviation, `wider` times that of the draws, of one score; None if it is not known."""
    scores = [score for one in results if (score := one.rows[name]) is not None]
    found = spread(scores) if scores else None
    return None if found is None else (found[0], wider * found[1])
