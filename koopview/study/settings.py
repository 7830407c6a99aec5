"""What a fit depends on, as a value: equal settings give equal results, and the settings are the cache's key."""

import math
import operator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from koopview.errors import InputError

DEFAULT_SAMPLES = 1000
"""Training samples that a fit sees unless it is told otherwise, as in the paper."""


@dataclass(frozen=True)
class FitSettings:
    """Settings of one fit (METHOD: scaling, delays, rank, samples).

    `replaced` are the layers that the hybrid replaces, in network order; `layer` is the one whose operator is
    shown. `rank` None asks for the automatic rank, `samples` None for all training samples.
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

    def __post_init__(self) -> None:
        keep = partial(object.__setattr__, self)  # numpy's whole numbers and lists of names are taken as plain values
        keep("steps", _whole("steps", self.steps, 1))
        keep("delays", _whole("delays", self.delays, 1, f"to {self.steps} (the number of steps)"))
        if self.delays > self.steps:
            raise InputError(f"delays is {self.delays}, expected 1 to {self.steps} (the number of steps)")
        keep("rank", None if self.rank is None else _whole("rank", self.rank, 1, "or more, or auto"))
        keep("samples", None if self.samples is None else _whole("samples", self.samples, 1, "or more, or all"))
        keep("seed", _whole("seed", self.seed, 0))
        keep("pad", _finite("pad", self.pad))
        if isinstance(self.replaced, str):
            raise InputError(f"replaced is {self.replaced!r}, expected a tuple of layer names")
        keep("replaced", tuple(self.replaced) + (() if self.layer in self.replaced else (self.layer,)))

    @property
    def lift_fraction(self) -> float:
        """Share of the scaled layer that is evaluated before the operator takes over: (h - 1) / N."""
        return (self.delays - 1) / self.steps

    def with_rank(self, rank: int | None) -> "FitSettings":
        """Return the same settings with another rank: the only change that needs no new decomposition."""
        return replace(self, rank=rank)


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
