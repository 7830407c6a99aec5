"""The affine maps of the lift for several numbers of delays, of more samples than features: from sums of one pass.

The states of h delays that vary are the first ones of those of more, so that the sums for h delays are a part of those
for the most. The maps are those of :func:`koopview.hybrid.ridge.ridge_map`, fitted to and judged by the same samples.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import torch

from koopview.hybrid.accuracy import PATHS_BATCH
from koopview.hybrid.linearized import LiftedState
from koopview.hybrid.parts import fifth
from koopview.hybrid.regression import AffineSums, mean_of
from koopview.hybrid.ridge import COARSE, SLOW, Judged, RidgeMap, agrees, chosen_ridge, ridge_map
from koopview.hybrid.varying_states import Entries, VaryingStates
from koopview.hybrid.working_memory import check_regression_memory
from koopview.koopman.few import spaced
from koopview.network.network import Function
from koopview.progress import Progress, part, silent

LOOKED = 2048
"""Samples whose paths show which states vary."""

AT_ONCE = 4 * PATHS_BATCH
"""Samples whose products are summed at once: a Gram matrix of thousands of features is read and written each time."""


def lift_map(lifted: LiftedState, x: torch.Tensor, y: torch.Tensor, progress: Progress = silent) -> RidgeMap:
    """Return the affine map of z[0] with a ridge, from inputs x (samples, inputs) to outputs y (samples, outputs)."""
    if lifted.delays > 1 and is_summed(lifted(x[:1]).shape[1], len(x)):
        return next(summed_lift_maps(lifted, x, y, [lifted.delays], progress))[1]
    return ridge_map(x, y, lifted, progress)


def is_summed(features: int, samples: int) -> bool:
    """Return whether a map of so many features is found from sums: where they are many, and samples more."""
    return SLOW < features <= samples


def summed_lift_maps(
    lifted: LiftedState, x: torch.Tensor, y: torch.Tensor, delays: Sequence[int], progress: Progress = silent
) -> Iterator[tuple[int, RidgeMap]]:
    """Yield each number of delays, rising, and its RidgeMap of a layer's inputs to its outputs.

    Parameters
    ----------
    lifted : LiftedState
        Of the most delays.
    x : tensor (samples, inputs)
    y : tensor (samples, outputs)
    delays : sequence of int

    Raises
    ------
    InputError
        If the outputs are not finite for any ridge, or the sums need more memory than is free.
    """
    rising = sorted(delays)
    with torch.inference_mode():
        fitting, judging = (indices.to(x.device) for indices in fifth(len(x)))
        looked = _telling(x, y)
        varying = VaryingStates(lifted, rising[-1], x[looked])
        check_regression_memory(len(x), varying.count, y.shape[1])
        sums = AffineSums(mean_of(varying.entries, x[looked], y[looked]))
        _add(sums, varying.entries, x, y, fitting, part(progress, 0.0, 0.4))
        parts = {h: sums.leading(varying.first(h), varying.penalty(h)) for h in rising}
        features = torch.cat([varying.entries(batch.double()) for batch in x[judging].split(PATHS_BATCH)])
        chosen = _chosen(parts, features, y[judging].double(), part(progress, 0.4, 0.9))
        if len(fitting) < len(x):
            sums.add(features, y[judging].double())
        del features
        for h, (ridge, outputs) in chosen.items():
            entries = Entries(lifted.with_delays(h), varying.entries.chosen[: varying.first(h)])
            weight, offset = parts[h].raised(ridge)
            made = RidgeMap(entries, weight, offset, ridge, Judged(judging.cpu(), outputs), single=True)
            yield h, replace(made, single=agrees(made, x[judging[:PATHS_BATCH]]))


def _telling(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Return the indices of samples whose paths show which entries vary: some, and those of each entry's extremes."""
    some = torch.as_tensor(spaced(len(x), LOOKED), device=x.device)
    return torch.cat([some, *(ends for of in (x, y) for ends in (of.argmin(0), of.argmax(0)))]).unique()


def _add(
    sums: AffineSums, features: Function, x: torch.Tensor, y: torch.Tensor, indices: torch.Tensor, progress: Progress
) -> None:
    """Add the samples at some indices to the sums of their features."""
    for start in range(0, len(indices), AT_ONCE):
        progress(start / len(indices), "affine maps of the lift")
        batch = indices[start : start + AT_ONCE]
        made = torch.cat([features(x[few].double()) for few in batch.split(PATHS_BATCH)])
        sums.add(made, y[batch].double())


def _chosen(
    parts: dict[int, AffineSums], features: torch.Tensor, wanted: torch.Tensor, progress: Progress
) -> dict[int, tuple[float, torch.Tensor]]:
    """Return the ridge of each number of delays, and the outputs judged by."""
    found: dict[int, tuple[float, torch.Tensor]] = {}
    for i, (h, sums) in enumerate(parts.items()):

        def judged(ridge: float, sums: AffineSums = sums) -> torch.Tensor | None:
            solved = sums.solved(ridge)
            return None if solved is None else torch.addmm(solved[1], features[:, : len(solved[0])], solved[0])

        within = part(progress, i / len(parts), (i + 1) / len(parts))
        found[h] = chosen_ridge(judged, wanted, COARSE, within)
    return found
