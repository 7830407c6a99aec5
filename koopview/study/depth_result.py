"""The results of replacing blocks by one operator: plain numbers, which the window draws; no torch here."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from koopview.errors import InputError
from koopview.hybrid.rows import DEPTH_CONTROLS, DEPTH_ROWS
from koopview.hybrid.step_linearity import Linearity
from koopview.hybrid.stream_words import checked_states
from koopview.study.comparison import Difference, Scores, measure_of, scores_by
from koopview.study.settings import DEFAULT_SAMPLES, FitSettings
from koopview.trajectory.states import FLAT

DEPTH_SCHEMA = 1
"""Version of the JSON object of ``koopview depth``."""

MOST_STEPS = 16
"""Most starts, and numbers, of time steps in a table."""


@dataclass(frozen=True)
class DepthSettings:
    """Settings of the replacement of blocks, or of time steps, by one operator.

    Attributes
    ----------
    start : str
        The first block that is replaced, or the first layer of it; of a recurrent layer the first time step, from "1".
    blocks : int
        How many are replaced, p.
    states : str
        What a state is: "flat", "tokens", "pca" or "pca:K".
    samples, draw, seed : int or None, int, int
        As in :class:`FitSettings`.
    inputs : bool
        Whether what replaces time steps sees their inputs; blocks of a residual stream have none.
    """

    start: str
    blocks: int
    states: str = FLAT
    samples: int | None = DEFAULT_SAMPLES
    draw: int = 0
    seed: int = 0
    inputs: bool = True

    def __post_init__(self) -> None:
        alike = FitSettings(self.start, samples=self.samples, draw=self.draw, seed=self.seed)  # the same checks
        for name in ("samples", "draw", "seed"):
            object.__setattr__(self, name, getattr(alike, name))
        checked_states(self.states)
        if not isinstance(self.inputs, bool):
            raise InputError(f"inputs is {self.inputs!r}, expected True or False")
        if not isinstance(self.blocks, (int, np.integer)) or isinstance(self.blocks, bool) or self.blocks < 1:
            raise InputError(f"blocks is {self.blocks!r}, expected a whole number of 1 or more", "--blocks")
        object.__setattr__(self, "blocks", int(self.blocks))


@dataclass(frozen=True, eq=False)
class DepthResult:
    """Blocks of a residual stream, or time steps of a recurrent layer, replaced by one operator applied as often.

    Its controls stand beside it.

    Attributes
    ----------
    stream : tuple of str
        All blocks of the stream, by name; all time steps, from "1" on.
    layer : str
        The recurrent layer whose time steps they are; empty for a residual stream.
    driven : bool or None
        Whether the operator and its controls see the inputs of the time steps; None for a residual stream.
    start : int
        Index of the first one that is replaced.
    shape : tuple of int
        Of one sample's state.
    states : str
        What a state was: another word than asked for where a flat state is too large.
    rank : int
        Of the operator, its constant counted.
    ridge : float
        Of the operator, relative to the mean square of a feature.
    accuracy, r2, relative_error, agreements, output_errors, intervals : dict
        As in :class:`koopview.study.result.FitResult`, of DEPTH_ROWS; "projected" is None where states lose nothing.
    cosines, centred_cosines : dict
        Mean over test samples of the cosine of the replaced state, where the replaced blocks end, with the true one,
        of DEPTH_ROWS without the original; as it is, and after the mean of the fitting samples is subtracted from both
        (None for "mean"). The first flatters: states of one stream point the same way.
    above : dict
        The operator's lead over each control, a Difference, None if nothing is measured.
    eigenvalues : complex array
        Of the operator, one for each of its rank, per block, by falling modulus; the constant's, 1, is among them.
    linearity : tuple of Linearity
        Of each replaced block.
    seconds : float
    """

    model: str
    data: str
    settings: DepthSettings
    stream: tuple[str, ...]
    layer: str
    driven: bool | None
    start: int
    shape: tuple[int, ...]
    states: str
    rank: int
    ridge: float
    fit_samples: int
    test_samples: int
    task: str | None
    accuracy: Scores
    r2: Scores
    relative_error: Scores
    agreements: Scores
    output_errors: Scores
    intervals: dict[str, tuple[float, float] | None]
    cosines: Scores
    centred_cosines: Scores
    above: dict[str, Difference | None]
    eigenvalues: np.ndarray
    linearity: tuple[Linearity, ...]
    seconds: float
    versions: dict[str, str]

    @property
    def unit(self) -> str:
        """What is replaced, in the singular: "block" or "time step"."""
        return "time step" if self.layer else "block"

    @property
    def path(self) -> tuple[object, ...]:
        """What the cells of one table have in common."""
        return self.layer, self.stream, self.driven

    @property
    def grid(self) -> tuple[Sequence[int], Sequence[int]]:
        """The starts and numbers of blocks of the whole table, see :func:`depth_grid`."""
        return depth_grid(len(self.stream), self.layer)

    @property
    def blocks(self) -> tuple[str, ...]:
        """The replaced blocks, by name."""
        return self.stream[self.start : self.start + self.settings.blocks]

    @property
    def measure(self) -> str:
        """The measure of the rows: "accuracy", "r2", or without labels "agreement"."""
        return measure_of(self.task, self.r2)

    @property
    def rows(self) -> Scores:
        """The scores of DEPTH_ROWS by that measure, in their order."""
        known = {"accuracy": self.accuracy, "r2": self.r2, "agreement": self.agreements}
        return scores_by(self.measure, DEPTH_ROWS, known)

    @property
    def above_best_control(self) -> Difference | None:
        """The operator's lead over the control with the highest score on the test samples, None if none is measured.

        So chosen, a control looks better than it is, never the operator. None too where the operator's outputs are no
        nearer to the network's than their mean: it is ahead of other wrecks by chance.
        """
        own, mean = (self.output_errors.get(name) for name in ("koopman", "mean"))
        if own is not None and mean is not None and own >= mean:
            return None
        known = [one for one in self.above.values() if one is not None]
        return min(known, key=lambda one: one.value, default=None)

    @property
    def note(self) -> str:
        """A sentence about the states, where they are others than asked for; empty otherwise."""
        if self.states.partition(":")[0] == self.settings.states.partition(":")[0]:
            return ""
        entries = int(np.prod(self.shape))
        return f"a flat state has {entries:,} entries, too many for one operator: these are its principal components"

    def summary(self) -> dict[str, Any]:
        """Return the JSON object of ``koopview depth``."""
        above, settings = self.above_best_control, self.settings
        return {
            "schema": DEPTH_SCHEMA,
            "model": self.model,
            "data": self.data,
            "start": self.blocks[0],
            "blocks": settings.blocks,
            "replaced": list(self.blocks),
            "stream": list(self.stream),
            "layer": self.layer or None,
            "inputs": self.driven,
            "shape": list(self.shape),
            "states_asked": settings.states,
            "states": self.states,
            "rank": self.rank,
            "ridge": self.ridge,
            "fit_samples": self.fit_samples,
            "test_samples": self.test_samples,
            "task": self.task,
            "accuracy": {name: self.accuracy.get(name) for name in DEPTH_ROWS},
            **({"r2": dict(self.r2), "relative_error": dict(self.relative_error)} if self.r2 else {}),
            "agreements": dict(self.agreements),
            "output_errors": dict(self.output_errors),
            "intervals": {name: None if pair is None else list(pair) for name, pair in self.intervals.items()},
            "cosines": dict(self.cosines),
            "centred_cosines": dict(self.centred_cosines),
            "above": {name: None if one is None else [one.value, one.error] for name, one in self.above.items()},
            "above_best_control": None if above is None else [above.value, above.error],
            "best_control": None if above is None else above.control,
            "eigenvalues": np.column_stack([self.eigenvalues.real, self.eigenvalues.imag]).tolist(),
            "linearity": [asdict(one) for one in self.linearity],
            "draw": settings.draw,
            "seed": settings.seed,
            "seconds": self.seconds,
            "versions": dict(self.versions),
        }


def depth_grid(length: int, layer: str = "") -> tuple[Sequence[int], Sequence[int]]:
    """Return the starts, and the numbers of blocks, of the table of a path of `length` blocks; not all pairs fit.

    Those of a recurrent `layer` are time steps: of many the table has every second, third, ... start and number, and
    the whole sequence.
    """
    stride = -(-length // MOST_STEPS) if layer else 1
    numbers = [*range(stride, length + 1, stride)]
    return range(0, length, stride), numbers if length % stride == 0 else [*numbers, length]


REPLACEMENTS = ("koopman", *DEPTH_CONTROLS)
"""What may stand in the place of the blocks."""

COLUMNS = (
    *("start", "blocks", "states", "rank"),
    *DEPTH_ROWS,
    *("above", "above_error", "best_control", "agreement", "output_error"),
    *(f"cosine_{name}" for name in REPLACEMENTS),
    *(f"centred_cosine_{name}" for name in REPLACEMENTS),
)
"""Columns of the CSV table of cells; scores are those of the task's measure, None is empty."""


def depth_rows(cells: Sequence[DepthResult]) -> list[list[object]]:
    """Return the CSV rows of cells, the names of the columns first."""
    return [list(COLUMNS), *(_csv_row(cell) for cell in cells)]


def _csv_row(cell: DepthResult) -> list[object]:
    best = cell.above_best_control
    lead = ("", "", "") if best is None else (best.value, best.error, best.control)
    told = [cell.blocks[0], cell.settings.blocks, cell.states, cell.rank, *cell.rows.values(), *lead]
    told += [cell.agreements.get("koopman"), cell.output_errors.get("koopman")]
    told += [scores.get(name) for scores in (cell.cosines, cell.centred_cosines) for name in REPLACEMENTS]
    return ["" if value is None else value for value in told]
