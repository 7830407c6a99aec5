"""One operator applied once a block in the place of several blocks, and its controls (METHOD section 7, "depth")."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod

import numpy as np
import torch

from koopview.hybrid.layer_fit import AUTO_RANKS
from koopview.hybrid.linearity import Linearity, Pair, linearity
from koopview.hybrid.linearized import readout
from koopview.hybrid.parts import fifth
from koopview.hybrid.ridge import RidgeMap, does_as_well, ridge_map
from koopview.hybrid.stream_states import StreamStates, stream_states
from koopview.koopman import Dmd, fit_dmd
from koopview.koopman.choice import outputs_apart
from koopview.koopman.decomposition import SMALL
from koopview.koopman.dmd import FLOAT32_ROUNDING
from koopview.koopman.trajectories import CHUNK, Chunks
from koopview.network.network import Function
from koopview.progress import Progress, part, silent

RANKS_TRIED = 24
"""Ranks tried on a fifth of the fitting samples, from 1 to the numerical one, spread on a logarithmic scale."""


@dataclass(frozen=True, eq=False)
class DepthOperator:
    """The operator K, which moves a state one block further, and how often it is applied.

    Attributes
    ----------
    dmd : Dmd
        On standardised rows with a constant 1 behind them, at the rank chosen.
    centre, scale : float64 tensor (features,), float
        Rows are standardised as (row - centre) / scale; eigenvalues do not depend on it at the full rank.
    entries : int
        Coordinates of a row among its features.
    power : int
        Blocks that are replaced, p.
    """

    dmd: Dmd
    centre: torch.Tensor
    scale: float
    entries: int
    power: int

    def __call__(self, lifted: torch.Tensor) -> torch.Tensor:
        """Return the rows (n, entries) p blocks later, K^p, of rows with their observables (n, features)."""
        given = standardised(lifted.double(), self.centre, self.scale)
        moved = given @ torch.as_tensor(self.dmd.basis) @ self._readout.T
        return (moved * self.scale + self.centre[: self.entries]).to(lifted.dtype)

    @cached_property
    def _readout(self) -> torch.Tensor:
        return readout(self.dmd, self.entries, self.power, exact=True)

    @property
    def eigenvalues(self) -> np.ndarray:
        """Eigenvalues per block (rank,), by falling modulus; the constant's, 1, is among them."""
        return self.dmd.eigenvalues


