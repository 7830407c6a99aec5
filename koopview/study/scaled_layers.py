"""The scaled layers of one study, each learned once, and the paths shown of them."""

from typing import Any

import numpy as np
import torch

from koopview.hybrid.layer_fit import shown_paths
from koopview.network.network import Network
from koopview.progress import Progress
from koopview.study.cache import Cache
from koopview.study.settings import FitSettings
from koopview.trajectory import LEARNED
from koopview.trajectory.scaled_layer import ScaledLayer
from koopview.trajectory.scaling import scale_layer

Key = tuple[Any, ...]


class ScaledLayers:
    """Scaled layers by all that they depend on: the settings of their paths, and what stands before them.

    The paths shown of one are the same array in all its fits: a study keeps the results of hundreds, whose delays and
    ranks alone differ, and each array of MNIST's first layer takes 2 MB.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._scaled: Cache[ScaledLayer] = Cache()
        self._shown: Cache[np.ndarray] = Cache()

    def of(self, key: Key, settings: FitSettings, inputs: torch.Tensor, progress: Progress) -> ScaledLayer:
        """Return a layer scaled in float64, in which small steps keep their digits.

        `key` begins with the layer's name; a learned scaling learns from `inputs` (samples, inputs).
        """
        known = self._scaled.get(key)
        if known is None:
            known = scale_layer(
                settings.scaling,
                self._network.layer(key[0]).double(),
                inputs.double() if settings.scaling in LEARNED else inputs,
                settings.steps,
                settings.pad,
                settings.seed,
                schedule=settings.schedule,
                progress=progress,
                states=settings.states,
            )
            self._scaled.put(key, known, sum(tensor.nbytes for tensor in known.state_dict().values()))
        return known

    def shown(self, key: Key, scaled: ScaledLayer, x: torch.Tensor) -> np.ndarray:
        """Return the paths shown, float32 (samples, steps + 1, states), of the first test inputs x."""
        known = self._shown.get(key)
        if known is None:
            known = shown_paths(scaled, x)
            self._shown.put(key, known, known.nbytes)
        return known
