"""A network, data and streams of samples for tests of streamed fits."""

import numpy as np
import torch
from torch import nn

import koopview
from koopview.network.datafiles.parts import Parts

STATES = 300
"""Of a layer whose sums of whole states are too large for one pass."""


def pictures(count, seed=0, states=STATES):
    """Return samples (count, states) of some smooth patterns and little noise, float32, and their labels."""
    generator = np.random.default_rng(seed)
    patterns = np.cumsum(np.random.default_rng(9).normal(size=(40, states)), axis=1) / states**0.5
    weights = generator.normal(size=(count, 40)) * 0.9 ** np.arange(40)
    inputs = 0.5 + weights @ patterns + 0.01 * generator.normal(size=(count, states))
    return inputs.astype(np.float32), (weights[:, :4].argmax(1)).astype(int)


def network(states=STATES, hidden=64, outputs=4, seed=0):
    """Return a network of two layers, untrained."""
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(states, hidden), nn.ReLU(), nn.Linear(hidden, outputs))


def study(count=40, tests=200, **sizes):
    """Return a Study with `count` training samples, which no stream needs, and its own test samples."""
    states = sizes.get("states", STATES)
    inputs, labels = pictures(count, 1, states)
    others = pictures(tests, 2, states)
    return koopview.Study(network(**sizes), koopview.Dataset(inputs, labels, *others))


class Recorded:
    """Samples of an array that remember how many were read at once, and in all."""

    def __init__(self, array):
        self.array, self.most, self.total = array, 0, 0

    def __call__(self, start, stop):
        self.most, self.total = max(self.most, stop - start), self.total + stop - start
        return self.array[start:stop]

    def parts(self):
        """Return the Parts of the samples."""
        return Parts("recorded", self.array.shape, self)
