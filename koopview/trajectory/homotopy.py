"""The default scaling: a closed-form path from a layer's input to its output."""

import torch

from koopview.network.network import Layer
from koopview.trajectory.padding import padded


def homotopy(layer: Layer, x0: torch.Tensor, s: torch.Tensor, pad: float) -> torch.Tensor:
    """Blend the affine operation with the identity, and the activation with the identity (METHOD section 2.1).

    At a share s of the path: ``z(s) = (1-s) x0 + s pad(W x0 + b)`` and ``x(s) = (1-s) z(s) + s act(z(s))``. Entries
    past the layer's outputs skip the activation. The end point is exact; for ReLU the path is a leaky ReLU whose slope
    on negative inputs goes from 1 to 0. The paper does not give a closed form: this one is our choice.

    For any other stage ``x(s) = (1-s) x0 + s pad(f_s(x0))``, where f_s is the stage with each nonlinear operation
    blended with the identity by s (METHOD section 7).

    Parameters
    ----------
    layer : Layer
    x0 : tensor (samples, inputs)
    s : tensor (snapshots,)
        Shares of the path, the first 0 (the padded input), up to 1 (the padded output), in the precision of `x0`.
    pad : float
        Value of appended entries.

    Returns
    -------
    tensor (samples, snapshots, states)
    """
    start = padded(x0, layer.states, pad)[:, None]
    if layer.blended is not None:
        ends = [padded(layer.at_share(x0, share), layer.states, pad) for share in s[1:]]  # s[0] = 0: no part
        return torch.lerp(start, torch.stack([start[:, 0], *ends], 1), s[:, None])
    affine = padded(layer.affine(x0), layer.states, pad)[:, None]
    path = torch.lerp(start, affine, s[:, None])
    real = path[..., : layer.outputs]
    path[..., : layer.outputs] = torch.lerp(real, layer.activation(real), s[:, None])
    return path
