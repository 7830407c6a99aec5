"""What a sweep will cost: its cells that are not known yet, and the seconds that they are expected to take; no Qt."""

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from koopview import __version__
from koopview.gui.session.sweeping import belongs_to_sweep
from koopview.study.result import FitResult, StudyState
from koopview.study.settings import FitSettings


class Cost(NamedTuple):
    """The cells of a sweep, those of them that must be fitted, and their seconds, None if nothing tells of them."""

    cells: int
    left: int
    seconds: float | None


def cost_of(cells: Iterable[FitSettings], state: StudyState) -> Cost:
    """Return the Cost of a sweep's cells beside what a study knows: a cell that was fitted is not fitted again."""
    asked, known = set(cells), (*state.cells, *state.results)
    found = {one.settings for one in known if one.controls_known and one.versions.get("koopview") == __version__}
    left = asked - found
    return Cost(len(asked), len(left), seconds_of(left, known))


def seconds_of(cells: Iterable[FitSettings], known: Iterable[FitResult]) -> float | None:
    """Return the seconds that the fits of cells are expected to take, None if no result of their layer is known.

    A decomposition counts once for its number of delays, at the seconds of those known at the delays nearest to it;
    its ranks are cheap and count nothing. Of several results at the same delays the last counts.
    """
    asked = list(cells)
    if not asked:
        return 0.0
    alike = _most_alike(asked[0], list(known))
    if not alike:
        return None
    spent = {one.settings.delays: math.fsum(one.seconds.values()) for one in alike}
    delays = sorted(spent)
    wanted = sorted({cell.delays for cell in asked})
    return float(np.interp(wanted, delays, [spent[count] for count in delays]).sum())


def _most_alike(cell: FitSettings, known: list[FitResult]) -> list[FitResult]:
    """Return the whole results that differ from a cell in delays and rank alone, else all those of its layer."""
    own = [one for one in known if one.settings.layer == cell.layer and one.seconds and not one.preview]
    alike = [one for one in own if belongs_to_sweep(replace(one.settings, edits=()), cell)]
    return alike or own
