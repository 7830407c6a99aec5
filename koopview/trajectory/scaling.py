"""Choose a scaling by its name."""

from typing import Protocol

import torch

from koopview.errors import InputError
from koopview.network.network import Layer
from koopview.trajectory import SCALINGS
from koopview.trajectory.homotopy import homotopy
from koopview.trajectory.linear import linear


class Scaling(Protocol):
    """A path from a layer's padded input to its padded output, see :func:`homotopy` for the parameters."""

    def __call__(self, layer: Layer, x0: torch.Tensor, steps: int, until: int, fill: float) -> torch.Tensor:
        """Return the states (samples, until + 1, states)."""


_BY_NAME: dict[str, Scaling] = dict(zip(SCALINGS, (homotopy, linear), strict=True))


def scaling(name: str) -> Scaling:
    """Return the scaling called `name`, or raise InputError with the names that exist."""
    if name not in _BY_NAME:
        raise InputError(f"scaling is {name!r}, expected one of {', '.join(SCALINGS)}")
    return _BY_NAME[name]
