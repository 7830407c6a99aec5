"""The inputs of a layer's fit: the layer's inputs, and how its path is lifted."""

from dataclasses import dataclass

import numpy as np
import torch

from koopview.hybrid.judging import Judge
from koopview.hybrid.path_sums import PathSums
from koopview.hybrid.shared_fits import SharedFits
from koopview.koopman.observables import OBSERVABLES


@dataclass(frozen=True, eq=False)
class LayerInputs:
    """The layer's inputs, tensors (samples, inputs).

    The operator is fitted to `fit` and measured on `test`. `apart` are training samples held out from the fit, for
    residuals and choices; empty if all were fitted to. In `apart` and `test` what goes past the layer follows. `judge`
    chooses a rank on a fifth of the fitting samples; without it there is no automatic rank. `shared` are the fits of
    several numbers of delays, where they are found together; `sums` are those of the paths of `fit`, for previews.
    `shown` are the paths shown (samples, steps + 1, states), float32, where other fits have made them.
    """

    fit: torch.Tensor
    apart: torch.Tensor
    test: torch.Tensor
    judge: Judge | None = None
    shared: SharedFits | None = None
    sums: PathSums | None = None
    shown: np.ndarray | None = None


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