def depth_operator(
    states: Sequence[torch.Tensor], entries: int, rows: int = 1, progress: Progress = silent
) -> DepthOperator:
    """Return the operator fitted to all pairs (x_k, x_k+1) of states x_0 to x_p, tensors (samples * rows, features).

    The rank is the largest that does as well as the best, p blocks later, on a fifth of the samples that it was not
    fitted to: as little is left out as a ridge of the controls leaves out. `entries` of the features are predicted.
    """
    power, count = len(states) - 1, len(states[0])
    centre = torch.stack([one.double().mean(0) for one in states[:-1]]).mean(0)
    squares = [float((one.double() - centre).square().sum(1).mean()) for one in states[:-1]]
    scale = (sum(squares) / power) ** 0.5 or 1.0

    def make(indices: slice | torch.Tensor) -> torch.Tensor:
        return standardised(torch.stack([one[indices].double() for one in states], 1), centre, scale)

    shape = (count, power + 1, len(centre) + 1)
    whole = fit_dmd(
        make(slice(None)) if prod(shape) <= CHUNK else Chunks(shape, lambda start, stop: make(slice(start, stop))),
        1,
        _rank_to_keep(shape),
        cutoff=FLOAT32_ROUNDING if states[0].dtype == torch.float32 else 0.0,
        progress=progress,
    )
    judging = make(fifth(count // rows, rows)[1].to(centre.device))
    tried = np.unique(np.geomspace(1, whole.rank, RANKS_TRIED).round().astype(int))
    rank = chosen_rank(outputs_apart(whole, judging, entries, tried, exact=True), judging[:, -1, :entries])
    return DepthOperator(whole.truncate(rank), centre, scale, entries, power)


def _rank_to_keep(shape: tuple[int, int, int]) -> int:
    """Return the rank to decompose for: all of a small problem, so many that they can be told apart of a large one."""
    samples, steps, features = shape
    size = min(features, samples * (steps - 1))
    return size if size <= SMALL else max(AUTO_RANKS)


def standardised(rows: torch.Tensor, centre: torch.Tensor, scale: float) -> torch.Tensor:
    """Return rows (..., features) centred and divided by `scale`, and a constant 1 behind them."""
    return torch.cat([(rows - centre) / scale, rows.new_ones(*rows.shape[:-1], 1)], -1)


def chosen_rank(outputs: Mapping[int, torch.Tensor], wanted: torch.Tensor) -> int:
    """Return the largest rank whose outputs are worse than the best by no more than a paired standard error."""
    errors = {rank: (found - wanted).square().sum(1).nan_to_num(torch.inf) for rank, found in outputs.items()}
    best = errors[min(errors, key=lambda rank: float(errors[rank].sum()))]
    return max(rank for rank, found in errors.items() if bool(found.isfinite().all()) and does_as_well(found, best))


class DepthMaps:
    """Replacements of blocks, fitted to the states of some samples along a stream; each is fitted once.

    Parameters
    ----------
    seen : list of tensors (samples, entries)
        Flattened states x_0 to x_L of the fitting samples.
    shape : tuple of int
        Of one sample's state.
    states : str
        What a state is, see :func:`stream_states`.
    seed : int
        Of the principal components' range finder.
    """

    def __init__(self, seen: list[torch.Tensor], shape: tuple[int, ...], states: str, seed: int = 0) -> None:
        self.states: StreamStates = stream_states(states, shape, seen, seed)
        self.means = [one.double().mean(0) for one in seen]
        self._rows = [self.states.written(one) for one in seen]
        self._blocks: dict[tuple[int, int], RidgeMap] = {}
        self._linearity: dict[int, Linearity] = {}

    @cached_property
    def _lifted(self) -> list[torch.Tensor]:
        return [self.states.lifted(rows) for rows in self._rows]

    def operator(self, start: int, blocks: int, progress: Progress = silent) -> DepthOperator:
        """Return the DepthOperator of the states from x_start to x_start+blocks."""
        states = self._lifted[start : start + blocks + 1]
        return depth_operator(states, self.states.entries, self.states.rows, progress)

    def affine(self, start: int, end: int, progress: Progress = silent) -> RidgeMap:
        """Return the ridge-affine map of lifted rows from x_start to x_end."""
        if (start, end) not in self._blocks:
            given, wanted = self._lifted[start], self._rows[end]
            self._blocks[start, end] = ridge_map(given, wanted, progress=progress, rows=self.states.rows)
        return self._blocks[start, end]

    def replacements(self, operator: DepthOperator, start: int, progress: Progress = silent) -> dict[str, Function]:
        """Return the replacements of an operator's blocks by name: functions of flattened states (samples, entries).

        "koopman", "affine" (one map from start to end), "affine_blocks" (one a block), "skip" (the blocks left out)
        and "mean" (the mean of what the blocks give).
        """
        end = start + operator.power
        count = operator.power + 1
        whole = self.affine(start, end, part(progress, 0.0, 1 / count))
        steps = [
            self.affine(k, k + 1, part(progress, (k - start + 1) / count, (k - start + 2) / count))
            for k in range(start, end)
        ]
        return {
            "koopman": self._of_states([operator]),
            "affine": self._of_states([whole]),
            "affine_blocks": self._of_states(steps),
            "skip": lambda states: states,
            "mean": lambda states: self.means[end].to(states).expand(len(states), -1),
        }

    def projected(self, states: torch.Tensor) -> torch.Tensor:
        """Return states (samples, entries) as they come back from their rows."""
        return self.states.states(self.states.written(states))

    def linearity(self, start: int, test: Callable[[], Pair], progress: Progress = silent) -> Linearity:
        """Return the Linearity of the block that x_start enters; `test` gives test samples' states before and after."""
        if start not in self._linearity:
            before, after = (self.states.written(one) for one in test())
            fitting = self._rows[start], self._rows[start + 1]
            self._linearity[start] = linearity(fitting, (before, after), self.states.rows, progress)
        return self._linearity[start]

    def _of_states(self, steps: Sequence[Callable[[torch.Tensor], torch.Tensor]]) -> Function:
        """Return steps from lifted rows to rows, one after the other, as one function of flattened states."""

        def run(states: torch.Tensor) -> torch.Tensor:
            rows = self.states.written(states)
            for step in steps:
                rows = step(self.states.lifted(rows))
            return self.states.states(rows)

        return run
