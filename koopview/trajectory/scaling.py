"""Choose a scaling by its name, and the scaled layer that it makes."""

from collections.abc import Callable
from typing import Protocol

import torch

from koopview.errors import InputError
from koopview.network.network import Layer
from koopview.progress import Progress, silent
from koopview.trajectory import SCALINGS
from koopview.trajectory.flow import flow
from koopview.trajectory.homotopy import homotopy
from koopview.trajectory.inserted import inserted
from koopview.trajectory.linear import linear
from koopview.trajectory.scaled_layer import ScaledLayer


class ClosedForm(Protocol):
    """A path from a layer's padded input to its padded output, see :func:`homotopy` for the parameters."""

    def __call__(self, layer: Layer, x0: torch.Tensor, steps: int, until: int, fill: float) -> torch.Tensor:
        """Return the states (samples, until + 1, states)."""


CLOSED_FORMS: dict[str, ClosedForm] = {"homotopy": homotopy, "linear": linear}


class ClosedFormLayer(ScaledLayer):
    """A layer scaled by a formula; its end point is exact."""

    def __init__(self, layer: Layer, steps: int, fill: float, formula: ClosedForm) -> None:
        super().__init__(layer, steps, fill)
        self.formula = formula

    def forward(self, x: torch.Tensor, until: int) -> torch.Tensor:
        """Return the states (samples, until + 1, states) of inputs x (samples, inputs)."""
        return self.formula(self.layer, x, self.steps, until, self.fill)


Maker = Callable[[Layer, torch.Tensor, int, float, int, Progress], ScaledLayer]
"""Makes a scaled layer of: layer, inputs to learn from (samples, inputs), steps, fill, seed, progress."""


def closed_form(formula: ClosedForm) -> Maker:
    """Return the maker of layers scaled by `formula`, which learn nothing."""
    return lambda layer, inputs, steps, fill, seed, progress: ClosedFormLayer(layer, steps, fill, formula)


_MAKERS: dict[str, Maker] = {name: closed_form(formula) for name, formula in CLOSED_FORMS.items()} | {
    "flow": flow,
    "inserted": inserted,
}


def scale_layer(
    name: str,
    layer: Layer,
    inputs: torch.Tensor,
    steps: int,
    fill: float,
    seed: int = 0,
    progress: Progress = silent,
) -> ScaledLayer:
    """Stretch a layer into `steps` small steps by the scaling called `name` (METHOD section 2).

    Parameters
    ----------
    layer : Layer
        In the precision in which paths are wanted.
    inputs : tensor (samples, inputs)
        Fitting samples, from which a learned scaling learns.
    fill : float
        Value of appended entries.
    seed : int
        Of a learned scaling's random numbers.

    Raises
    ------
    InputError
        If there is no such scaling.
    Cancelled
        By `progress`.
    """
    if name not in _MAKERS:
        raise InputError(f"scaling is {name!r}, expected one of {', '.join(SCALINGS)}")
    return _MAKERS[name](layer, inputs, steps, fill, seed, progress)
