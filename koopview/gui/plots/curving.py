"""How much each state of a path curves, and which states are shown first."""

import numpy as np

from koopview.gui.text import count
from koopview.gui.widgets.pager import PAGE
from koopview.study.result import FitResult
from koopview.trajectory.schedule import path_shares

CURVED = 3
"""States that are drawn large."""

CURVING_TIP = (
    "how far the path goes from the straight line between its ends, relative to its own reach; states appended at one "
    "end last, equals by their reach"
)
_NOISE = 1e-3
"""A state that reaches less far than this share of the furthest one is measured against that share: it stands still."""
_DIGITS = 3


def curvings(path: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Return how much each state of a path (steps + 1, states) over `shares` (steps + 1,) curves, float (states,).

    It is the largest distance of the path from its chord, the straight line between its ends, relative to the state's
    reach: 0 for a straight path, 1 for one that goes somewhere and comes back.
    """
    chord = path[0] + shares[:, None] * (path[-1] - path[0])
    reach = np.ptp(path, axis=0)
    against = np.maximum(reach, _NOISE * reach.max(initial=0.0))
    away = np.abs(path - chord).max(axis=0)
    return np.round(np.divide(away, against, out=np.zeros_like(away), where=against > 0), _DIGITS)


def by_curving(path: np.ndarray, shares: np.ndarray, real: int) -> tuple[int, ...]:
    """Return the states of a path, the most curved first, equals by how far they reach.

    Those from `real` on, which are appended at one end, come last.
    """
    states = np.arange(path.shape[1])
    return tuple(np.lexsort((-np.ptp(path, axis=0), -curvings(path, shares), states >= real)).tolist())


def curved_words(curved: np.ndarray, real: int) -> str:
    """Return which states are drawn, with ties told: "the 3 most curved of 8", "3 of the 318 most curved"."""
    ranked = -np.sort(-curved[:real])
    bend = int((ranked > 0).sum())
    if bend < CURVED:
        return f"only {bend} of {count(len(curved))} curve" if bend else f"none of {count(len(curved))} curves"
    equal = int((ranked >= ranked[CURVED - 1]).sum())
    if equal > CURVED:
        return f"{CURVED} of the {count(equal)} most curved"
    return f"the {CURVED} most curved of {count(len(curved))}"


def most_curved(result: FitResult, sample: int) -> tuple[int, ...]:
    """Return the CURVED states of a sample's path that curve most."""
    return by_curving(result.paths[sample], _shares(result), min(result.path_ends))[:CURVED]


def words_of(result: FitResult, sample: int) -> str:
    """Return in words which states :func:`most_curved` found."""
    return curved_words(curvings(result.paths[sample], _shares(result)), min(result.path_ends))


def in_order(result: FitResult, sample: int) -> tuple[int, ...]:
    """Return all states of a result's path in their order: by number if one page holds them, else most curved first."""
    path = result.paths[sample]
    if path.shape[1] <= PAGE:
        return tuple(range(path.shape[1]))
    return by_curving(path, _shares(result), min(result.path_ends))


def _shares(result: FitResult) -> np.ndarray:
    return path_shares(result.settings.schedule, result.settings.steps)
