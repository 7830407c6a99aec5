"""The operator of a layer's paths in memory, by the door that their number asks for."""

import torch

from koopview.hybrid.checkpoint import Checkpoint
from koopview.hybrid.streamed_operator import FEW, streamed_operator
from koopview.hybrid.streamed_paths import HeldPaths
from koopview.koopman import Chunks, Dmd, fit_dmd
from koopview.koopman.decomposition import leading_cost
from koopview.koopman.dmd import FLOAT32_ROUNDING
from koopview.koopman.hankel import product_cost
from koopview.koopman.observables.delay import state_alone
from koopview.koopman.observables.kind import Observables
from koopview.koopman.trajectories import snapshots
from koopview.progress import Progress
from koopview.trajectory.scaled_layer import ScaledLayer

PASSES = 5
"""Passes over MNIST's first layer for rank 100; at 60,000 samples they then take nine tenths of the time of a Gram
matrix, at rank 50 a third."""

MANY = 2 * FEW
"""Samples from which on passes that begin with sums over all pay for the looks at few samples that they need."""


def decomposed(
    trajectories: torch.Tensor | Chunks,
    scaled: ScaledLayer,
    seen: Observables,
    x: torch.Tensor,
    delays: int,
    limit: int | None,
    progress: Progress,
) -> Dmd:
    """Return the Dmd of trajectories (samples, steps + 1, features), up to a rank `limit`.

    They are what is `seen` along the paths of a scaled layer of inputs x (samples, inputs). Of many paths of states
    alone the Dmd is found as that of a stream is.
    """
    plain = seen is state_alone and scaled.exact and scaled.reading is None
    if plain and isinstance(trajectories, Chunks) and len(x) >= MANY and _passes_pay(trajectories, delays, limit):
        paths = HeldPaths(scaled, len(x), x)
        return streamed_operator(paths, delays, limit, limit, None, Checkpoint(None, ""), progress).dmd
    return fit_dmd(trajectories, delays, limit, cutoff=FLOAT32_ROUNDING, progress=progress)


def _passes_pay(trajectories: Chunks, delays: int, limit: int | None) -> bool:
    """Return whether PASSES in float32 with twice as many columns as the rank cost less than a decomposition does."""
    if limit is None:
        return False
    data = snapshots(trajectories, delays, limit)
    return PASSES * 2 * limit * product_cost(data) < leading_cost(data, limit)
