"""What a layer's fit is made of: what comes into the layer, and how its path is lifted."""

from dataclasses import dataclass

import torch

from koopview.hybrid.judging import Judge
from koopview.koopman.observables import OBSERVABLES


@dataclass(frozen=True, eq=False)
class LayerInputs:
    """What comes into the layer, each (samples, inputs).

    `fit` is what is fitted to, `test` is what is measured on; `apart` are training samples that took no part in the
    fit, for residuals and choices, none where all did. `judge` chooses a rank on a fifth of the fitting samples;
    without one no automatic rank is known.
    """

    fit: torch.Tensor
    apart: torch.Tensor
    test: torch.Tensor
    judge: Judge | None = None


@dataclass(frozen=True)
class Lift:
    """How a scaled layer's path is lifted: observables of each state, stacked over delays.

    `centres` and `seed` are those of observables that draw centres.
    """

    delays: int
    observables: str = OBSERVABLES[0]
    centres: int = 1
    seed: int = 0

    @property
    def exact(self) -> bool:
        """Whether the operator's last step is the exact one, see :class:`LinearizedLayer`."""
        return self.observables != OBSERVABLES[0]
