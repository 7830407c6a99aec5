"""The state, 1, and all products of two of its entries."""

from koopview.koopman.arrays import Array, arrays_of
from koopview.koopman.observables.kind import ObservablesKind


def polynomial(states: Array) -> Array:
    """Return states (..., d) followed by 1 and their monomials of degree 2, (..., 1 + d + d (d + 1) / 2)."""
    xp, d = arrays_of(states), states.shape[-1]
    squares = [states[..., i : i + 1] * states[..., i:] for i in range(d)]
    return xp.concat([states, xp.ones_like(states[..., :1]), *squares], -1)


POLYNOMIAL = ObservablesKind(
    lambda trajectories, centres, seed: polynomial, lambda states, centres: 1 + states * (states + 1) // 2
)
