"""What a hybrid's scores are compared with: controls, training samples apart, other draws; plain values, no torch."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Scores = dict[str, float | None]
"""One score for each of ROWS, None if it is not known."""


def scores_by(measure: str, names: Iterable[str], by_measure: Mapping[str, Scores]) -> Scores:
    """Return the scores of rows of those names by a measure, in their order; None for those that are not known."""
    scores = by_measure[measure]
    return {name: scores.get(name) for name in names}


def measure_of(task: str | None, r2: Scores) -> str:
    """Return the measure of a task's scores, "accuracy", "r2" or "agreement"; `r2` is empty without real targets."""
    if task is None:
        return "agreement"
    return "r2" if r2 else "accuracy"


@dataclass(frozen=True)
class Difference:
    """The hybrid's lead over the better affine control, on the same test samples.

    Attributes
    ----------
    control : str
        "affine" or "lift_affine", the better one on held-out fitting samples; if these do not decide, the one with the
        smaller difference.
    value, error : float
        The difference of the scores, and the standard error of the paired difference.
    """

    control: str
    value: float
    error: float


@dataclass(frozen=True)
class Apart:
    """The hybrid's scores on training samples that took no part in the fit, by which choices are made.

    Attributes
    ----------
    samples : int
    score : float
        Accuracy, R2 or agreement, as `FitResult.measure` says.
    output_error : float
    """

    samples: int
    score: float
    output_error: float

    @property
    def key(self) -> tuple[float, float]:
        """The sort key: the score, then minus the output error."""
        return self.score, -self.output_error


@dataclass(frozen=True)
class Spread:
    """Scores over several draws of the fitting samples; a further error comes from the test samples.

    Attributes
    ----------
    draws : int
    mean, deviation : dict
        Of each of ROWS, over the draws; None if the score is not known.
    """

    draws: int
    mean: Scores
    deviation: Scores
