"""What to know before reading a comparison: sentences about settings that differ and eigenvalues that move."""

from collections.abc import Iterator, Mapping

import numpy as np

from koopview.study.result import FitResult
from koopview.study.sides import MOST_SHARED, SIDES, Side, are_paired, common_measure

MOVES = 100.0
"""Condition number above which an error of the operator of 1 % can move an eigenvalue by as much as its modulus."""


def cautions(one: Side, other: Side) -> tuple[str, ...]:
    """Return the sentences that a comparison is to be read with, none if there is nothing to say."""
    results, named = (one.result, other.result), dict(zip(SIDES, (one, other), strict=True))
    told = (*_of_path(*results), *_of_operator(*results), *_of_eigenvalues(named), *_of_scores(one, other))
    return (*told, *(sentence for name, side in named.items() for sentence in _of_draws(name, side)))


def _of_path(one: FitResult, other: FitResult) -> Iterator[str]:
    """Yield what makes one step of A another thing than one of B."""
    a, b = one.settings, other.settings
    if a.scaling != b.scaling:
        yield f"The scalings differ ({a.scaling} and {b.scaling}), so the paths between input and output do."
    if a.steps != b.steps:
        yield (
            f"The steps differ (N = {a.steps} and {b.steps}), so one step is not the same share of the path: "
            "read the distance per layer."
        )
    if a.schedule != b.schedule and a.scaling == b.scaling:
        yield f"The schedules differ ({a.schedule} and {b.schedule}): eigenvalues follow where the steps stand."
    if a.pad != b.pad:
        yield f"The appended entries differ ({a.pad:g} and {b.pad:g})."


def _of_operator(one: FitResult, other: FitResult) -> Iterator[str]:
    """Yield what makes the operators act on other coordinates or keep other numbers of them."""
    a, b = one.settings, other.settings
    if (a.observables, a.states) != (b.observables, b.states):
        said = (f"{x.observables} of {x.states} states" for x in (a, b))
        yield f"The operators act on other coordinates ({' and '.join(said)})."
    if a.delays != b.delays:
        yield (
            f"The delays differ (h = {a.delays} and {b.delays}): a longer lift adds eigenvalues of its own, "
            "so part of the distance is the lift's."
        )
    if one.rank != other.rank:
        yield (
            f"The ranks differ (r = {one.rank} and {other.rank}): every eigenvalue has the weight 1/r, "
            "so those that only one side keeps count too."
        )


def _of_eigenvalues(named: Mapping[str, Side]) -> Iterator[str]:
    """Yield that eigenvalues move easily, or were edited."""
    numbers = {name: side.result.condition_numbers for name, side in named.items()}
    easily = {name: int(np.sum(one > MOVES)) for name, one in numbers.items()}
    if any(easily.values()):
        shares = " and ".join(f"{easily[name]} of {len(numbers[name])} in {name}" for name in named)
        yield f"Eigenvalues with a condition number above {MOVES:,.0f} move easily ({shares}), so the distance does."
    for name, side in named.items():
        if side.result.edited:
            yield f"{len(side.result.edited)} eigenvalues of {name} are edited."


def _of_scores(one: Side, other: Side) -> Iterator[str]:
    """Yield how the scores can be compared."""
    if common_measure(one, other) is None:
        measures = f"{one.result.measure} and {other.result.measure}"
        yield f"The scores are of two measures ({measures}), so they have no difference."
    elif not are_paired(one, other):
        yield "The test samples are not the same, so the errors of the differences are not paired."


def _of_draws(name: str, side: Side) -> Iterator[str]:
    """Yield why a side has no yardstick."""
    if side.shared > MOST_SHARED:
        yield (
            f"{name} is fitted to {100 * side.shared:.0f} % of its training samples, "
            "too many for other draws to show what chance does."
        )
