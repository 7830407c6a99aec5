"""Choose among fits by the network's outputs on a fifth of the fitting samples, fitted to the other samples."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch

from koopview.hybrid.scoring import Scored, Scoring, gain
from koopview.network.network import Function

CLEARLY = 0.99
"""If outputs are no classes, another rank replaces the usual one below this share of its output error."""

CERTAIN = 2.0
"""Standard errors of the paired difference by which another rank must be better."""


@dataclass(frozen=True, eq=False)
class Judge:
    """Measures how good outputs of a layer are on the judging samples.

    A rank is chosen by the agreement of the network's predictions with the original ones, which needs no labels; among
    equals, by the smaller error of the network's outputs.

    Attributes
    ----------
    indices : int64 tensor (judging samples,)
        Among the fitting samples.
    rest : Function
        The network after the layer.
    scoring : Scoring
        Of the judging samples, without labels.
    """

    indices: torch.Tensor
    rest: Function
    scoring: Scoring

    def judged(self, outputs: torch.Tensor) -> tuple[Scored, float]:
        """Return the Scored agreement for a layer's outputs (judging samples, outputs), and the output error."""
        logits = self.rest(outputs.to(self.scoring.original.dtype))
        return self.scoring.scored(logits), self.scoring.output_error(logits)

    def key(self, outputs: torch.Tensor) -> tuple[float, float]:
        """Return the sort key (score, minus the output error): larger is better."""
        scored, error = self.judged(outputs)
        return scored.score or 0.0, -error if np.isfinite(error) else -np.inf


def best_of(judge: Judge, outputs: Mapping[int, torch.Tensor], usual: int | None = None) -> int:
    """Return the key of the best outputs; `usual` stays unless another is clearly better.

    Clearly: by more than the standard error of the paired difference.
    """
    best = max(outputs, key=lambda one: judge.key(outputs[one]))
    if usual is None or best == usual:
        return best
    (better, error), (known, usual_error) = judge.judged(outputs[best]), judge.judged(outputs[usual])
    difference = gain(better, known)
    clear = error < CLEARLY * usual_error if difference is None else difference[0] > CERTAIN * difference[1]
    return best if clear else usual
