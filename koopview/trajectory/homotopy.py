"""The default scaling: a closed-form path from a layer's input to its output."""

import torch

from koopview.network.network import Layer
from koopview.trajectory.padding import pad


def homotopy(layer: Layer, x0: torch.Tensor, steps: int, until: int, fill: float) -> torch.Tensor:
    """Blend the affine operation with the identity, and the activation with the identity (METHOD section 2.1).

    With s = k / N: ``z(s) = (1-s) x0 + s pad(W x0 + b)`` and ``x(s) = (1-s) z(s) + s act(z(s))``. Entries past the
    layer's outputs skip the activation. The end point is exact; for ReLU the path is a leaky ReLU whose slope on
    negative inputs goes from 1 to 0. The paper does not give a closed form: this one is our choice.

    Parameters
    ----------
    layer : Layer
    x0 : tensor (samples, inputs)
    steps : int
        N, the number of steps of the whole path.
    until : int
        Last step to compute, at most `steps`.
    fill : float
        Value of appended entries.

    Returns
    -------
    tensor (samples, until + 1, states)
    """
    start = pad(x0, layer.states, fill)[:, None]
    affine = pad(layer.affine(x0), layer.states, fill)[:, None]
    s = (torch.arange(until + 1, dtype=x0.dtype, device=x0.device) / steps)[:, None]
    path = torch.lerp(start, affine, s)
    real = path[..., : layer.outputs]
    path[..., : layer.outputs] = torch.lerp(real, layer.activation(real), s)
    return path
