"""A layer stretched into a path of small steps: what every scaling makes."""

import numpy as np
import torch
from torch import nn

from koopview.network.network import Layer
from koopview.trajectory.schedule import path_shares
from koopview.trajectory.states.reading import Reading


class ScaledLayer(nn.Module):
    """A layer as a path of `steps` small steps from its padded input to its padded output.

    Attributes
    ----------
    layer : Layer
    steps : int
        N.
    pad : float
        Value of appended entries.
    schedule : str or None
        Where the steps stand on the path, see :func:`koopview.trajectory.schedule.checked_schedule`; None for a
        learned scaling, which steps evenly.
    reading : Reading or None
        How states are read of the layer's input and output; None for flat states.
    exact : bool
        Whether the end point is the layer's output. Where it is not, the scaled network's accuracy differs from
        the original's.
    """

    exact = True

    def __init__(
        self, layer: Layer, steps: int, pad: float, schedule: str | None = None, reading: Reading | None = None
    ) -> None:
        super().__init__()
        self.layer, self.steps, self.pad, self.schedule, self.reading = layer, steps, pad, schedule, reading
        self.affine, self.activation, self.blended = layer.affine, layer.activation, layer.blended  # to move with it

    @property
    def smooth(self) -> bool:
        """Whether the path is a formula's with few kinks: that of a block, or of states that are read of a stage."""
        return self.schedule is not None and (self.reading is not None or self.layer.blended is not None)

    @property
    def rows(self) -> int:
        """Trajectories of each sample: 1, or as many as the reading has."""
        return 1 if self.reading is None else self.reading.rows

    @property
    def entries(self) -> tuple[int, int, int]:
        """Entries of a state at its start, at its end, and those of the end that are the layer's output."""
        if self.reading is None:
            return self.layer.inputs, self.layer.outputs, self.layer.outputs
        return self.reading.inputs, self.reading.outputs, self.reading.read

    @property
    def most_samples(self) -> int:
        """Samples whose paths are computed at once, so that the tensors of wide stages fit into memory."""
        return max(1, self.layer.most_samples // 2)  # in float64

    def paths(self, x: torch.Tensor, until: int) -> torch.Tensor:
        """Return the same states for any number of samples, computed for some of them at once."""
        if self.reading is None or len(x) <= self.most_samples:
            return self(x, until)
        return torch.cat([self(one, until) for one in x.split(self.most_samples)])

    def shown(self, x: torch.Tensor) -> torch.Tensor:
        """Return one whole path of each input x (samples, inputs), that of its middle row, (samples, steps + 1, d)."""
        return self.paths(x, self.steps)[self.rows // 2 :: self.rows]

    def assembled(self, rows: torch.Tensor) -> torch.Tensor:
        """Return the layer's outputs (samples, outputs) of the first entries (samples, rows, read) of the end states.

        Without a reading these are the outputs themselves (samples, outputs).
        """
        return rows if self.reading is None else self.reading.assembled(rows)

    @property
    def shares(self) -> np.ndarray:
        """The share of the path at which each step stands, float64 (steps + 1,), from 0 to 1."""
        return path_shares(self.schedule, self.steps)

    def forward(self, x: torch.Tensor, until: int) -> torch.Tensor:
        """Return the states (samples x rows, until + 1, states) of inputs x (samples, inputs); `until` <= `steps`."""
        raise NotImplementedError

    def output(self, x: torch.Tensor) -> torch.Tensor:
        """Return the path's end (samples, outputs): the output of the scaled, not linearized, layer."""
        if self.reading is not None:
            return self.reading.assembled(self.reading.ends(self.layer(x))[..., : self.reading.read])
        return self(x, self.steps)[:, -1, : self.layer.outputs]
