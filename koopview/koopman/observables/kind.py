"""The definition of a kind of observables."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from koopview.koopman.arrays import Array


class Observables(Protocol):
    """Functions of a state, the state itself first."""

    def __call__(self, states: Array) -> Any:
        """Return the observables (..., features) of states (..., d)."""


Make = Callable[[Array, int, int], Observables]
"""Makes observables from trajectories (samples, steps + 1, d) of fitting samples, a number of centres and a seed."""


@dataclass(frozen=True)
class ObservablesKind:
    """A kind of observables.

    Attributes
    ----------
    make : callable
        See :data:`Make`; it may raise InputError.
    added : callable
        Returns the number of features added to a state, given its number of entries and the number of centres.
    """

    make: Make
    added: Callable[[int, int], int]
