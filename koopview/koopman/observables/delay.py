"""The state alone, for delays to stack."""

from koopview.koopman.arrays import Array
from koopview.koopman.observables.kind import ObservablesKind


def state_alone(states: Array) -> Array:
    """Return the states as they are."""
    return states


DELAY = ObservablesKind(lambda trajectories, centres, seed: state_alone, lambda states, centres: 0)
