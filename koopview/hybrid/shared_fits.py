"""Fits of one layer's paths with several numbers of delays: operators found one from another, measured in one pass."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

from koopview.hybrid.accuracy import PATHS_BATCH
from koopview.hybrid.linearized import LiftedState
from koopview.hybrid.straight import others_and_shares
from koopview.koopman import Chunks, Dmd
from koopview.koopman.dmd import FLOAT32_ROUNDING
from koopview.koopman.door import sharing_pays
from koopview.koopman.few import spaced
from koopview.koopman.moments_fit import DigitsShort
from koopview.koopman.principal_paths import NAME, principal_paths
from koopview.koopman.successive import successive_fits
from koopview.progress import Progress, part, silent

LEFT_OUT = 0.0075
"""Energy of a path up to which it is left out, as a share of that of the path whose number is the largest rank. 728 of
1,000 paths of MNIST's first layer are kept for rank 100: hybrids (h = 1 to 20) are then right on as many of 2,000
images as the exact ones up to rank 50, but for one, and but for two up to rank 100."""


LOOKED = 256
"""Samples whose paths show which entries are straight."""


@dataclass(frozen=True, eq=False)
class SharedFit:
    """An operator, and the coordinates (samples, rank), float32, of z[0] of test samples and of samples held out."""

    operator: Dmd
    coordinates: torch.Tensor
    apart_coordinates: torch.Tensor


@dataclass(frozen=True, eq=False)
class SharedFits:
    """The fits for ranks up to `rank`, by their number of delays, and the paths of samples held out from all.

    `unseen` are float32 (samples, steps + 1, states).
    """

    rank: int
    by_delays: dict[int, SharedFit]
    unseen: torch.Tensor

    def fit(self, delays: int, rank: int | None) -> SharedFit | None:
        """Return the fit with some number of delays; None for a rank above theirs, or one of too few digits."""
        return None if rank is None or rank > self.rank else self.by_delays.get(delays)


def shared_fits(
    paths: torch.Tensor | Chunks,
    lifted: LiftedState,
    measured: Sequence[torch.Tensor],
    unseen: torch.Tensor,
    delays: Sequence[int],
    rank: int | None,
    progress: Progress = silent,
) -> SharedFits | None:
    """Return the SharedFits of paths (samples, steps + 1, states), None where they do not pay.

    Parameters
    ----------
    lifted : LiftedState
        Returns the states at the start of the path of inputs.
    measured : two tensors (samples, inputs)
        The layer's inputs of test samples, and of training samples held out.
    unseen : tensor (samples, steps + 1, states)
        Paths of samples held out.
    delays : sequence of int
    rank : int or None
        The largest to be fitted, None if it is not known yet.
    """
    rising = sorted(delays)
    if rank is None or not sharing_pays(paths.shape, rising, rank):
        return None
    principal = principal_paths(paths, rank, LEFT_OUT, part(progress, 0.0, 0.2))
    name, operators = f"{principal.count} {NAME}", {}
    found = successive_fits(principal, paths.shape[0], rising, rank, FLOAT32_ROUNDING, part(progress, 0.2, 0.7))
    try:
        for one in found:
            operators[one.delays] = replace(one, decomposition=name)
    except DigitsShort:
        pass  # those of more delays are decomposed by themselves
    tests, apart = (coordinates_of_all(lifted, operators, x, part(progress, 0.7, 1.0)) for x in measured)
    return SharedFits(rank, {h: SharedFit(one, tests[h], apart[h]) for h, one in operators.items()}, unseen.float())


def coordinates_of_all(
    lifted: LiftedState, operators: dict[int, Dmd], x: torch.Tensor, progress: Progress = silent
) -> dict[int, torch.Tensor]:
    """Return the coordinates (samples, rank) of z[0] of inputs x (samples, inputs) by delays, from one path each."""
    found = {h: x.new_zeros(len(x), one.basis.shape[1]) for h, one in operators.items()}
    if not len(x) or not operators:
        return found
    with torch.inference_mode():
        bases, entries = _bases(lifted, operators, x)
        for start in range(0, len(x), PATHS_BATCH):
            progress(start / len(x), "evaluation")
            states = lifted.states(x[start : start + PATHS_BATCH].float(), max(bases))
            first, others = states[:, 0, entries:], states[:, :, :entries].flatten(1)
            for h, basis in bases.items():
                made = torch.addmm(basis.offset, first, basis.straight, out=found[h][start : start + PATHS_BATCH])
                made.addmm_(others[:, : h * entries], basis.others)
    return found


@dataclass(frozen=True, eq=False)
class _Basis:
    """A basis by the entries of paths, float32: others (delays entries, rank), straight (appended entries, rank).

    `offset` (rank,) are the coordinates of what straight entries have besides multiples of where they begin.
    """

    others: torch.Tensor
    straight: torch.Tensor
    offset: torch.Tensor


def _bases(lifted: LiftedState, operators: dict[int, Dmd], x: torch.Tensor) -> tuple[dict[int, _Basis], int]:
    """Return the _Basis of each number of delays, and the number of entries that are not straight."""
    few = lifted.states(x[torch.as_tensor(spaced(len(x), LOOKED))].double(), max(operators)).transpose(0, 1)
    mean = few.mean(1)
    entries, shares = others_and_shares(few - mean[:, None], lifted.scaled[torch.float64].layer.outputs)
    rest = mean[:, entries:] - shares[:, None] * mean[0, entries:]
    found = {}
    for h, one in operators.items():
        basis = torch.as_tensor(one.basis).unflatten(0, (h, -1))
        others, appended = basis[:, :entries].flatten(0, 1), basis[:, entries:]
        straight = torch.tensordot(shares[:h], appended, 1)
        found[h] = _Basis(others.float(), straight.float(), torch.tensordot(rest[:h], appended, 2).float())
    return found, entries
