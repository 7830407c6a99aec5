"""What a reader must see beside a hybrid: the layer replaced by something trivial (METHOD section 5)."""

from collections.abc import Callable

import torch

from koopview.koopman.dmd import FLOAT32_ROUNDING
from koopview.network.network import Layer
from koopview.trajectory.padding import padded

Function = Callable[[torch.Tensor], torch.Tensor]

BASELINES = ("affine", "mean", "identity")


def baseline(name: str, layer: Layer, x: torch.Tensor, fill: float) -> Function:
    """Return the baseline called `name` for a layer, fitted to its inputs `x` (samples, inputs)."""
    if name == "affine":
        return affine_map(x, layer(x))
    return mean_output(layer(x)) if name == "mean" else identity(layer, fill)


def affine_map(x: torch.Tensor, y: torch.Tensor) -> Function:
    """Return the affine least-squares map from x (samples, inputs) to y (samples, outputs).

    Solved in float64, smallest norm where the inputs do not determine it (the rim of a picture is constant, and behind
    another affine map a wide layer sees a narrow one's few dimensions and rounding).
    """
    one = torch.ones(len(x), 1, dtype=torch.float64)
    design, target = torch.cat([x.cpu().double(), one], 1), y.cpu().double()
    weights = torch.linalg.lstsq(design, target, rcond=FLOAT32_ROUNDING, driver="gelsd").solution.to(x)
    return lambda inputs: inputs @ weights[:-1] + weights[-1]


def mean_output(y: torch.Tensor) -> Function:
    """Return the function that gives the mean of y (samples, outputs) whatever comes in."""
    mean = y.mean(0)
    return lambda inputs: mean.expand(len(inputs), -1)


def identity(layer: Layer, fill: float) -> Function:
    """Return the function that passes the padded input through and drops what the output does not have."""
    return lambda inputs: padded(inputs, layer.states, fill)[:, : layer.outputs]
