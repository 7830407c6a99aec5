"""A layer stretched into a path of small steps: what every scaling makes."""

import torch
from torch import nn

from koopview.network.network import Layer


class ScaledLayer(nn.Module):
    """A layer as a path of `steps` small steps from its padded input to its padded output.

    Attributes
    ----------
    layer : Layer
    steps : int
        N.
    fill : float
        Value of appended entries.
    exact : bool
        Whether the end point is the layer's output. Where it is not, the scaled network's accuracy differs from
        the original's.
    """

    exact = True

    def __init__(self, layer: Layer, steps: int, fill: float) -> None:
        super().__init__()
        self.layer, self.steps, self.fill = layer, steps, fill
        self.affine, self.activation = layer.affine, layer.activation  # the module's own, so that it moves with it

    def forward(self, x: torch.Tensor, until: int) -> torch.Tensor:
        """Return the states (samples, until + 1, states) of inputs x (samples, inputs); `until` at most `steps`."""
        raise NotImplementedError

    def output(self, x: torch.Tensor) -> torch.Tensor:
        """Return the path's end (samples, outputs): the layer scaled and nothing linearized."""
        return self(x, self.steps)[:, -1, : self.layer.outputs]
