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
        Shares of the path, from 0 (the padded input) to 1 (the padded output), in the precision of `x0`.
    pad : float
        Value of appended entries.

    Returns
    -------
    tensor (samples, snapshots, states)
    """
    start = padded(x0, layer.states, pad)[:, None]
    if layer.blended is not None:
        return torch.lerp(start, blended_outputs(layer, x0, s, pad), s[:, None])
    affine = padded(layer.affine(x0), layer.states, pad)[:, None]
    path = torch.lerp(start, affine, s[:, None])
    real = path[..., : layer.outputs]
    path[..., : layer.outputs] = torch.lerp(real, layer.activation(real), s[:, None])
    return path


def blended_outputs(layer: Layer, x0: torch.Tensor, s: torch.Tensor, pad: float) -> torch.Tensor:
    """Return ``pad(f_s(x0))`` (samples, snapshots, states) of a stage; not computed for s = 0, where it has no part."""
    assert layer.blended is not None
    start = padded(x0, layer.states, pad)
    return torch.stack([padded(layer.blended(x0, share), layer.states, pad) if share else start for share in s], 1)
