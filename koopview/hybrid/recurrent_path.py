"""The states of a recurrent layer along a sequence as the path whose time steps are replaced."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import torch

from koopview.hybrid.driven import DrivenMaps
from koopview.hybrid.passage import Passage
from koopview.hybrid.recurrence import Recurrence, call_on, run_replaced, walked
from koopview.network.network import Network


@dataclass(frozen=True, eq=False)
class RecurrentPath:
    """The time steps of a recurrence of a network; see :class:`koopview.hybrid.passage.DepthPath`.

    `driven` says whether replacements see the inputs of the steps that they replace.
    """

    network: Network
    recurrence: Recurrence
    driven: bool = True

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The time steps, by number from 1 on: step k gives the state h_k."""
        return tuple(str(k + 1) for k in range(self.recurrence.steps))

    @property
    def layer(self) -> str:
        """The name of the recurrence."""
        return self.recurrence.name

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one sample's state."""
        return (self.recurrence.entries,)

    def index(self, name: str) -> int | None:
        """Return the index of the time step of that number, None if there is none."""
        return self.names.index(name) if name in self.names else None

    def needed(self, start: int, end: int) -> Collection[int]:
        """Return the positions of all states from `start` to `end`: the layer may give each of them."""
        return range(start, end + 1)

    def passage(self, x: torch.Tensor, positions: Collection[int]) -> Passage:
        """Return the Passage of inputs x, with the states at some positions, and the inputs of all time steps."""
        call = call_on(self.network, self.recurrence, x)
        states = walked(call)
        inputs = {k: call.inputs(k).flatten(1) for k in range(call.steps)} if self.driven else {}
        return Passage({k: states[k] for k in positions}, inputs)

    def outputs(self, x: torch.Tensor, start: int, end: int, found: torch.Tensor) -> torch.Tensor:
        """Return the network's outputs on inputs x if the states h_start+1 to h_end are those `found`."""
        states = found.split(self.recurrence.entries, 1)
        return run_replaced(self.network, self.recurrence, x, start, states)

    def maps(self, seen: Passage, states: str, seed: int) -> DrivenMaps:
        """Return the DrivenMaps of the fitting samples' Passage of all time steps."""
        return DrivenMaps(seen, states, seed)
