"""The control experiment: a straight line from a layer's input to its output."""

import torch

from koopview.network.network import Layer
from koopview.trajectory.padding import padded


def linear(layer: Layer, x0: torch.Tensor, s: torch.Tensor, pad: float) -> torch.Tensor:
    """Draw a straight line, ``x(s) = (1-s) x0 + s x[N]`` (METHOD section 2.4); parameters as for `homotopy`.

    Two delays predict it exactly whatever the layer does, so it shows what a lift may give away.
    """
    start = padded(x0, layer.states, pad)[:, None]
    end = padded(layer(x0), layer.states, pad)[:, None]
    return torch.lerp(start, end, s[:, None])
