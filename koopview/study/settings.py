"""What a fit depends on, as a value: equal settings give equal results, and the settings are the cache's key."""

import cmath
import math
import operator
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from koopview.errors import InputError

DEFAULT_SAMPLES = 1000
"""Training samples that a fit sees unless it is told otherwise, as in the paper."""

DEFAULT_CENTRES = 500
"""Centres of radial basis functions unless it is told otherwise."""

DEFAULT_EDITED = 10
"""Eigenvalues that class unlearning edits at most unless it is told otherwise, conjugates counted."""


@dataclass(frozen=True)
class FitSettings:
    """Settings of one fit (METHOD: scaling, observables, delays, rank, samples, mode edits).

    `replaced` are the layers that the hybrid replaces, in network order; `layer` is the one whose operator is
    shown. `rank` None asks for the automatic rank, `samples` None for all training samples. `centres` are those of
    the observables "rbf". `edits` are pairs (place of an eigenvalue among the unedited ones, its new value); a
    conjugate follows its partner.
    """

    layer: str
    replaced: tuple[str, ...] = ()
    scaling: str = "homotopy"
    steps: int = 20
    delays: int = 8
    rank: int | None = None
    samples: int | None = DEFAULT_SAMPLES
    pad: float = -1.0
    seed: int = 0
    observables: str = "delay"
    centres: int = DEFAULT_CENTRES
    edits: tuple[tuple[int, complex], ...] = ()

    def __post_init__(self) -> None:
        keep = partial(object.__setattr__, self)  # numpy's whole numbers and lists of names are taken as plain values
        keep("steps", _whole("steps", self.steps, 1))
        keep("delays", _whole("delays", self.delays, 1, f"to {self.steps} (the number of steps)"))
        if self.delays > self.steps:
            raise InputError(f"delays is {self.delays}, expected 1 to {self.steps} (the number of steps)")
        keep("rank", None if self.rank is None else _whole("rank", self.rank, 1, "or more, or auto"))
        keep("samples", None if self.samples is None else _whole("samples", self.samples, 1, "or more, or all"))
        keep("seed", _whole("seed", self.seed, 0))
        keep("centres", _whole("centres", self.centres, 1))
        keep("edits", _edits(self.edits))
        keep("pad", _finite("pad", self.pad))
        if isinstance(self.replaced, str):
            raise InputError(f"replaced is {self.replaced!r}, expected a tuple of layer names")
        keep("replaced", tuple(self.replaced) + (() if self.layer in self.replaced else (self.layer,)))

    @property
    def lift_fraction(self) -> float:
        """Share of the scaled layer that is evaluated before the operator takes over: (h - 1) / N."""
        return (self.delays - 1) / self.steps

    def with_rank(self, rank: int | None) -> "FitSettings":
        """Return the same settings with another rank, which needs no new decomposition; edits belong to one rank."""
        return replace(self, rank=rank, edits=())

    def with_edits(self, edits: Iterable[tuple[int, complex]]) -> "FitSettings":
        """Return the same settings with these mode edits instead of their own."""
        return replace(self, edits=tuple(edits))


def with_usual_steps(given: dict[str, Any]) -> dict[str, Any]:
    """Return the settings given, with one step and one delay where functions of a state are to do without a path.

    Delays need small steps to be different from each other. Other observables see what they need in the layer's input,
    and its output is one step away: with a lift fraction of 0 the layer itself is not evaluated.
    """
    if given.get("observables", "delay") == "delay":
        return given
    delays = given.get("delays", 1)
    return ({"steps": 1} if delays == 1 else {}) | {"delays": delays} | given


def _whole(name: str, value: Any, least: int, most: str = "or more") -> int:
    """Return a setting as int, or raise InputError if it is no whole number of at least `least`."""
    try:
        number = least - 1 if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = least - 1
    if number < least:
        raise InputError(f"{name} is {value!r}, expected a whole number of {least} {most}")
    return number


def _finite(name: str, value: Any) -> float:
    """Return a setting as float, or raise InputError if it is no finite number."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise InputError(f"{name} is {value!r}, expected a finite number")
    return number


def _edits(edits: Iterable[tuple[int, complex]]) -> tuple[tuple[int, complex], ...]:
    """Return mode edits by place, each once (the last one counts), or raise InputError if one is no such pair."""
    try:
        pairs = {_whole("a mode's place", place, 0): complex(value) for place, value in edits}
    except (TypeError, ValueError) as error:
        raise InputError(f"edits are {edits!r}, expected pairs (place of an eigenvalue, new eigenvalue)") from error
    for place, value in pairs.items():
        if not cmath.isfinite(value):
            raise InputError(f"mode {place} is moved to {value}, expected a finite number")
    return tuple(sorted(pairs.items(), key=operator.itemgetter(0)))
