"""A residual stream as the path whose blocks are replaced."""

from collections.abc import Collection
from dataclasses import dataclass

import torch

from koopview.hybrid.depth import DepthMaps
from koopview.hybrid.passage import Passage
from koopview.hybrid.streams import Stream, run_after, states_at
from koopview.network.network import Network


@dataclass(frozen=True, eq=False)
class StreamPath:
    """The blocks of a stream of a network; see :class:`koopview.hybrid.passage.DepthPath`."""

    network: Network
    stream: Stream
    layer: str = ""
    driven: bool | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The blocks, by name."""
        return tuple(one.name for one in self.stream.blocks)

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one sample's state."""
        return self.stream.shape

    def index(self, name: str) -> int | None:
        """Return the index of the block called `name`, or that begins with that layer; None if there is none."""
        return self.stream.index(name)

    def has(self, layer: str) -> bool:
        """Return whether the layer called `layer` stands in one of the blocks."""
        return any(layer in one.layers for one in self.stream.blocks)

    def needed(self, start: int, end: int) -> Collection[int]:
        """Return the positions before and after the replaced blocks."""
        return start, end

    def passage(self, x: torch.Tensor, positions: Collection[int]) -> Passage:
        """Return the Passage of inputs x, with the states at some positions."""
        return Passage(states_at(self.network, self.stream, x, positions), {})

    def outputs(self, x: torch.Tensor, start: int, end: int, found: torch.Tensor) -> torch.Tensor:
        """Return the network's outputs if the state at `end` is the one `found`."""
        return run_after(self.network, self.stream, end, found)

    def maps(self, seen: Passage, states: str, seed: int) -> DepthMaps:
        """Return the DepthMaps of the fitting samples' states at all positions."""
        return DepthMaps([seen.states[k] for k in sorted(seen.states)], self.shape, states, seed)
