"""Affine maps by ridge regression, with the ridge chosen on held-out samples (METHOD section 5).

Least squares with about as many unknowns as samples fits noise: for MNIST's first layer (785 unknowns, 1,000 samples)
such a map leaves the network at 72.6 % accuracy, a chosen ridge at 88. But too large a ridge makes a control weaker
than it is: where the operator is itself least squares (one step, full rank), such maps fell up to 3.8 points behind
it. So the smallest ridge is taken that is worse than the best by no more than a standard error. In 54 fits of nine
small networks it is never more than 0.15 points below the best, and up to 3 above it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import torch

from koopview.errors import InputError
from koopview.hybrid.accuracy import PATHS_BATCH
from koopview.hybrid.parts import fifth
from koopview.hybrid.regression import Affine, AffineSums, Dual, Primal
from koopview.hybrid.working_memory import check_regression_memory
from koopview.network.network import Function
from koopview.progress import Progress, part, silent

DECADES = tuple(range(2, -13, -1))
"""Exponents of the ridges, relative to the mean diagonal of the features' centred Gram matrix: from 1e2 down to 1e-12,
the operator's own cut-off (10 roundings of float32, squared)."""

COARSE = 3
"""If a factorisation is slow, every third decade is tried first, then the neighbours of the best."""

SLOW = 300
"""Rows of a Gram matrix above which a factorisation is slow: with 784 rows, 13 take 0.6 s."""

SINGLE_AGREES = 1e-5
"""Outputs are computed in float32 if they agree with float64 to this, relative to their root mean square."""


@dataclass(frozen=True, eq=False)
class Judged:
    """Outputs, on the samples that judge, of the map fitted to the others; see :func:`koopview.hybrid.parts.fifth`.

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
        Of inputs (samples, n), returns (samples, p) in their precision.
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
    inputs: torch.Tensor,
    targets: torch.Tensor,
    features: Function = identity,
    progress: Progress = silent,
    *,
    rows: int = 1,
) -> RidgeMap:
    """Return the affine map from features of the inputs to the targets by least squares with a ridge.

    The ridge is the smallest decade from 1e-12 to 1e2 that is worse than the best by no more than a paired standard
    error, on the samples that judge, with the map fitted to the others. The map is then fitted to all samples.

    Parameters
    ----------
    inputs : tensor (samples, n)
    targets : tensor (samples, outputs)
    features : Function
        Of a batch of inputs, returns (batch, p) in their precision. If p is at most the number of samples, features
        are computed batch by batch and never held whole.
    rows : int
        Inputs and targets that belong to one sample, side by side (its tokens): they are judged together.

    Raises
    ------
    InputError
        If the outputs are not finite for any ridge, or the map needs more memory than is free.
    Cancelled
        By `progress`.
    """
    with torch.inference_mode():
        fitting, judging = (indices.to(inputs.device) for indices in fifth(len(inputs) // rows, rows))
        count = features(inputs[:1].double()).shape[1]
        check_regression_memory(len(inputs), count, targets.shape[1])
        form_of = Primal if count <= len(inputs) else Dual
        form = form_of(inputs, targets, features, fitting, judging, part(progress, 0.0, 0.5))
        stride = 1 if min(count, len(inputs)) <= SLOW else COARSE
        ridge, outputs = chosen_ridge(form.judged, targets[judging].double(), stride, part(progress, 0.5, 0.8))
        weight, offset = form.whole(ridge, part(progress, 0.8, 1.0))
        made = RidgeMap(features, weight, offset, ridge, Judged(judging.cpu(), outputs), single=True)
        return replace(made, single=agrees(made, inputs[judging[:PATHS_BATCH]]))


def ridge_map_of_sums(
    sums: AffineSums,
    inputs: torch.Tensor,
    targets: torch.Tensor,
    features: Function = identity,
    progress: Progress = silent,
) -> RidgeMap:
    """Return the same map of samples that have been summed, but for those that judge the ridge, which are added then.

    Parameters
    ----------
    sums : AffineSums
        Of the features, float64, of all samples but the judging ones.
    inputs, targets : tensors (judging samples, n) and (judging samples, outputs)
    features : Function
        Of a batch of inputs, returns (batch, p) in their precision.
    """
    batches = list(zip(inputs.split(PATHS_BATCH), targets.double().split(PATHS_BATCH), strict=True))

    def judged(ridge: float) -> torch.Tensor | None:
        found = sums.solved(ridge)
        made = (torch.addmm(found[1], features(x.double()), found[0]) for x, _ in batches) if found else None
        return None if made is None else torch.cat(list(made))

    with torch.inference_mode():
        stride = 1 if len(sums.gram) <= SLOW else COARSE
        ridge, outputs = chosen_ridge(judged, targets.double(), stride, part(progress, 0.0, 0.8))
        for x, y in batches:
            sums.add(features(x.double()), y)
        made = RidgeMap(features, *sums.raised(ridge), ridge, Judged(torch.arange(len(inputs)), outputs), single=True)
        return replace(made, single=agrees(made, inputs[:PATHS_BATCH]))


def chosen_ridge(
    outputs_at: Callable[[float], torch.Tensor | None],
    wanted: torch.Tensor,
    stride: int,
    progress: Progress,
) -> tuple[float, torch.Tensor]:
    """Return the smallest ridge that is worse than the best by no more than a standard error, and its outputs.

    Every `stride`-th decade is tried, then the neighbours of the best until none is better, then smaller ones as long
    as they do as well. A ridge whose outputs are None or not finite is skipped; among equals the largest is the best.
    The ridge of a map which differs little is no start: errors have two valleys where few samples are fitted to.
    """
    tried: dict[int, torch.Tensor] = {}
    errors: dict[int, torch.Tensor] = {}

    def attempt(decade: int) -> None:
        progress(len(errors) / len(DECADES), f"ridge 1e{decade}")
        outputs = outputs_at(10.0**decade)
        found = torch.full_like(wanted, math.inf) if outputs is None else outputs
        tried[decade], errors[decade] = found, (found - wanted).square().sum(1)

    new = list(DECADES[::stride])
    while new:
        for decade in new:
            attempt(decade)
        best = min(errors, key=lambda decade: _total(errors[decade]))
        new = [decade for decade in (best + 1, best - 1) if decade in DECADES and decade not in tried]
    if not _total(errors[best]) < math.inf:
        raise InputError("an affine map has no finite outputs, expected finite inputs and outputs of the layer")
    chosen = best
    while chosen - 1 in DECADES:
        if chosen - 1 not in tried:
            attempt(chosen - 1)
        if not does_as_well(errors[chosen - 1], errors[best]):
            break
        chosen -= 1
    return 10.0**chosen, tried[chosen]


def does_as_well(one: torch.Tensor, best: torch.Tensor) -> bool:
    """Return whether squared errors (samples,) exceed the best ones by no more than their paired standard error."""
    worse = one - best
    error = float(worse.std()) / len(worse) ** 0.5 if len(worse) > 1 else 0.0
    return float(worse.mean()) <= error


def _total(errors: torch.Tensor) -> float:
    """Return the sum of squared errors, infinity if one is not finite."""
    total = float(errors.sum())
    return total if math.isfinite(total) else math.inf


def agrees(made: RidgeMap, inputs: torch.Tensor) -> bool:
    """Return whether a map's outputs of these inputs in float32 are right to SINGLE_AGREES."""
    exact, rounded = made(inputs.double()), made(inputs.float())
    return bool((rounded - exact).square().mean() <= SINGLE_AGREES**2 * exact.square().mean())
