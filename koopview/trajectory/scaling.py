"""Choose a scaling by its name, and the scaled layer that it makes."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib import import_module
from typing import Any, Protocol

import torch
from torch import nn

from koopview.errors import InputError
from koopview.network.network import Layer
from koopview.progress import Progress, silent
from koopview.trajectory import CLOSED_FORMS, SCALINGS
from koopview.trajectory.scaled_layer import ScaledLayer
from koopview.trajectory.schedule import UNIFORM, checked_schedule
from koopview.trajectory.states import FLAT
from koopview.trajectory.states.reading import Reading, reading


class ClosedForm(Protocol):
    """A path from a layer's padded input to its padded output, see :func:`homotopy` for the parameters."""

    def __call__(self, layer: Layer, x0: torch.Tensor, s: torch.Tensor, pad: float) -> torch.Tensor:
        """Return the states (samples, snapshots, states) at the shares s (snapshots,) of the path."""


class ClosedFormLayer(ScaledLayer):
    """A layer scaled by a formula; its end point is exact at every schedule, but for what a reading discards."""

    s: torch.Tensor

    def __init__(
        self,
        layer: Layer,
        steps: int,
        pad: float,
        formula: ClosedForm,
        schedule: str,
        reading: Reading | None = None,
    ) -> None:
        super().__init__(layer, steps, pad, schedule, reading)
        self.formula, self.exact = formula, reading is None or reading.exact
        self.register_buffer("s", torch.as_tensor(self.shares), persistent=False)  # saved by an export

    def forward(self, x: torch.Tensor, until: int) -> torch.Tensor:
        """Return the states (samples, until + 1, states) of inputs x (samples, inputs)."""
        s = self.s[: until + 1].to(x)
        if self.reading is None:
            return self.formula(self.layer, x, s, self.pad)
        return self.formula(read_layer(self.layer, self.reading, x), self.reading.starts(x).flatten(0, 1), s, self.pad)


class Ends(nn.Module):
    """The rows at the end of the path of inputs that are known, as a module of the rows at its start."""

    def __init__(self, reading: Reading, output: Callable[..., torch.Tensor]) -> None:
        super().__init__()
        self.reading, self.output = reading, output

    def forward(self, rows: torch.Tensor, *share: torch.Tensor) -> torch.Tensor:
        """Return the states (samples x rows, outputs) of the stage's output, of its blended one at a share."""
        return self.reading.ends(self.output(*share)).flatten(0, 1)


class Between(nn.Module):
    """The rows between a layer's affine output and its activated one, both known, as a module of rows and a share."""

    def __init__(self, affine: torch.Tensor, activated: torch.Tensor) -> None:
        super().__init__()
        self.affine, self.activated = affine, activated

    def forward(self, rows: torch.Tensor, share: torch.Tensor) -> torch.Tensor:
        """Return the states (samples x rows, outputs) at a share."""
        return torch.lerp(self.affine, self.activated, share)


def read_layer(layer: Layer, reading: Reading, x: torch.Tensor) -> Layer:
    """Return a stage on inputs x (samples, inputs) as a layer from rows to rows, so that any formula scales it.

    With f_s as for a block (METHOD section 7): ``x(s) = (1-s) start + s end(f_s(x))``.
    """
    return replace(
        layer,
        affine=Ends(reading, partial(layer, x)),
        activation=nn.Identity(),
        blended=_blended_ends(layer, reading, x),
        inputs=reading.inputs,
        outputs=reading.outputs,
    )


def _blended_ends(layer: Layer, reading: Reading, x: torch.Tensor) -> nn.Module:
    """Return the module of a stage's read outputs at a share; those of a plain layer are read at its two ends only."""
    if layer.blended is not None:
        return Ends(reading, partial(layer.at_share, x))
    affine = layer.affine(x)
    ends = (reading.ends(one).flatten(0, 1) for one in (affine, layer.activation(affine)))
    return Between(*ends)


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
    states: str = FLAT,
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

    states : str
        What a state is, see :mod:`koopview.trajectory.states`.

    Raises
    ------
    InputError
        If there is no such scaling or schedule, the scaling is learned and a schedule or another kind of states than
        flat is given, or the layer has no such states.
    Cancelled
        By `progress`.
    """
    if name not in SCALINGS:
        raise InputError(f"scaling is {name!r}, expected one of {', '.join(SCALINGS)}")
    if name in CLOSED_FORMS:
        formula: ClosedForm = scaling_called(name)
        read = reading(states, layer, inputs)
        return ClosedFormLayer(layer, steps, pad, formula, checked_schedule(schedule or UNIFORM), read)
    if states != FLAT:
        raise InputError(
            f"states are {states} with the learned scaling {name}, expected flat, or the scaling "
            f"{' or '.join(CLOSED_FORMS)}",
            "--states",
        )
    if schedule is not None:
        closed = " or ".join(CLOSED_FORMS)
        raise InputError(
            f"schedule is {schedule!r} with the learned scaling {name}, expected none, or the scaling {closed}",
            "--schedule",
        )
    learn: Learning = scaling_called(name)
    return learn(layer, inputs, steps, pad, seed, progress)
