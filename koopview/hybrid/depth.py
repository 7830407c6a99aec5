"""One operator applied once a block in the place of several blocks, and its controls (METHOD section 7, "depth")."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod

import numpy as np
import torch

from koopview.hybrid.automatic_rank import AUTO_RANKS
from koopview.hybrid.linearity import Pair, linearity
from koopview.hybrid.linearized import readout
from koopview.hybrid.parts import fifth
from koopview.hybrid.regression import RAISED
from koopview.hybrid.ridge import COARSE, SLOW, RidgeMap, chosen_ridge, ridge_map
from koopview.hybrid.step_linearity import Linearity
from koopview.hybrid.stream_states import StreamStates, stream_states
from koopview.koopman import Dmd, fit_dmd
from koopview.koopman.dmd import FLOAT32_ROUNDING
from koopview.koopman.trajectories import CHUNK, Chunks
from koopview.network.network import Function
from koopview.progress import Progress, part, silent

WHOLE = 1024
"""Rank up to which an operator keeps all directions: its eigenvalues then take some seconds."""


@dataclass(frozen=True, eq=False)
class DepthOperator:
    """The operator K, which moves a state one block further, and how often it is applied.

    Attributes
    ----------
    dmd : Dmd
        On standardised rows with a constant 1 behind them, at the numerical rank, with its ridge.
    centre, scale : float64 tensor (features,), float
        Rows are standardised as (row - centre) / scale; eigenvalues do not depend on it.
    entries : int
        Coordinates of a row among its features.
    power : int
        Blocks that are replaced, p.
    ridge : float
        Relative to the mean square of a feature.
    """

    dmd: Dmd
    centre: torch.Tensor
    scale: float
    entries: int
    power: int
    ridge: float

    def __call__(self, lifted: torch.Tensor) -> torch.Tensor:
        """Return the rows (n, entries) p blocks later, K^p, of rows with their observables (n, features)."""
        given = standardised(lifted.double(), self.centre, self.scale)
        moved = given @ torch.as_tensor(self.dmd.basis) @ self._readout.T
        return (moved * self.scale + self.centre[: self.entries]).to(lifted.dtype)

    @cached_property
    def _readout(self) -> torch.Tensor:
        return readout(self.dmd, self.entries, self.power, exact=True)

    @property
    def rank(self) -> int:
        """Its rank, the constant counted."""
        return self.dmd.rank

    @property
    def eigenvalues(self) -> np.ndarray:
        """Eigenvalues per block (rank,), by falling modulus; the constant's, 1, is among them."""
        return self.dmd.eigenvalues


