"""Sums over a layer's paths, from which the operators of several numbers of delays are fitted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import torch

from koopview.koopman import Chunks, Dmd, Moments, fit_moments, moments_of
from koopview.koopman.arrays import Array
from koopview.koopman.dmd import FLOAT32_ROUNDING
from koopview.koopman.door import components_of_sums
from koopview.koopman.moments_bases import principal_directions, principal_steps
from koopview.koopman.moments_fit import SUMS, DigitsShort
from koopview.progress import Progress, part, silent

LEFT_OUT, OF_STEPS = 0.02, 0.2
"""Energy that combinations of a window's states leave out, as a share of that of the direction of states whose number
is the largest rank; share of this that combinations of steps leave out."""


@dataclass(frozen=True, eq=False)
class PathSums:
    """Moments of a layer's paths for ranks up to `rank`, and the share of ``|x|^2`` that a window may leave out."""

    moments: Moments
    rank: int
    left_out: float

    def fit(self, delays: int, rank: int | None, progress: Progress) -> Dmd | None:
        """Return the Dmd of the paths, which names the sums; None for a rank above theirs, or one of too few digits."""
        if rank is None or rank > self.rank:
            return None
        accuracy = {"cutoff": FLOAT32_ROUNDING, "left_out": self.left_out}
        try:
            found = fit_moments(self.moments, delays, rank, **accuracy, progress=progress)
        except DigitsShort:
            return None
        told = SUMS if self.moments.components is None else f"{SUMS} in {self.moments.kept} components"
        return replace(found, decomposition=told)


def path_sums(
    paths: torch.Tensor | Chunks, delays: Sequence[int], rank: int | None, progress: Progress = silent
) -> PathSums | None:
    """Return the PathSums of paths (samples, steps + 1, states), in few components where these are precise enough.

    None where decomposing the paths for each number of delays is the better way, see
    :func:`koopview.koopman.door.components_of_sums`; `rank` is the largest to be fitted, None if it is not known yet.
    """
    samples, length, states = paths.shape

    @cache
    def directions() -> tuple[np.ndarray, Array]:
        progress(0.0, "principal components of all steps")
        return principal_directions(paths)

    kept = None
    if rank is not None:
        kept = components_of_sums((samples, length, states), delays, rank, lambda: directions()[0])
    if rank is None or kept is None:
        return None
    values, basis = directions()
    left_out = LEFT_OUT * float(values[min(rank, states) - 1] / values.sum())
    components = basis[:, :kept] if kept < states else None
    modes = principal_steps(paths, OF_STEPS * left_out)
    moments = moments_of(paths, components=components, modes=modes, progress=part(progress, 0.3, 1.0))
    return PathSums(moments, rank, left_out)
