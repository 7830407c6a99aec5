"""Sums over a layer's paths, from which the operators of several numbers of delays are fitted."""

from dataclasses import dataclass, replace

import torch

from koopview.koopman import Chunks, Dmd, Moments, fit_moments, moments_of
from koopview.koopman.dmd import FLOAT32_ROUNDING
from koopview.koopman.moments_bases import principal_directions, principal_steps
from koopview.koopman.moments_fit import SUMS, DigitsShort
from koopview.progress import Progress

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
            return replace(fit_moments(self.moments, delays, rank, **accuracy, progress=progress), decomposition=SUMS)
        except DigitsShort:
            return None


def path_sums(paths: torch.Tensor | Chunks, rank: int) -> PathSums:
    """Return the PathSums of paths (samples, steps + 1, states), for operators up to a rank.

    Of MNIST's first layer in 128 components the paths lie in 3 combinations of steps: 20 ms, and as much for each
    number of delays.
    """
    energies, _ = principal_directions(paths)
    left_out = LEFT_OUT * float(energies[min(rank, len(energies)) - 1] / energies.sum())
    return PathSums(moments_of(paths, modes=principal_steps(paths, OF_STEPS * left_out)), rank, left_out)
