"""What the replacement of steps asks of a path: a residual stream, or a recurrent layer's states along a sequence."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch

from koopview.hybrid.linearity import Pair
from koopview.hybrid.step_linearity import Linearity
from koopview.hybrid.stream_states import StreamStates
from koopview.network.network import Function
from koopview.progress import Progress


@dataclass(frozen=True, eq=False)
class Passage:
    """What samples give as they pass a path.

    Attributes
    ----------
    states : mapping from position to tensor (samples, entries)
        Flattened; those before and behind all steps asked for.
    inputs : mapping from position to tensor (samples, numbers)
        What the step that begins there takes beside the state; empty where steps take nothing else.
    """

    states: Mapping[int, torch.Tensor]
    inputs: Mapping[int, torch.Tensor]

    def given(self, start: int, end: int) -> torch.Tensor:
        """Return what a replacement takes: the state x_start, and behind it the inputs of all steps up to `end`."""
        return torch.cat([self.states[start], *(self.inputs[k] for k in range(start, end) if k in self.inputs)], 1)

    def after(self, start: int, end: int) -> torch.Tensor:
        """Return the states after `start` up to `end` that are known, one behind the other."""
        return torch.cat([self.states[k] for k in sorted(self.states) if start < k <= end], 1)


class PathOperator(Protocol):
    """An operator that moves a state one step further."""

    @property
    def rank(self) -> int:
        """Its rank, the constant counted."""

    @property
    def ridge(self) -> float:
        """Its ridge."""

    @property
    def eigenvalues(self) -> np.ndarray:
        """Eigenvalues per step (rank,), by falling modulus; the constant's, 1, is among them."""


class PathMaps(Protocol):
    """Replacements of steps, fitted to the states of some samples."""

    @property
    def states(self) -> StreamStates:
        """What a state is."""

    @property
    def means(self) -> list[torch.Tensor]:
        """The mean state (entries,) at each position."""

    def fitted(self, start: int, blocks: int, progress: Progress) -> tuple[PathOperator, dict[str, Function]]:
        """Return the operator of `blocks` steps from `start` on, and all replacements of them by name.

        These are functions of what :meth:`Passage.given` gives; they return what :meth:`Passage.after` does.
        """

    def projected(self, states: torch.Tensor) -> torch.Tensor:
        """Return states, one or more behind one another, as they come back from their rows."""

    def linearity(self, start: int, test: Callable[[], Pair], progress: Progress) -> Linearity:
        """Return the Linearity of a step; `test` gives what it takes and what it gives, of test samples."""


class DepthPath(Protocol):
    """A path through a network: a state that steps of one kind change one after the other."""

    @property
    def names(self) -> tuple[str, ...]:
        """The steps, by name."""

    @property
    def layer(self) -> str:
        """The recurrent layer whose time steps they are; empty for the blocks of a residual stream."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one sample's state."""

    @property
    def driven(self) -> bool | None:
        """Whether replacements see what steps take beside the state; None where steps take nothing else."""

    def index(self, name: str) -> int | None:
        """Return the index of the step called `name`, None if there is none."""

    def needed(self, start: int, end: int) -> Collection[int]:
        """Return the positions of the states that a replacement from `start` to `end` takes and gives."""

    def passage(self, x: torch.Tensor, positions: Collection[int]) -> Passage:
        """Return the Passage of inputs x of the network, with the states at some positions."""

    def outputs(self, x: torch.Tensor, start: int, end: int, found: torch.Tensor) -> torch.Tensor:
        """Return the network's outputs on inputs x if the states after `start` up to `end` are those `found`."""

    def maps(self, seen: Passage, states: str, seed: int) -> PathMaps:
        """Return the PathMaps of the fitting samples' Passage of the whole path."""
