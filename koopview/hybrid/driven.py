"""One operator in the place of time steps that take inputs: h_k+1 = A h_k + B u_k+1 + c, and its controls.

This is dynamic mode decomposition with control (Proctor, Brunton and Kutz 2016), over all samples and replaced steps.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch

from koopview.hybrid.linearity import Pair, linearity
from koopview.hybrid.parts import fifth
from koopview.hybrid.passage import Passage
from koopview.hybrid.regression import Primal
from koopview.hybrid.ridge import COARSE, SLOW, RidgeMap, chosen_ridge, identity, ridge_map
from koopview.hybrid.step_linearity import Linearity
from koopview.hybrid.stream_states import stream_states
from koopview.hybrid.working_memory import check_regression_memory
from koopview.network.network import Function
from koopview.progress import Progress, part, silent

Step = Callable[[torch.Tensor], torch.Tensor]
"""From a row with a step's inputs behind it (samples, entries + inputs) to the next row (samples, entries)."""


@dataclass(frozen=True, eq=False)
class DrivenOperator:
    """The operator that moves a row one time step further, with the inputs of that step.

    Attributes
    ----------
    weight : float64 tensor (entries + inputs, entries)
        A above B, transposed.
    offset : float64 tensor (entries,)
        c.
    ridge : float
        Relative to the mean diagonal of the features' centred Gram matrix.
    """

    weight: torch.Tensor
    offset: torch.Tensor
    ridge: float

    def __call__(self, given: torch.Tensor) -> torch.Tensor:
        """Return the next rows (samples, entries) of rows with the step's inputs behind them."""
        return torch.addmm(self.offset, given.double(), self.weight).to(given.dtype)

    @property
    def rank(self) -> int:
        """Entries of a row, and the constant."""
        return len(self.offset) + 1

    @cached_property
    def eigenvalues(self) -> np.ndarray:
        """Eigenvalues of A, and the 1 of the constant, by falling modulus."""
        own = np.linalg.eigvals(self.weight[: len(self.offset)].T.cpu().numpy())
        found = np.append(own, 1.0).astype(complex)
        return found[np.argsort(-np.abs(found), kind="stable")]


def driven_operator(
    rows: Sequence[torch.Tensor], inputs: Sequence[torch.Tensor], progress: Progress = silent
) -> DrivenOperator:
    """Return the operator fitted by least squares with a ridge to all steps of rows h_0 to h_p, (samples, entries).

    Its ridge is chosen as those of the controls are: the smallest that does as well as the best, p steps later, on a
    fifth of the samples that the operator was not fitted to. `inputs` are those of each step (samples, numbers).
    """
    power, count = len(inputs), len(rows[0])
    given = torch.cat([with_inputs(rows[k], [inputs[k]]) for k in range(power)])
    check_regression_memory(len(given), given.shape[1], rows[0].shape[1])
    parts = [of.to(given.device) for of in fifth(count)]
    fitting, judging = (torch.cat([k * count + of for k in range(power)]) for of in parts)
    form = Primal(given, torch.cat(list(rows[1:])), identity, fitting, judging, part(progress, 0.0, 0.4))
    judged = [one[parts[1]].double() for one in inputs]

    def outputs_at(ridge: float) -> torch.Tensor | None:
        found = form.solved(ridge)
        if found is None:
            return None
        return rolled([DrivenOperator(*found, ridge)] * power, rows[0][parts[1]].double(), judged)[-1]

    stride = 1 if given.shape[1] <= SLOW else COARSE
    ridge, _ = chosen_ridge(outputs_at, rows[-1][parts[1]].double(), stride, part(progress, 0.4, 0.9))
    return DrivenOperator(*form.whole(ridge, part(progress, 0.9, 1.0)), ridge)


def with_inputs(rows: torch.Tensor, inputs: Sequence[torch.Tensor]) -> torch.Tensor:
    """Return rows (samples, entries) with the inputs of some steps behind them."""
    return torch.cat([rows, *inputs], 1)


