"""Affine maps by ridge regression, the ridge chosen on samples apart (METHOD section 5).

Least squares with about as many unknowns as samples fits noise: of MNIST's first layer (785 unknowns, 1,000 samples)
such a map leaves the network 72.6 % right, the map of a chosen ridge 88. The ridge of the smallest output error is
taken; chosen as a hybrid's rank is, by how often the network then predicts as before, maps of the lift kept 0.05 points
less on average (57 fits).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import torch

from koopview.errors import InputError
from koopview.hybrid.accuracy import PATHS_BATCH
from koopview.hybrid.parts import fifth
from koopview.hybrid.regression import Affine, Dual, Primal
from koopview.network.network import Function
from koopview.progress import Progress, part, silent

DECADES = tuple(range(2, -11, -1))
"""Of ridges, relative to the mean diagonal of the features' centred Gram matrix: from 1e2 down to 1e-10."""

COARSE = 3
"""Where a factorisation is slow, one in so many decades is tried first, then those beside the best."""

SLOW = 300
"""Rows of a Gram matrix above which factorisations cost something: of 784 all 13 take 0.6 s."""

SINGLE_AGREES = 1e-5
"""Outputs are computed in float32 where they agree so with those of float64, relative to their root mean square."""


@dataclass(frozen=True, eq=False)
class Judged:
    """What the map fitted to four fifths of the samples gives on the last fifth.

    Attributes
    ----------
    indices : int64 tensor (judging samples,)
        Of the samples given.
    outputs : float64 tensor (judging samples, outputs)
    """

    indices: torch.Tensor
    outputs: torch.Tensor


@dataclass(frozen=True, eq=False)
class RidgeMap:
    """An affine map of features of its inputs, fitted to all samples.

    Attributes
    ----------
    features : Function
        Of inputs (samples, n), gives (samples, p) in their precision.
    weight, offset : float64 tensors (p, outputs) and (outputs,)
    ridge : float
        Relative to the mean diagonal of the features' centred Gram matrix.
    judged : Judged
        By which the better of two maps can be chosen.
    single : bool
        Whether float32 is enough for features and outputs of float32 inputs.
    """

    features: Function
    weight: torch.Tensor
    offset: torch.Tensor
    ridge: float
    judged: Judged
    single: bool

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the outputs (samples, outputs) of inputs (samples, n), in their precision."""
        if self.single and inputs.dtype == torch.float32:
            weight, offset = self._rounded
            return torch.addmm(offset, self.features(inputs), weight)
        return torch.addmm(self.offset, self.features(inputs.double()), self.weight).to(inputs.dtype)

    @cached_property
    def _rounded(self) -> Affine:
        return self.weight.float(), self.offset.float()


def identity(inputs: torch.Tensor) -> torch.Tensor:
    """Return the inputs as their own features."""
    return inputs


def ridge_map(
    inputs: torch.Tensor, targets: torch.Tensor, features: Function = identity, progress: Progress = silent
) -> RidgeMap:
    """Return the affine map from features of the inputs to the targets by least squares with a ridge.

    The ridge is the decade from 1e-10 to 1e2 that does best on a fifth of the samples with the map fitted to the
    others. The map is fitted again to all samples.

    Parameters
    ----------
    inputs : tensor (samples, n)
    targets : tensor (samples, outputs)
    features : Function
        Of a batch of inputs, gives (batch, p) in the inputs' precision. With p at most the number of samples they are
        made batch by batch and never held whole.

    Raises
    ------
    InputError
        If with no ridge the outputs are finite.
    Cancelled
        By `progress`.
    """
    with torch.inference_mode():
        fitting, judging = (indices.to(inputs.device) for indices in fifth(len(inputs)))
        count = features(inputs[:1].double()).shape[1]
        form_of = Primal if count <= len(inputs) else Dual
        form = form_of(inputs, targets, features, fitting, judging, part(progress, 0.0, 0.5))
        stride = 1 if min(count, len(inputs)) <= SLOW else COARSE
        ridge, outputs = chosen_ridge(form.judged, targets[judging].double(), stride, part(progress, 0.5, 0.8))
        weight, offset = form.whole(ridge, part(progress, 0.8, 1.0))
        made = RidgeMap(features, weight, offset, ridge, Judged(judging.cpu(), outputs), single=True)
        return replace(made, single=agrees(made, inputs[judging[:PATHS_BATCH]]))


def chosen_ridge(
    outputs_at: Callable[[float], torch.Tensor | None], wanted: torch.Tensor, stride: int, progress: Progress
) -> tuple[float, torch.Tensor]:
    """Return the ridge whose outputs, as `outputs_at` gives them, are nearest to those wanted, and its outputs.

    Every `stride`-th decade is tried, then those next to the best until none is better. A ridge whose outputs are None
    or not finite is passed over; of equals the larger counts.
    """
    tried: dict[int, float] = {}
    best = wanted

    def attempt(decade: int) -> None:
        nonlocal best
        progress(len(tried) / len(DECADES), f"ridge 1e{decade}")
        outputs = outputs_at(10.0**decade)
        error = math.inf if outputs is None else float((outputs - wanted).square().sum())
        if outputs is not None and error < min([*tried.values(), math.inf]):
            best = outputs
        tried[decade] = error

    new = list(DECADES[::stride])
    while new:
        for decade in new:
            attempt(decade)
        chosen = min(tried, key=lambda decade: tried[decade])
        new = [decade for decade in (chosen + 1, chosen - 1) if decade in DECADES and decade not in tried]
    if not tried[chosen] < math.inf:
        raise InputError("an affine map has no finite outputs, expected finite inputs and outputs of the layer")
    return 10.0**chosen, best


def agrees(made: RidgeMap, inputs: torch.Tensor) -> bool:
    """Whether float32 gives a map's outputs of these inputs to SINGLE_AGREES."""
    exact, rounded = made(inputs.double()), made(inputs.float())
    return bool((rounded - exact).square().mean() <= SINGLE_AGREES**2 * exact.square().mean())
