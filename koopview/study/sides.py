"""The two sides of a comparison: a fit's result, with what a comparison needs beside it; no torch."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from koopview.study.result import FitResult

SIDES = ("A", "B")
"""What the two fits are called."""

UNITS = ("step", "layer")
"""What an eigenvalue stands for: one small step, or the whole layer (its N-th power)."""

DRAWS = 3
"""Default number of draws of the fitting samples, a fit's own among them, from which a yardstick is made."""

MOST_SHARED = 0.8
"""Share of the training samples above which draws are too alike to show the luck of one."""


@dataclass(frozen=True, eq=False)
class Side:
    """One of two fits that are compared.

    Attributes
    ----------
    result : FitResult
    each : mapping
        The terms (samples,) of each known row's score, see :class:`koopview.hybrid.scoring.Scored`; empty for a result
        that was saved.
    samples : str or None
        A hash of the test samples; None if they are not known.
    draws : tuple of complex arrays (rank,)
        Fitted eigenvalues of the same settings for other draws of the fitting samples.
    shared : float
        Share of the training samples that is fitted to, which two draws have in common on average.
    """

    result: FitResult
    each: Mapping[str, np.ndarray] = field(default_factory=dict)
    samples: str | None = None
    draws: tuple[np.ndarray, ...] = ()
    shared: float = 0.0

    def spectrum(self, unit: str = UNITS[0]) -> np.ndarray:
        """Return the eigenvalues (rank,) of the result in one of UNITS."""
        return powers(self.result, self.result.eigenvalues, unit)

    def drawn(self, unit: str = UNITS[0]) -> list[np.ndarray]:
        """Return the fitted eigenvalues (rank,) of every draw, the result's own first, in one of UNITS."""
        return [powers(self.result, values, unit) for values in (self.result.fitted_eigenvalues, *self.draws)]


def powers(result: FitResult, values: np.ndarray, unit: str) -> np.ndarray:
    """Return eigenvalues per step as those of one of UNITS, by the number of steps of a result."""
    return values if unit == UNITS[0] else values**result.settings.steps


def common_measure(one: Side, other: Side) -> str | None:
    """Return the measure of both sides' scores, None if they are measured differently."""
    return one.result.measure if one.result.measure == other.result.measure else None


def are_paired(one: Side, other: Side) -> bool:
    """Return whether both were measured on the same test samples, so that each sample is a pair."""
    return one.samples is not None and one.samples == other.samples
