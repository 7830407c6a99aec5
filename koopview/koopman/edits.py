"""Mode edits: an operator with some of its eigenvalues replaced (METHOD section 6)."""

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from array_api_compat import array_namespace, device

from koopview.errors import InputError
from koopview.koopman.eigenpairs import Eigenpairs
from koopview.koopman.eigenvalues import conjugate_places

if TYPE_CHECKING:
    from koopview.koopman.dmd import Dmd

Edits = tuple[tuple[int, complex], ...]
"""Pairs (place among the unedited eigenvalues, new eigenvalue)."""

_NO_FACTOR = "mode {} is scaled by {!r}, expected a finite real number"

LARGEST = float(np.finfo(np.float32).max)
"""Largest eigenvalue, raised to the steps it is applied for, that a network of float32 can take."""


def edited_eigenvalues(values: np.ndarray, edits: Iterable[tuple[int, complex]], labels: Any = None) -> np.ndarray:
    """Return eigenvalues (rank,) with some replaced, each together with its conjugate, so that predictions stay real.

    A real eigenvalue that has no partner stays real: it takes the new one's real part. Of edits that name the same
    mode, or both of a pair, the last one counts.

    Raises
    ------
    InputError
        For a place that does not exist.
    """
    moved, partners = values.astype(complex), conjugate_places(values)
    for place, value in edits:
        partner = partners[checked_place(place, len(values))]
        moved[place] = complex(value).real if partner == place else value
        if partner != place:
            moved[partner] = np.conj(value)
    return moved


def composed_edits(fitted: np.ndarray, edits: Edits, wanted: Mapping[int, complex]) -> Edits:
    """Return `edits` followed by those that are `wanted`.

    One edit, at the lower place, stands for both of a pair. An eigenvalue that is put back where it was fitted is no
    edit any more, so that edits are undone exactly.

    Parameters
    ----------
    fitted : complex array (rank,)
        The unedited eigenvalues.
    edits : pairs (place, new eigenvalue)
    wanted : mapping from place to new eigenvalue

    Raises
    ------
    InputError
        For a place that does not exist.
    """
    moved = edited_eigenvalues(fitted, (*edits, *wanted.items()))
    first = np.minimum(np.arange(len(fitted)), conjugate_places(fitted))
    return tuple((int(place), complex(moved[place])) for place in np.unique(first[moved != fitted]))


def wanted_eigenvalues(
    values: np.ndarray, remove: Iterable[int], scale: Mapping[int, float], move: Mapping[int, complex]
) -> dict[int, complex]:
    """Return new eigenvalues by place: 0 for those to remove, the present one times a factor, or a new one.

    Parameters
    ----------
    values : complex array (rank,)
        The present eigenvalues.

    Raises
    ------
    InputError
        For a place that does not exist or is named twice, or a factor that is no real number.
    """
    wanted: dict[int, complex] = {}
    scaled = (
        (place, values[checked_place(place, len(values))] * _finite(float, by, _NO_FACTOR.format(place, by)))
        for place, by in scale.items()
    )
    for place, value in (*((place, 0.0) for place in dict.fromkeys(remove)), *scaled, *move.items()):
        if checked_place(place, len(values)) in wanted:
            raise InputError(f"mode {place} is edited in two ways at once, expected one")
        wanted[int(place)] = _finite(complex, value, f"mode {place} is moved to {value!r}, expected a finite number")
    return wanted


def checked_place(place: Any, count: int) -> int:
    """Return a place among `count` modes as int, or raise InputError if there is no such mode."""
    try:
        found = -1 if isinstance(place, bool) else operator.index(place)
    except TypeError:
        found = -1
    if not 0 <= found < count:
        raise InputError(f"mode {place} does not exist, expected 0 to {count - 1}")
    return found


def conjugate_place(values: np.ndarray, place: int) -> int:
    """Return the place of an eigenvalue's conjugate, its own for a real one."""
    return int(conjugate_places(values)[place])


def edited_power(pairs: Eigenpairs, edits: Edits, steps: int, left: int = 0) -> Any:
    """Return ``A^p`` with some eigenvalues replaced (rank, rank), real: ``A^p + W_e diag(l'^p - l^p) W^-1_e``.

    Only what is edited passes through the eigenvectors. The whole of ``W diag(l'^p) W^-1`` is never nearer to the
    truth and, where eigenvectors are nearly parallel (linear scaling's eigenvalue 1 is defective), up to a hundred
    times further from it for edits of the others; without edits it would not even be ``A^p``. Where every mode is
    edited it is what is left, and removing all gives exactly zero.

    Parameters
    ----------
    pairs : Eigenpairs of A
    edits : pairs (place, new eigenvalue)
    steps : int
        p.
    left : int
        Steps that the fitted operator itself takes afterwards, in which eigenvalues are edited too: the power is
        p - left, and a mode that is scaled by s counts s^p times as much.

    Raises
    ------
    InputError
        For a place that does not exist, or an eigenvalue whose power a network cannot take.
    """
    moved = edited_eigenvalues(pairs.values, edits)
    with np.errstate(over="ignore", invalid="ignore"):
        gains = moved**steps if not left else pairs.values ** (steps - left) * _factors(pairs.values, moved) ** steps
    bounded = np.abs(gains) < LARGEST
    if not bounded.all():
        place = int(np.argmin(bounded))
        raise InputError(f"mode {place} is moved to {moved[place]:.4g}, which grows past all bounds in {steps} steps")
    places = np.flatnonzero(moved != pairs.values)
    if len(places) == len(moved) or not moved.any():
        return _weighted(pairs, places, gains[places])
    fitted = pairs.values[places] ** (steps - left)
    return pairs.power(steps - left) + _weighted(pairs, places, gains[places] - fitted)


def edited_dmd(dmd: "Dmd", edits: Edits) -> "Dmd":
    """Return the operator with some of its eigenvalues replaced, beside the eigenpairs of the one that was fitted.

    Raises
    ------
    InputError
        For a place that does not exist.
    """
    edited_eigenvalues(dmd.eigenvalues, edits)  # told before anything is computed
    return replace(dmd, edits=edits, shared_pairs=dmd.pairs)


def _finite(kind: Callable[[Any], Any], value: Any, complaint: str) -> Any:
    """Return a number as `kind`, or raise InputError with the complaint if it is no finite one."""
    try:
        number = kind(value)
    except (TypeError, ValueError):
        number = np.nan
    if not np.isfinite(number):
        raise InputError(complaint)
    return number


def _factors(values: np.ndarray, moved: np.ndarray) -> np.ndarray:
    """Return by how much each eigenvalue was multiplied (rank,), infinity for one that was 0 and is not."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(moved == values, 1.0, np.where(values == 0, np.inf, moved / values))


def _weighted(pairs: Eigenpairs, places: np.ndarray, weights: np.ndarray) -> Any:
    """Return ``W_e diag(weights) W^-1_e`` over the modes at `places`, (rank, rank), real."""
    xp = array_namespace(pairs.right)
    at, by = (xp.asarray(array, device=device(pairs.right)) for array in (places, weights))
    return xp.real((pairs.right[:, at] * by) @ pairs.left[at])
