"""The settings of a fit as a value: equal settings give equal results, so they are the cache's key."""

import cmath
import math
import operator
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from functools import partial
from typing import Any

from koopview.errors import InputError
from koopview.koopman.rank import RANKS
from koopview.network.info import LayerInfo
from koopview.trajectory import LEARNED
from koopview.trajectory.schedule import DEFAULT, checked_schedule, lift_fraction
from koopview.trajectory.states import FLAT, checked_states, usual_states

DEFAULT_SAMPLES = 1000
"""Default number of fitting samples, as in the paper."""

DEFAULT_DELAYS = 6
"""Default number of delays h: 0.35 of the path with 20 steps of the default schedule."""

DEFAULT_EDITED = 20
"""Default for the most eigenvalues that class unlearning edits, conjugates counted."""


@dataclass(frozen=True)
class FitSettings:
    """Settings of one fit: scaling, schedule, observables, delays, rank, samples, mode edits.

    The command line, the window and Python all take their defaults from here.

    Attributes
    ----------
    layer, replaced : str, tuple of str
        The layer whose operator is shown; the layers that the hybrid replaces, in network order.
    schedule : str or None
        Where the steps of a closed-form scaling stand, "uniform" or "geometric:RHO" (None: the default); None for a
        learned one.
    rank : int or str
        A number, or a word of :data:`koopview.koopman.rank.RANKS`; None is taken as "auto".
    samples : int or None
        Training samples to fit on; None, or "all", for all.
    draw : int
        The draw of fitting samples: 0 takes the first ones, others are random.
    centres : int or None
        For the observables "rbf"; None: a default by the number of samples (`usual_centres`).
    states : str
        What a state of the layer is: "flat", "pca:K", "tokens" or "patches:K".
    edits : tuple of (int, complex)
        Pairs of an eigenvalue's index among the unedited ones and its new value; the modes of its group follow.
    """

    layer: str
    replaced: tuple[str, ...] = ()
    scaling: str = "homotopy"
    steps: int = 20
    delays: int = DEFAULT_DELAYS
    rank: int | str = RANKS[0]
    samples: int | None = DEFAULT_SAMPLES
    pad: float = -1.0
    seed: int = 0
    observables: str = "delay"
    centres: int | None = None
    edits: tuple[tuple[int, complex], ...] = ()
    schedule: str | None = None
    draw: int = 0
    states: str = FLAT

    def __post_init__(self) -> None:
        keep = partial(object.__setattr__, self)  # numpy integers and lists of names become plain values
        keep("steps", _whole("steps", self.steps, 1))
        keep("delays", _whole("delays", self.delays, 1, f"to {self.steps} (the number of steps)"))
        if self.delays > self.steps:
            raise InputError(f"delays is {self.delays}, expected 1 to {self.steps} (the number of steps)")
        keep("schedule", _schedule(self.scaling, self.schedule))
        keep("states", checked_states(self.states))
        keep("rank", _rank(self.rank))
        everything = self.samples is None or self.samples == "all"
        keep("samples", None if everything else _whole("samples", self.samples, 1, "or more, or all"))
        keep("draw", _whole("draw", self.draw, 0))
        keep("seed", _whole("seed", self.seed, 0))
        keep("centres", None if self.centres is None else _whole("centres", self.centres, 1))
        keep("edits", _edits(self.edits))
        keep("pad", _finite("pad", self.pad))
        if isinstance(self.replaced, str):
            raise InputError(f"replaced is {self.replaced!r}, expected a tuple of layer names")
        keep("replaced", tuple(self.replaced) + (() if self.layer in self.replaced else (self.layer,)))

    @property
    def lift_fraction(self) -> float:
        """Share s_{h-1} of the path that is evaluated before the operator takes over, (h - 1) / N if uniform."""
        return lift_fraction(self.delays, self.steps, self.schedule)

    @property
    def power(self) -> int:
        """Steps that the operator takes, p = N - h + 1."""
        return self.steps - self.delays + 1

    def with_scaling(self, scaling: str) -> "FitSettings":
        """Return the settings with another scaling; a learned one has no schedule, a change back gives the default."""
        return replace(self, scaling=scaling, schedule=None if scaling in LEARNED else self.schedule)

    def of_layer(self, layer: LayerInfo, replaced: tuple[str, ...] = ()) -> "FitSettings":
        """Return the settings for another layer, with its usual states; its own settings stay as they are."""
        states = self.states if layer.name == self.layer else usual_states(layer)
        return replace(self, layer=layer.name, replaced=replaced or (layer.name,), states=states)

    def with_rank(self, rank: int | str) -> "FitSettings":
        """Return the settings with another rank and without edits, which belong to one rank."""
        return replace(self, rank=rank, edits=())

    def with_edits(self, edits: Iterable[tuple[int, complex]]) -> "FitSettings":
        """Return the same settings with these mode edits instead of their own."""
        return replace(self, edits=tuple(edits))


