"""Sums over a layer's paths, from which the operators of several numbers of delays are fitted."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from koopview.koopman import Chunks, Dmd, Moments, fit_moments, moments_of
from koopview.koopman.arrays import Array
from koopview.koopman.dmd import FLOAT32_ROUNDING
from koopview.koopman.door import components_of_sums
from koopview.koopman.moments import principal_directions, principal_steps
from koopview.koopman.moments_fit import SUMS, DigitsShort
from koopview.progress import Progress, part, silent

STEPS_LEFT_OUT = 1e-6
"""Share of the sum of ``|x|^2`` that combinations of steps leave out."""


def path_sums(
    paths: torch.Tensor | Chunks, delays: Sequence[int], rank: int | None, progress: Progress = silent
) -> Moments | None:
    """Return the Moments of paths (samples, steps + 1, states), in few components where these are precise enough.

    None where decomposing the paths for each number of delays is the better way, see
    :func:`koopview.koopman.door.components_of_sums`; `rank` is the largest to be fitted, None for one still to be found.
    """
    found: list[tuple[np.ndarray, Array]] = []

    def energies() -> np.ndarray:
        progress(0.0, "principal components of all steps")
        found.append(principal_directions(paths))
        return found[0][0]

    samples, length, states = paths.shape
    kept = None if rank is None else components_of_sums((samples, length, states), delays, rank, energies)
    if kept is None:
        return None
    components = found[0][1][:, :kept] if kept < states else None
    modes = principal_steps(paths, STEPS_LEFT_OUT)
    return moments_of(paths, components=components, modes=modes, progress=part(progress, 0.3, 1.0))


def fit_sums(sums: Moments, delays: int, rank: int | None, progress: Progress) -> Dmd | None:
    """Return the Dmd of a layer's paths from their sums, which it names; None if these have too few digits for it."""
    try:
        found = fit_moments(sums, delays, rank, cutoff=FLOAT32_ROUNDING, progress=progress)
    except DigitsShort:
        return None
    told = SUMS if sums.components is None else f"{SUMS} in {sums.kept} components"
    return replace(found, decomposition=told)
