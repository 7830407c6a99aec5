"""A layer stretched into a path of small steps: what every scaling makes."""

import numpy as np
import torch
from torch import nn

from koopview.network.network import Layer
from koopview.trajectory.schedule import path_shares


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
    exact : bool
        Whether the end point is the layer's output. Where it is not, the scaled network's accuracy differs from
        the original's.
    """

    exact = True

    def __init__(self, layer: Layer, steps: int, pad: float, schedule: str | None = None) -> None:
        super().__init__()
        self.layer, self.steps, self.pad, self.schedule = layer, steps, pad, schedule
        self.affine, self.activation = layer.affine, layer.activation  # as submodules, to move with it

    @property
    def shares(self) -> np.ndarray:
        """The share of the path at which each step stands, float64 (steps + 1,), from 0 to 1."""
        return path_shares(self.schedule, self.steps)

    def forward(self, x: torch.Tensor, until: int) -> torch.Tensor:
        """Return the states (samples, until + 1, states) of inputs x (samples, inputs); `until` at most `steps`."""
        raise NotImplementedError

    def output(self, x: torch.Tensor) -> torch.Tensor:
        """Return the path's end (samples, outputs): the output of the scaled, not linearized, layer."""
        return self(x, self.steps)[:, -1, : self.layer.outputs]