def with_usual_steps(given: dict[str, Any]) -> dict[str, Any]:
    """Return the given settings, with one step and one delay by default for observables other than delays.

    Delays need small steps to differ from each other. Other observables use only the layer's input, and its output is
    one step away: with a lift fraction of 0 the layer itself is not evaluated.
    """
    if given.get("observables", "delay") == "delay":
        return given
    delays = given.get("delays", 1)
    return ({"steps": 1} if delays == 1 else {}) | {"delays": delays} | given


def checked_names(given: Iterable[str], also: Iterable[str] = ()) -> None:
    """Raise InputError for a keyword that is no setting of a fit."""
    known = [field.name for field in fields(FitSettings) if field.name != "layer"]
    for name in given:
        if name not in (*known, *also):
            near = get_close_matches(name, (*known, *also), 1)
            meant = f" (did you mean {near[0]}?)" if near else ""
            raise InputError(f"{name!r} is no setting of a fit{meant}, expected one of {', '.join(known)}")


def _schedule(scaling: str, schedule: str | None) -> str | None:
    """Return the schedule of a scaling, or raise InputError if a learned scaling is given one."""
    if scaling not in LEARNED:
        return checked_schedule(DEFAULT if schedule is None else schedule)
    if schedule is not None:
        raise InputError(
            f"schedule is {schedule!r} with scaling {scaling}, which learns where its steps stand; "
            "expected none, or a scaling by formula",
            "--schedule",
        )
    return None


def _rank(rank: int | str | None) -> int | str:
    """Return a rank, a number or one of the words, or raise InputError."""
    if rank is None:
        return RANKS[0]
    if isinstance(rank, str):
        if rank in RANKS:
            return rank
        raise InputError(f"rank is {rank!r}, expected a whole number of 1 or more, or {', '.join(RANKS)}")
    return _whole("rank", rank, 1, f"or more, or {', '.join(RANKS)}")


def _whole(name: str, value: Any, least: int, most: str = "or more") -> int:
    """Return a setting as int, or raise InputError unless it is a whole number of at least `least`."""
    try:
        number = least - 1 if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = least - 1
    if number < least:
        raise InputError(f"{name} is {value!r}, expected a whole number of {least} {most}")
    return number


def _finite(name: str, value: Any) -> float:
    """Return a setting as float, or raise InputError unless it is a finite number."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise InputError(f"{name} is {value!r}, expected a finite number")
    return number


def _edits(edits: Iterable[tuple[int, complex]]) -> tuple[tuple[int, complex], ...]:
    """Return mode edits by index, each once (the last one counts), or raise InputError for one that is no pair."""
    try:
        pairs = {_whole("a mode's index", index, 0): complex(value) for index, value in edits}
    except (TypeError, ValueError) as error:
        raise InputError(f"edits are {edits!r}, expected pairs (index of an eigenvalue, new eigenvalue)") from error
    for index, value in pairs.items():
        if not cmath.isfinite(value):
            raise InputError(f"mode {index} is moved to {value}, expected a finite number")
    return tuple(sorted(pairs.items(), key=operator.itemgetter(0)))
