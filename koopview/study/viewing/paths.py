"""Paths of network inputs through the scaled layer, which several views draw."""

from dataclasses import replace

import numpy as np
import torch

from koopview.study.fitter import Fitted
from koopview.study.settings import FitSettings

NUMBERS = 2**23
"""Numbers of the paths that a view is made of at most (64 MiB in float64): fewer samples of a wide or long layer."""


def affordable(steps: int, features: int) -> int:
    """Return how many samples' paths a view may hold, at least one."""
    return max(1, NUMBERS // ((steps + 1) * features))


def scaled_paths(fitted: Fitted, x: np.ndarray) -> torch.Tensor:
    """Return the paths (samples, steps + 1, states) of network inputs `x` through the layer shown, float64.

    What comes into the layer comes from the hybrids of the replaced layers before it.
    """
    setup, settings = fitted.setup, fitted.settings
    inputs = setup.network.run(setup.tensor(x), fitted.before, before=settings.layer)
    with torch.inference_mode():
        return fitted.own.scaled(inputs.double(), settings.steps)


def without_operator(settings: FitSettings) -> FitSettings:
    """Return the settings that paths depend on: those of the first replaced layer know nothing of its operator."""
    if settings.replaced[0] != settings.layer:
        return settings
    return replace(settings.with_rank("auto"), replaced=(settings.layer,))
