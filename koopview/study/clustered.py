"""A sweep's cells on the workers of a cluster: those that share a decomposition are one task."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from koopview.cluster.opening import check_client
from koopview.cluster.shared import sharing
from koopview.cluster.tasks import Task, computed
from koopview.koopman.rank import AUTO
from koopview.progress import Progress
from koopview.study.repeats import settings_of_draws, with_spread
from koopview.study.result import FitResult
from koopview.study.sent import fitted_cells, sent_study
from koopview.study.settings import FitSettings
from koopview.study.setup import Setup
from koopview.study.source import Source

Keep = Callable[[FitResult], None]


def sweep_on(
    client: Any,
    setup: Setup,
    source: Source | None,
    cells: Sequence[FitSettings],
    tests: int,
    shares_sums: bool,
    keep: Keep,
    progress: Progress,
) -> tuple[str, ...]:
    """Fit cells on a client's workers, and return sentences on what was computed twice.

    Parameters
    ----------
    client : distributed.Client
    setup, source
        Of the study, see :func:`koopview.study.sent.sent_study`.
    cells : sequence of FitSettings
        In the order in which they are fitted.
    tests : int
        Test samples to measure on, the first ones.
    shares_sums : bool
        Whether cells of other delays may be fitted from the same sums: they are one task then.
    keep : callable
        Called with each result as soon as its task is finished.

    Raises
    ------
    InputError, FileError
        If the cluster cannot be used, or a cell not be fitted.
    Cancelled
        If `progress` or `keep` raises it.
    """
    check_client(client)
    groups: dict[FitSettings, list[FitSettings]] = {}
    for cell in cells:
        alike = cell.with_rank(AUTO)
        groups.setdefault(replace(alike, delays=1) if shares_sums else alike, []).append(cell)
    tasks = [
        Task(_name(group), fitted_cells, (tuple(group), tests, shares_sums), weight=len(group))
        for group in groups.values()
    ]

    def on_result(index: int, results: list[FitResult]) -> None:
        for result in results:
            keep(result)

    if not tasks:
        return ()
    with sharing(client, sent_study(setup, source)) as parcels:
        return computed(client, parcels, tasks, on_result, progress)


def fit_on(
    client: Any, setup: Setup, source: Source | None, settings: FitSettings, draws: int, progress: Progress
) -> tuple[FitResult, tuple[str, ...]]:
    """Return the result of a fit on a client's workers, and sentences on what was computed twice.

    Of several `draws` of the fitting samples each is a task, and the result has their spread; see :func:`sweep_on`.
    """
    total = len(setup.dataset.x_train)
    drawn = settings_of_draws(settings, draws, total) if draws != 1 else [settings]
    found: dict[FitSettings, FitResult] = {}

    def keep(result: FitResult) -> None:
        found[result.settings] = result

    whole = [replace(one, replaced=setup.of_layers(one.replaced).network.in_order(one.replaced)) for one in drawn]
    notes = sweep_on(client, setup, source, whole, len(setup.dataset.x_test), False, keep, progress)
    results = [found[one] for one in whole]
    return results[0] if draws == 1 else with_spread(results, total), notes


def _name(group: Sequence[FitSettings]) -> str:
    """Return the words for cells that are one task."""
    delays = list(dict.fromkeys(str(cell.delays) for cell in group))
    told = ", ".join(delays) if len(delays) <= 3 else f"{delays[0]} to {delays[-1]}"
    draw = f", draw {group[0].draw}" if group[0].draw else ""
    return f"layer {group[0].layer}, h = {told}{draw}"