def depth_operator(
    states: Sequence[torch.Tensor], entries: int, rows: int = 1, progress: Progress = silent
) -> DepthOperator:
    """Return the operator fitted to all pairs (x_k, x_k+1) of states x_0 to x_p, tensors (samples * rows, features).

    Its ridge is chosen as those of the controls are: the smallest that does as well as the best, p blocks later, on a
    fifth of the samples that the operator was not fitted to. So one block alone gets the same map as its control.
    `entries` of the features are predicted.
    """
    power, count = len(states) - 1, len(states[0])
    centre = torch.stack([one.double().mean(0) for one in states[:-1]]).mean(0)
    squares = [float((one.double() - centre).square().sum(1).mean()) for one in states[:-1]]
    scale = (sum(squares) / power) ** 0.5 or 1.0

    def make(indices: slice | torch.Tensor) -> torch.Tensor:
        return standardised(torch.stack([one[indices].double() for one in states], 1), centre, scale)

    shape = (count, power + 1, len(centre) + 1)
    dmd = fit_dmd(
        make(slice(None)) if prod(shape) <= CHUNK else Chunks(shape, lambda start, stop: make(slice(start, stop))),
        1,
        _rank_to_keep(shape),
        cutoff=FLOAT32_ROUNDING if states[0].dtype == torch.float32 else 0.0,
        progress=part(progress, 0.0, 0.6),
    )
    basis = torch.as_tensor(dmd.basis)
    fitting, judging = (indices.to(centre.device) for indices in fifth(count // rows, rows))
    some = Products.of((make(batch) for batch in fitting.split(max(1, CHUNK // prod(shape[1:])))), basis)
    judged = make(judging)
    starts = judged[:, 0] @ basis

    def outputs_at(ridge: float) -> torch.Tensor | None:
        found = some.solved(ridge)
        return None if found is None else starts @ (found[:entries] @ (basis.T @ found).matrix_power(power - 1)).T

    stride = 1 if dmd.rank <= SLOW else COARSE
    ridge, _ = chosen_ridge(outputs_at, judged[:, -1, :entries], stride, part(progress, 0.6, 1.0))
    return DepthOperator(ridged(dmd, ridge), centre, scale, entries, power, ridge)


@dataclass(frozen=True, eq=False)
class Products:
    """Sums over pairs (z, z') of states in the coordinates c of a basis whose last feature is a constant.

    Attributes
    ----------
    squares : tensor (rank, rank)
        The sum of ``c c^T``.
    moved : tensor (features, rank)
        The sum of ``z' c^T``.
    constant : tensor (rank,)
        The constant's coordinates.
    """

    squares: torch.Tensor
    moved: torch.Tensor
    constant: torch.Tensor

    @classmethod
    def of(cls, batches: Iterable[torch.Tensor], basis: torch.Tensor) -> "Products":
        """Return the Products of trajectories (samples, p + 1, features), batch by batch."""
        features, rank = basis.shape
        squares, moved = basis.new_zeros(rank, rank), basis.new_zeros(features, rank)
        for batch in batches:
            before = (batch[:, :-1] @ basis).flatten(0, 1)
            squares += before.T @ before
            moved += batch[:, 1:].flatten(0, 1).T @ before
        return cls(squares, moved, basis[-1])

    def solved(self, ridge: float) -> torch.Tensor | None:
        """Return the matrix (features, rank) of the step by least squares with a ridge, None if there is none.

        The ridge is relative to the mean square of a feature, as in :func:`koopview.hybrid.ridge.ridge_map`, and leaves
        the constant alone.
        """
        of_states = float(self.squares.trace() - self.constant @ self.squares @ self.constant)
        added = ridge * of_states / max(1, len(self.moved) - 1) or 1.0
        penalty = torch.eye(len(self.squares)).to(self.squares) - torch.outer(self.constant, self.constant)
        factor, failed = torch.linalg.cholesky_ex(self.squares + added * penalty)
        return None if failed else torch.cholesky_solve(self.moved.T, factor).T


def ridged(dmd: Dmd, ridge: float) -> Dmd:
    """Return the operator with a ridge; a larger one where rounding leaves none."""
    basis = torch.as_tensor(dmd.basis)
    squares = torch.as_tensor(dmd.singular_values[: dmd.rank]).to(basis) ** 2
    whole = Products(squares.diag(), torch.as_tensor(dmd.propagated_basis) * squares, basis[-1])
    found = whole.solved(ridge)
    while found is None:
        found = whole.solved(ridge := RAISED * ridge)
    return replace(dmd, matrix=basis.T @ found, propagated_basis=found)


def _rank_to_keep(shape: tuple[int, int, int]) -> int:
    """Return the rank to decompose for: all of a small problem, of a large one what a ridge leaves anything of."""
    samples, steps, features = shape
    size = min(features, samples * (steps - 1))
    return size if size <= WHOLE else max(AUTO_RANKS)


def standardised(rows: torch.Tensor, centre: torch.Tensor, scale: float) -> torch.Tensor:
    """Return rows (..., features) centred and divided by `scale`, and a constant 1 behind them."""
    return torch.cat([(rows - centre) / scale, rows.new_ones(*rows.shape[:-1], 1)], -1)


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

    def fitted(self, start: int, blocks: int, progress: Progress = silent) -> tuple[DepthOperator, dict[str, Function]]:
        """Return the DepthOperator of `blocks` blocks from `start` on, and all their replacements by name."""
        operator = self.operator(start, blocks, part(progress, 0.0, 0.5))
        return operator, self.replacements(operator, start, part(progress, 0.5, 1.0))

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
