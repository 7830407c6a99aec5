"""A layer replaced by its linear operator, as a torch module (METHOD section 5)."""

from typing import Any

import torch
from torch import nn

from koopview.koopman import Dmd
from koopview.network.network import Layer
from koopview.trajectory.scaling import Scaling


class LinearizedLayer(nn.Module):
    """Scale the first h - 1 steps, lift to z[0], apply ``A_r^(N-h+1)``, take the newest state, drop what was appended.

    Applying the operator and taking the newest state are one matrix, `readout` (outputs, rank), so a change of rank
    costs that matrix alone.

    Parameters
    ----------
    layer : Layer
        In the precision in which trajectories are computed.
    dmd : Dmd
        Fitted to the trajectories of this layer under the same scaling, steps and pad value.
    steps : int
        N.
    fill : float
        Value of appended entries.
    """

    basis: torch.Tensor
    readout: torch.Tensor

    def __init__(self, layer: Layer, scaling: Scaling, dmd: Dmd, steps: int, fill: float) -> None:
        super().__init__()
        self.layer, self.scaling, self.dmd = layer, scaling, dmd
        self.affine, self.activation = layer.affine, layer.activation
        self.steps, self.fill = steps, fill
        self.register_buffer("basis", torch.as_tensor(dmd.basis))
        self.register_buffer("readout", readout(dmd, layer, steps))

    def coordinates(self, x: torch.Tensor) -> torch.Tensor:
        """Return the delay vector z[0] of inputs (samples, inputs) in the basis, (samples, rank)."""
        path = self.scaling(self.layer, x.to(self.basis.dtype), self.steps, self.dmd.delays - 1, self.fill)
        return path.flatten(1) @ self.basis

    def outputs(self, coordinates: torch.Tensor) -> torch.Tensor:
        """Return the layer's outputs (samples, outputs) from coordinates of at least `rank` columns."""
        return coordinates[:, : self.readout.shape[1]] @ self.readout.T.to(coordinates.dtype)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return (samples, outputs) in the precision of `x` (samples, inputs)."""
        return self.outputs(self.coordinates(x)).to(x.dtype)


def readout(dmd: Dmd, layer: Layer, steps: int) -> torch.Tensor:
    """Return the matrix (outputs, rank) that takes coordinates of z[0] to the layer's output."""
    newest: Any = dmd.basis[(dmd.delays - 1) * layer.states :][: layer.outputs]
    return torch.as_tensor(newest @ dmd.power(steps - dmd.delays + 1))
