"""Small networks that nothing in the program was tuned on, each with its data, trained in about a second."""

import functools
import itertools

import numpy as np
import torch
from torch import nn

from koopview.network.data import Dataset
from koopview.network.mnist import mnist_dataset

TRAIN, TEST = 1500, 1200


def moons(rng, count):
    """Return two interleaved half circles."""
    label = rng.integers(0, 2, count)
    angle = np.pi * rng.random(count)
    x = np.where(label == 0, np.cos(angle), 1 - np.cos(angle))
    y = np.where(label == 0, np.sin(angle), 0.5 - np.sin(angle))
    return np.column_stack([x, y]) + 0.15 * rng.standard_normal((count, 2)), label


def spirals(rng, count):
    """Return three arms of a spiral."""
    label, radius = rng.integers(0, 3, count), rng.random(count) ** 0.5
    angle = 4 * radius + 2 * np.pi / 3 * label + 0.2 * rng.standard_normal(count)
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]), label


def quantiles(rng, count):
    """Return four shells of equal weight of a normal distribution in ten dimensions."""
    x = rng.standard_normal((count, 4))
    bounds = np.sqrt([1.9226, 3.3567, 5.3853])  # of chi-square with 4 degrees of freedom
    return x, np.searchsorted(bounds, np.linalg.norm(x, axis=1))


def checker(rng, count):
    """Return the fields of a board of 3 x 3."""
    x = rng.random((count, 2))
    return x, (np.floor(3 * x).sum(axis=1) % 2).astype(int)


def blobs(rng, count):
    """Return five clouds in thirteen dimensions, whose centres are always the same."""
    centres = 1.3 * np.random.default_rng(5).standard_normal((5, 13))
    label = rng.integers(0, 5, count)
    return centres[label] + rng.standard_normal((count, 13)), label


def parity(rng, count):
    """Return the parity of the signs of four numbers."""
    x = rng.choice([-1.0, 1.0], (count, 4)) + 0.25 * rng.standard_normal((count, 4))
    return x, ((x > 0).sum(axis=1) % 2).astype(int)


def shells(rng, count):
    """Return three shells in three dimensions."""
    label = rng.integers(0, 3, count)
    x = rng.standard_normal((count, 3))
    return x / np.linalg.norm(x, axis=1, keepdims=True) * (label + 1 + 0.2 * rng.standard_normal(count))[:, None], label


def digits(rng, count):
    """Return MNIST digits of 7 x 7, the mean of 4 x 4 pixels each."""
    data = mnist_dataset()
    x = np.concatenate([data.x_train[:TRAIN], data.x_test[:TEST]])
    y = np.concatenate([data.y_train[:TRAIN], data.y_test[:TEST]])
    return x.reshape(-1, 7, 4, 7, 4).mean(axis=(2, 4)).reshape(-1, 49) * 2, y


NETWORKS = {
    "moons": (moons, (2, 16, 16, 2), nn.ReLU),
    "spirals": (spirals, (2, 24, 24, 3), nn.Tanh),
    "quantiles": (quantiles, (4, 24, 16, 4), nn.ReLU),
    "checker": (checker, (2, 32, 16, 2), nn.GELU),
    "blobs": (blobs, (13, 20, 10, 5), nn.SiLU),
    "parity": (parity, (4, 24, 12, 2), nn.ReLU),
    "shells": (shells, (3, 16, 16, 3), nn.LeakyReLU),
    "digits": (digits, (49, 32, 20, 10), nn.ReLU),
}


@functools.cache
def made(name):
    """Return a trained network as an nn.Sequential, and its data."""
    draw, widths, activation = NETWORKS[name]
    x, y = draw(np.random.default_rng(7), TRAIN + TEST)
    data = Dataset(x[:TRAIN], y[:TRAIN], x[TRAIN:], y[TRAIN:], name=name)
    torch.manual_seed(3)
    parts = [part for a, b in itertools.pairwise(widths) for part in (nn.Linear(a, b), activation())]
    network = nn.Sequential(*parts[:-1])
    inputs, labels = torch.from_numpy(data.x_train), torch.from_numpy(data.y_train)
    optimizer = torch.optim.Adam(network.parameters(), 0.02, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 500)
    for _ in range(500):
        optimizer.zero_grad()
        nn.functional.cross_entropy(network(inputs), labels).backward()
        optimizer.step()
        schedule.step()
    return network.eval(), data
