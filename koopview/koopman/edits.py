"""Mode edits: an operator with some of its eigenvalues replaced (METHOD section 6)."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from array_api_compat import array_namespace, device

from koopview.errors import InputError

if TYPE_CHECKING:
    from koopview.koopman.dmd import Dmd

Edits = tuple[tuple[int, complex], ...]
"""Pairs (place among the unedited eigenvalues, new eigenvalue)."""


def edited_eigenvalues(values: np.ndarray, edits: Iterable[tuple[int, complex]]) -> np.ndarray:
    """Return eigenvalues (rank,) with some replaced, each together with its conjugate, so that predictions stay real.

    A real eigenvalue that has no partner stays real: it takes the new one's real part.

    Raises
    ------
    InputError
        For a place that does not exist.
    """
    moved = values.astype(complex)
    for place, value in edits:
        if not 0 <= place < len(values):
            raise InputError(f"mode {place} does not exist, expected 0 to {len(values) - 1}")
        partner = conjugate_place(values, place)
        moved[place] = complex(value).real if partner == place else value
        if partner != place:
            moved[partner] = np.conj(value)
    return moved


def conjugate_place(values: np.ndarray, place: int) -> int:
    """Return the place of an eigenvalue's conjugate, its own for a real one."""
    if values[place].imag == 0:
        return place
    return int(np.argmin(np.abs(values - np.conj(values[place]))))


def edited_power(matrix: Any, values: np.ndarray, vectors: np.ndarray, edits: Edits, steps: int) -> Any:
    """Return ``W diag(lambda')^steps W^-1`` (rank, rank), real, beside `matrix`, whose eigenvectors are W.

    Parameters
    ----------
    matrix : array (rank, rank)
    values, vectors : arrays (rank,), (rank, rank)
        Its eigenvalues and, as columns in the same order, eigenvectors.
    edits : pairs (place, new eigenvalue)
    """
    xp = array_namespace(matrix)
    power = (vectors * edited_eigenvalues(values, edits) ** steps) @ np.linalg.inv(vectors)
    return xp.asarray(np.ascontiguousarray(power.real), dtype=matrix.dtype, device=device(matrix))


def edited_dmd(dmd: "Dmd", edits: Edits) -> "Dmd":
    """Return the operator with some of its eigenvalues replaced; without edits, the one that was fitted."""
    edited_eigenvalues(dmd.eigenvalues, edits)  # a place that does not exist is told before anything is computed
    return replace(dmd, edits=edits)