def rolled(steps: Sequence[Step], rows: torch.Tensor, inputs: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """Return the rows after each of some steps, one after the other, each with its own inputs."""
    found = [rows]
    for step, own in zip(steps, inputs, strict=True):
        found.append(step(with_inputs(found[-1], [own])))
    return found[1:]


class DrivenMaps:
    """Replacements of time steps, fitted to the Passage of some samples; see :class:`koopview.hybrid.passage.PathMaps`.

    Every row but "skip" and "mean" sees the same: the state before the steps, and the inputs of each up to the state
    that it gives. Without inputs in the Passage the operator and its controls see the state alone.
    """

    def __init__(self, seen: Passage, states: str, seed: int = 0) -> None:
        known = [seen.states[k] for k in sorted(seen.states)]
        self._entries = known[0].shape[1]
        self.states = stream_states(states, (self._entries,), known, seed)
        self.means = [one.double().mean(0) for one in known]
        self._rows = [self.states.written(one) for one in known]
        nothing = known[0][:, :0]
        self._inputs = [seen.inputs.get(k, nothing) for k in range(len(known) - 1)]
        self._maps: dict[tuple[int, int], RidgeMap] = {}
        self._linearity: dict[int, Linearity] = {}

    def fitted(
        self, start: int, blocks: int, progress: Progress = silent
    ) -> tuple[DrivenOperator, dict[str, Function]]:
        """Return the DrivenOperator of `blocks` steps from `start` on, and all their replacements by name.

        "koopman", "affine" (one map from the start to each state), "affine_blocks" (one a step), "skip" (the state is
        kept) and "mean" (the mean of what the steps give): functions of the state with the inputs of all steps behind
        it, which return the states after each step, behind one another.
        """
        end = start + blocks
        operator = driven_operator(self._rows[start : end + 1], self._inputs[start:end], part(progress, 0.0, 0.5))
        pairs = [(start, k + 1) for k in range(start, end)] + [(k, k + 1) for k in range(start, end)]
        maps = [
            self.affine(*pair, part(progress, 0.5 + i / len(pairs) / 2, 0.5 + (i + 1) / len(pairs) / 2))
            for i, pair in enumerate(pairs)
        ]
        return operator, {
            "koopman": self._of_states(start, end, lambda rows, inputs: rolled([operator] * blocks, rows, inputs)),
            "affine": self._of_states(start, end, lambda rows, inputs: _each(maps[:blocks], rows, inputs)),
            "affine_blocks": self._of_states(start, end, lambda rows, inputs: rolled(maps[blocks:], rows, inputs)),
            "skip": lambda given: given[:, : self._entries].repeat(1, blocks),
            "mean": lambda given: torch.cat(self.means[start + 1 : end + 1]).to(given).expand(len(given), -1),
        }

    def affine(self, start: int, end: int, progress: Progress = silent) -> RidgeMap:
        """Return the ridge-affine map of the rows of h_start, and the inputs from there on, to those of h_end."""
        if (start, end) not in self._maps:
            given = with_inputs(self._rows[start], self._inputs[start:end])
            self._maps[start, end] = ridge_map(given, self._rows[end], progress=progress)
        return self._maps[start, end]

    def projected(self, states: torch.Tensor) -> torch.Tensor:
        """Return states, one or more behind one another, as they come back from their rows."""
        parts = states.split(self._entries, 1)
        return torch.cat([self.states.states(self.states.written(one)) for one in parts], 1)

    def linearity(self, start: int, test: Callable[[], Pair], progress: Progress = silent) -> Linearity:
        """Return the Linearity of the step from h_start on; `test` gives test samples' Pair of it."""
        if start not in self._linearity:
            given, after = test()
            fitting = with_inputs(self._rows[start], [self._inputs[start]]), self._rows[start + 1]
            apart = self._written(given), self.states.written(after)
            self._linearity[start] = linearity(fitting, apart, progress=progress)
        return self._linearity[start]

    def _written(self, given: torch.Tensor) -> torch.Tensor:
        """Return states with inputs behind them as rows with the same inputs."""
        return with_inputs(self.states.written(given[:, : self._entries]), [given[:, self._entries :]])

    def _of_states(
        self, start: int, end: int, run: Callable[[torch.Tensor, list[torch.Tensor]], list[torch.Tensor]]
    ) -> Function:
        """Return `run`, from rows and each step's inputs to the rows after each, as a function of states."""
        widths = [one.shape[1] for one in self._inputs[start:end]]

        def replaced(given: torch.Tensor) -> torch.Tensor:
            rows = self.states.written(given[:, : self._entries])
            inputs = list(given[:, self._entries :].split(widths, 1))
            return torch.cat([self.states.states(one) for one in run(rows, inputs)], 1)

        return replaced


def _each(maps: Sequence[RidgeMap], rows: torch.Tensor, inputs: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """Return the rows after each step, each by one map from the start on, of the inputs up to it."""
    return [one(with_inputs(rows, inputs[: i + 1])) for i, one in enumerate(maps)]
