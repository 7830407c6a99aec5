"""Observables: what the operator sees of a state, evaluated on the state at one step (EDMD).

Source: Williams, Kevrekidis and Rowley (2015).
"""

from typing import Any, Protocol

from koopview.errors import InputError

OBSERVABLES = ("delay",)
"""Names of the observables, the default first: "delay" is the state alone, for delays to stack."""


class Observables(Protocol):
    """Functions of a state, the state itself first."""

    def __call__(self, states: Any) -> Any:
        """Return the observables (..., features) of states (..., d)."""


def observables(name: str, trajectories: Any, centres: int, seed: int) -> Observables:
    """Return the observables called `name`, their centres drawn from `trajectories` (samples, steps + 1, d).

    Raises
    ------
    InputError
        If there are no such observables.
    """
    if name not in OBSERVABLES:
        raise InputError(f"observables is {name!r}, expected one of {', '.join(OBSERVABLES)}")
    return state_alone


def state_alone(states: Any) -> Any:
    """Return the states as they are."""
    return states
