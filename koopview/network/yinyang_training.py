"""How the built-in Yin-Yang network is trained."""

import torch

from koopview.network.batched import Recipe
from koopview.network.training_loop import TrainingSamples
from koopview.network.yinyang import NETWORK_TRAIN, NETWORK_VALIDATION, yinyang_dataset, yinyang_samples

YINYANG = Recipe((4, 8, 6, 4, 3), networks=32, epochs=20, batch=100, learning_rate=0.05)
"""An epoch is one pass of all 32 networks over YINYANG_TRAIN samples: 600 steps."""

YINYANG_TRAIN, YINYANG_VALIDATION = 60_000, 20_000
"""Samples of draws of their own. The data set's 5,000 are too few: networks that were right on 99.5 % of them were
right on 98.9 % of others."""


def training_samples() -> TrainingSamples:
    """Return the samples to train on, to choose by and to test on."""
    test = yinyang_dataset()
    drawn = (
        yinyang_samples(YINYANG_TRAIN, (0, NETWORK_TRAIN)),
        yinyang_samples(YINYANG_VALIDATION, (0, NETWORK_VALIDATION)),
        (test.x_test, test.y_test),
    )
    return TrainingSamples(*((torch.from_numpy(x), torch.from_numpy(y)) for x, y in drawn))
