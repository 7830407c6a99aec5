"""The controls that a hybrid is compared with: the layer replaced by something trivial (METHOD section 5)."""

import torch

from koopview.hybrid.accuracy import in_batches
from koopview.hybrid.ridge import ridge_map
from koopview.network.network import Function, Layer
from koopview.progress import Progress, silent
from koopview.trajectory.padding import padded


def control(
    name: str, layer: Layer, x: torch.Tensor, pad: float, lifted: Function, progress: Progress = silent
) -> Function:
    """Return the control called `name` for a layer, fitted to its inputs `x` (samples, inputs).

    Parameters
    ----------
    pad : float
        Value of appended entries.
    lifted : Function
        Returns z[0] of inputs, see :class:`LiftedState`; only "lift_affine" calls it.
    """
    if name == "lift_affine":
        return ridge_map(x, in_batches(layer, x), lifted, progress)
    if name == "affine":
        return ridge_map(x, in_batches(layer, x), progress=progress)
    return mean_output(in_batches(layer, x)) if name == "mean" else passed_through(layer, pad)


def mean_output(y: torch.Tensor) -> Function:
    """Return the function that returns the mean of y (samples, outputs) for every input."""
    mean = y.mean(0)
    return lambda inputs: mean.expand(len(inputs), -1)


def passed_through(layer: Layer, pad: float) -> Function:
    """Return the function that returns the padded input, cut to the number of outputs."""
    return lambda inputs: padded(inputs, layer.states, pad)[:, : layer.outputs]


def r2_linear(
    layer: Layer, train_inputs: torch.Tensor, test_inputs: torch.Tensor, progress: Progress = silent
) -> float:
    """Return R2_lin, the share of the layer's output variance on test samples that the affine map explains.

    It counts all outputs together, about their means on the test samples. It is 1 for an affine layer, and below 0 if
    the mean of the test samples would do better. Inputs are (samples, inputs); the map is fitted to the training ones.
    """
    fitted = ridge_map(train_inputs, in_batches(layer, train_inputs), progress=progress)
    wanted, found = in_batches(layer, test_inputs).double(), in_batches(fitted, test_inputs).double()
    error, variance = float((found - wanted).square().sum()), float((wanted - wanted.mean(0)).square().sum())
    if variance > 0:
        return 1 - error / variance
    return 1.0 if error <= ROUNDING * float(wanted.square().sum()) else 0.0


ROUNDING = 1e-12
"""Largest squared error relative to the outputs that counts as 0, for outputs that do not vary."""
