"""Scores of outputs on some samples, for any task: the one place that decides how each task is measured."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch

from koopview.hybrid import accuracy as measure
from koopview.hybrid.statistics import paired_difference, paired_r2_difference, wilson_interval
from koopview.network.task import REAL


@dataclass(frozen=True, eq=False)
class Scored:
    """One network's outputs on some samples, measured.

    Attributes
    ----------
    score : float or None
        Accuracy, R2 (None where the targets do not vary), or agreement with the original network without labels.
    relative_error : float or None
        Of real targets.
    agreement : float or None
        Share of predictions equal to the original's, None if outputs are no classes.
    output_error : float
        Relative Frobenius error of the network's outputs.
    each : array (samples,)
        The terms of the score: whether each sample is right (agrees), or its squared error, scaled so that R2 is
        ``1 - mean``. Empty if nothing is measured.
    """

    score: float | None
    relative_error: float | None
    agreement: float | None
    output_error: float
    each: np.ndarray

    def first(self, count: int) -> "Scored":
        """Return the measures of the first samples; agreement and errors, which each sample's terms do not tell, stay.

        Real targets keep the variance of all samples.
        """
        each = self.each[:count]
        mean = float(each.mean()) if len(each) else 0.0
        score = None if self.score is None or not len(each) else mean if each.dtype == bool else 1 - mean
        return replace(self, score=score, each=each)

    @cached_property
    def interval(self) -> tuple[float, float] | None:
        """Wilson interval (95 %) of the score, None if it is not a share."""
        if self.score is None or self.each.dtype != bool:
            return None
        return wilson_interval(int(self.each.sum()), len(self.each))


@dataclass(frozen=True, eq=False)
class Scoring:
    """The labels and original outputs that outputs on some samples are measured against.

    Attributes
    ----------
    task : str or None
        None without labels.
    labels : array (samples, ...) or None
    original : tensor (samples, outputs)
        The original network's outputs.
    threshold : float
        The one output of a binary network means class 1 above it.
    """

    task: str | None
    labels: np.ndarray | None
    original: torch.Tensor
    threshold: float = 0.0

    def first(self, count: int) -> "Scoring":
        """Return the Scoring of the first samples."""
        return replace(
            self, labels=None if self.labels is None else self.labels[:count], original=self.original[:count]
        )

    def scored(self, outputs: torch.Tensor) -> Scored:
        """Return the Scored measures of outputs (samples, outputs)."""
        own, other = self.agreement(outputs), self.output_error(outputs)
        if self.task in REAL and self.labels is not None:
            each, error = measure.squared_errors(outputs, self.labels), measure.relative_error(outputs, self.labels)
            score = None if each is None else 1 - float(each.mean())
            return Scored(score, error, own, other, np.zeros(0) if each is None else each)
        wanted = self.labels if self.labels is not None else self._original_predicted
        if wanted is None:
            return Scored(None, None, own, other, np.zeros(0))
        right = np.asarray(self.predicted(outputs) == wanted)
        return Scored(float(right.mean()), None, own, other, right)

    @cached_property
    def of_original(self) -> Scored:
        """The original network's own Scored measures."""
        return self.scored(self.original)

    def classes(self, outputs: torch.Tensor) -> tuple[list[float], np.ndarray]:
        """Return the accuracy of each class, a list, and the confusion matrix (classes, classes)."""
        count = self.original.shape[1]
        return measure.per_class(outputs, self.labels, count), measure.confusion(outputs, self.labels, count)

    @cached_property
    def classes_of_original(self) -> tuple[list[float], np.ndarray]:
        """Accuracy of each class and confusion matrix of the original network."""
        return self.classes(self.original)

    @cached_property
    def _original_predicted(self) -> np.ndarray | None:
        return self.predicted(self.original)

    def predicted(self, outputs: torch.Tensor) -> np.ndarray | None:
        """Return the predicted classes (samples,), None if outputs are no classes."""
        return measure.predicted(outputs, self.task, self.threshold)

    def agreement(self, outputs: torch.Tensor) -> float | None:
        """Return the share of samples that outputs and original predict alike, None if outputs are no classes."""
        mine, theirs = self.predicted(outputs), self._original_predicted
        return None if mine is None or theirs is None else float(np.mean(mine == theirs))

    def output_error(self, outputs: torch.Tensor) -> float:
        """Return the relative Frobenius error of outputs."""
        return measure.output_error(outputs, self.original)


def gain(one: Scored, other: Scored) -> tuple[float, float] | None:
    """Return (score of `one` minus score of `other` on the same samples, paired standard error), or None."""
    if one.each.dtype == bool:
        return paired_difference(one.each, other.each)
    return paired_r2_difference(one.each, other.each, 1.0)
