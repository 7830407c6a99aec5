"""Paths of network inputs through the scaled layer, which several views draw."""

from dataclasses import replace

import numpy as np
import torch

from koopview.study.fitter import Fitted
from koopview.study.settings import FitSettings

NUMBERS = 2**23
"""Most numbers in a view's paths (64 MiB in float64): wide layers or many steps allow fewer samples."""


def affordable(steps: int, features: int) -> int:
    """Return how many samples' paths a view may hold, at least one."""
    return max(1, NUMBERS // ((steps + 1) * features))


def scaled_paths(fitted: Fitted, x: np.ndarray) -> torch.Tensor:
    """Return the paths (samples, steps + 1, states) of network inputs `x` through the layer shown, float64.

    Of several rows of states a sample, the path of the middle one. The inputs come from the hybrids before the layer.
    """
    setup, settings = fitted.setup, fitted.settings
    inputs = setup.network.run(setup.tensor(x), fitted.before, before=settings.layer)
    with torch.inference_mode():
        return fitted.own.scaled.shown(fitted.own.layer.own(inputs).double())


def without_operator(settings: FitSettings) -> FitSettings:
    """Return the settings that paths depend on; paths of the first replaced layer do not depend on its operator."""
    if settings.replaced[0] != settings.layer:
        return settings
    return replace(settings.with_rank("auto"), replaced=(settings.layer,))
