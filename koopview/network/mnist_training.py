"""How the built-in MNIST networks are trained.

An epoch is one pass over the training digits, all 60,000 or the built-in 5,000, less those for validation.
"""

import torch

from koopview.network.batched import Recipe
from koopview.network.deep_training import DeepRecipe
from koopview.network.mnist import mnist_dataset
from koopview.network.training_loop import TrainingSamples

MNIST = Recipe(
    (784, 512, 256, 128, 10), networks=1, epochs=12, batch=128, learning_rate=0.002, weight_decay=0.01, shift=1
)

CONVOLUTIONAL = DeepRecipe("residual-convolutional", epochs=25, learning_rate=0.008, weight_decay=0.02)

TRANSFORMER = DeepRecipe("vision-transformer", epochs=45, learning_rate=0.002)

RESIDUAL = DeepRecipe("residual-perceptron", epochs=60, learning_rate=0.002)

MNIST_VALIDATION_SHARE = 0.1
"""The last ones, so that a fit's first training samples are ones that the network was trained on."""


def training_samples() -> TrainingSamples:
    """Return the samples to train on, to choose by and to test on; of the full set where it is."""
    digits = mnist_dataset()
    x, y, x_test, y_test = map(torch.from_numpy, (digits.x_train, digits.y_train, digits.x_test, digits.y_test))
    kept = round((1 - MNIST_VALIDATION_SHARE) * len(x))
    return TrainingSamples((x[:kept], y[:kept]), (x[kept:], y[kept:]), (x_test, y_test))
