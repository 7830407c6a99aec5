"""The control experiment: a straight line from a layer's input to its output."""

import torch

from koopview.network.network import Layer
from koopview.trajectory.padding import pad


def linear(layer: Layer, x0: torch.Tensor, steps: int, until: int, fill: float) -> torch.Tensor:
    """Draw a straight line, ``x(s) = (1-s) x0 + s x[N]`` (METHOD section 2.4); parameters as for `homotopy`.

    Two delays predict it exactly whatever the layer does, so it shows what a lift may give away.
    """
    start = pad(x0, layer.states, fill)[:, None]
    end = pad(layer(x0), layer.states, fill)[:, None]
    s = (torch.arange(until + 1, dtype=x0.dtype, device=x0.device) / steps)[:, None]
    return torch.lerp(start, end, s)
