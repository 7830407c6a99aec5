"""Choose a scaling by its name, and the scaled layer that it makes."""

from collections.abc import Callable
from importlib import import_module
from typing import Any, Protocol

import torch

from koopview.errors import InputError
from koopview.network.network import Layer
from koopview.progress import Progress, silent
from koopview.trajectory import CLOSED_FORMS, SCALINGS
from koopview.trajectory.scaled_layer import ScaledLayer
from koopview.trajectory.schedule import UNIFORM, checked_schedule


class ClosedForm(Protocol):
    """A path from a layer's padded input to its padded output, see :func:`homotopy` for the parameters."""

    def __call__(self, layer: Layer, x0: torch.Tensor, s: torch.Tensor, pad: float) -> torch.Tensor:
        """Return the states (samples, snapshots, states) at the shares s (snapshots,) of the path."""


class ClosedFormLayer(ScaledLayer):
    """A layer scaled by a formula; its end point is exact at every schedule."""

    s: torch.Tensor

    def __init__(self, layer: Layer, steps: int, pad: float, formula: ClosedForm, schedule: str) -> None:
        super().__init__(layer, steps, pad, schedule)
        self.formula = formula
        self.register_buffer("s", torch.as_tensor(self.shares), persistent=False)  # saved by an export

    def forward(self, x: torch.Tensor, until: int) -> torch.Tensor:
        """Return the states (samples, until + 1, states) of inputs x (samples, inputs)."""
        return self.formula(self.layer, x, self.s[: until + 1].to(x), self.pad)


Learning = Callable[[Layer, torch.Tensor, int, float, int, Progress], ScaledLayer]
"""Learns a scaled layer from: layer, inputs (samples, inputs), steps, pad, seed, progress."""


def scaling_called(name: str) -> Any:
    """Return the function of a scaling, from the module of its name: a ClosedForm, or Learning."""
    return getattr(import_module(f"koopview.trajectory.{name}"), name)


def scale_layer(
    name: str,
    layer: Layer,
    inputs: torch.Tensor,
    steps: int,
    pad: float,
    seed: int = 0,
    schedule: str | None = None,
    progress: Progress = silent,
) -> ScaledLayer:
    """Stretch a layer into `steps` small steps by the scaling called `name` (METHOD section 2).

    Parameters
    ----------
    layer : Layer
        In the precision in which paths are wanted.
    inputs : tensor (samples, inputs)
        Fitting samples, from which a learned scaling learns.
    pad : float
        Value of appended entries.
    seed : int
        Of a learned scaling's random numbers.
    schedule : str, optional
        Where the steps of a closed form stand on its path, "uniform" by default; a learned scaling has none.

    Raises
    ------
    InputError
        If there is no such scaling or schedule, or the scaling is learned and a schedule is given.
    Cancelled
        By `progress`.
    """
    if name not in SCALINGS:
        raise InputError(f"scaling is {name!r}, expected one of {', '.join(SCALINGS)}")
    if name in CLOSED_FORMS:
        formula: ClosedForm = scaling_called(name)
        return ClosedFormLayer(layer, steps, pad, formula, checked_schedule(schedule or UNIFORM))
    if schedule is not None:
        closed = " or ".join(CLOSED_FORMS)
        raise InputError(
            f"schedule is {schedule!r} with the learned scaling {name}, expected none, or the scaling {closed}",
            "--schedule",
        )
    learn: Learning = scaling_called(name)
    return learn(layer, inputs, steps, pad, seed, progress)
