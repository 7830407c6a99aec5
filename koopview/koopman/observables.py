"""Observables: what the operator sees of a state, evaluated on the state at one step (EDMD).

Source: Williams, Kevrekidis and Rowley (2015).
"""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from koopview.errors import InputError
from koopview.koopman.arrays import Array, arrays_of, beside

OBSERVABLES = ("delay", "polynomial", "rbf")
"""Names of the observables, the default first: "delay" is the state alone, for delays to stack."""

USUAL_CENTRES = 500
"""Centres of radial basis functions unless it is told otherwise."""

COMPARED = 1000
"""Centres between which distances are taken."""

NEAR = 0.1
"""Share of the pairs of centres that are nearer to each other than a function is wide.

Where states fill few dimensions that is a third of the median distance, and Gaussians bend as often as layers do: of
Yin-Yang's, an error of 1 % where the median leaves 3. Where they fill many (MNIST: 0.8 of it) all distances are much
alike, and so are the errors of both.
"""


class Observables(Protocol):
    """Functions of a state, the state itself first."""

    def __call__(self, states: Array) -> Any:
        """Return the observables (..., features) of states (..., d)."""


def observables(name: str, trajectories: Array, centres: int, seed: int) -> Observables:
    """Return the observables called `name`.

    "delay" : the state as it is.
    "polynomial" : the state, 1, and all products of two of its entries.
    "rbf" : the state, 1, and `centres` radial basis functions, see :class:`RadialBasis`.

    Parameters
    ----------
    trajectories : float array (samples, steps + 1, d), numpy or torch
        Of fitting samples; centres are drawn from the states that have a successor.
    centres : int
        Those of "rbf".
    seed : int
        Of the draw.

    Raises
    ------
    InputError
        If there are no such observables, or not so many states to draw centres from.
    """
    if name == "delay":
        return state_alone
    if name == "polynomial":
        return polynomial
    if name == "rbf":
        return radial_basis(trajectories[:, :-1], centres, seed)
    raise InputError(f"observables is {name!r}, expected one of {', '.join(OBSERVABLES)}")


def usual_centres(samples: int) -> int:
    """Return the usual number of centres for so many fitting samples: no more than there are samples.

    The rank, chosen on samples apart, keeps so many from following the samples. Of 54 fits of small networks (150, 400
    and 1,000 samples) hybrids kept 96.2 % on average, 95.9, 95.4 and 94.6 with one centre for 2, 4 and 8 samples.
    """
    return max(1, min(USUAL_CENTRES, samples))


def feature_count(name: str, states: int, centres: int) -> int:
    """Return the number of observables of a state with `states` entries."""
    return states + {"polynomial": 1 + states * (states + 1) // 2, "rbf": 1 + centres}.get(name, 0)


def state_alone(states: Array) -> Array:
    """Return the states as they are."""
    return states


def polynomial(states: Array) -> Array:
    """Return states (..., d) followed by 1 and their monomials of degree 2, (..., 1 + d + d (d + 1) / 2)."""
    xp, d = arrays_of(states), states.shape[-1]
    squares = [states[..., i : i + 1] * states[..., i:] for i in range(d)]
    return xp.concat([states, xp.ones_like(states[..., :1]), *squares], -1)


@dataclass(frozen=True, eq=False)
class RadialBasis:
    """The state, 1, and Gaussians ``exp(-|x - c|^2 / width^2)`` around centres c.

    Attributes
    ----------
    centres : array (count, d)
    width : float
    """

    centres: Array
    width: float

    def __call__(self, states: Array) -> Any:
        """Return states (..., d) followed by 1 and the functions, (..., d + 1 + count)."""
        xp = arrays_of(states)
        centres = beside(self.centres, states)
        functions = xp.exp(squared_distances(states, centres) / -(self.width**2))
        return xp.concat([states, xp.ones_like(states[..., :1]), functions], -1)


def radial_basis(states: Array, centres: int, seed: int) -> RadialBasis:
    """Draw centres from states (samples, steps, d) and return the functions around them.

    The width is a distance that a tenth of the pairs of centres that differ fall short of.

    Raises
    ------
    InputError
        If there are fewer states than centres.
    """
    xp = arrays_of(states)
    drawn_from = states.reshape((-1, states.shape[-1]))
    count = drawn_from.shape[0]
    if centres > count:
        raise InputError(f"centres is {centres}, expected at most {count} (the states that they are drawn from)")
    drawn = np.random.default_rng(seed).choice(count, centres, replace=False)
    chosen = xp.take(drawn_from, drawn, 0)
    return RadialBasis(chosen, near_distance(chosen[:COMPARED]))


def near_distance(points: Array) -> float:
    """Return the distance below which a share of NEAR of the pairs of points (count, d) lie that differ, 1 for none."""
    xp = arrays_of(points)
    squares = squared_distances(points, points).reshape((-1,))
    apart = squares[squares > 1e-12 * xp.max(xp.sum(points**2, -1))]  # less is rounding of the squares
    return float(xp.sort(apart)[int(NEAR * apart.shape[0])]) ** 0.5 if apart.shape[0] else 1.0


def squared_distances(states: Array, centres: Array) -> Array:
    """Return the squared distances (..., count) of states (..., d) from centres (count, d)."""
    xp = arrays_of(states)
    lengths = xp.sum(states**2, -1)[..., None] + xp.sum(centres**2, -1)
    return xp.at_least(lengths - 2 * (states @ centres.T), 0.0)
