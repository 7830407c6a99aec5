"""Small networks, data and linear systems that several tests share."""

import itertools
from collections import OrderedDict

import numpy as np
import torch
from reference.method import run
from torch import nn

MODULES = {"relu": nn.ReLU, "gelu": nn.GELU, "tanh": nn.Tanh}


def random_network(widths, activation, seed=0):
    """Return nn.Sequential(Linear, activation, Linear, ...) with random weights."""
    torch.manual_seed(seed)
    parts = []
    for n, m in itertools.pairwise(widths):
        parts += [nn.Linear(n, m), MODULES[activation]()]
    return nn.Sequential(*parts[:-1])


def plain_layers(module, activation):
    """Return a Sequential's layers as (weight, bias, activation) in float64."""
    linears = [part for part in module if isinstance(part, nn.Linear)]
    return [
        (
            linear.weight.detach().double().numpy(),
            linear.bias.detach().double().numpy(),
            "identity" if linear is linears[-1] else activation,
        )
        for linear in linears
    ]


def labelled_inputs(layers, samples, seed=1, wrong=0.1):
    """Return float32 inputs and labels: the network's own predictions, a share of them replaced by random ones."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(samples, layers[0][0].shape[1])).astype(np.float32)
    logits = run(layers, x.astype(np.float64))
    drawn = rng.integers(logits.shape[1], size=samples)
    return x, np.where(rng.random(samples) < wrong, drawn, logits.argmax(axis=1))


def linear_system_paths(matrix, samples, steps, seed=0):
    """Return paths (samples, steps + 1, states) of x[k+1] = M x[k] from random starts."""
    states = [np.random.default_rng(seed).normal(size=(samples, len(matrix)))]
    for _ in range(steps):
        states.append(states[-1] @ matrix.T)
    return np.stack(states, axis=1)


def rotation(modulus, angle):
    """Return the real 2 x 2 matrix with eigenvalues modulus * exp(+-i angle)."""
    return modulus * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def in_random_basis(blocks, seed=0):
    """Return a matrix similar to the block diagonal of `blocks` by a well-conditioned change of basis."""
    size = sum(len(block) for block in blocks)
    matrix, start = np.zeros((size, size)), 0
    for block in blocks:
        stop = start + len(block)
        matrix[start:stop, start:stop] = block
        start = stop
    rng = np.random.default_rng(seed)
    basis = np.linalg.qr(rng.normal(size=(size, size)))[0] @ np.diag(rng.uniform(0.5, 2.0, size))
    return basis @ matrix @ np.linalg.inv(basis)


def distance(found, expected):
    """Return the largest distance between an expected and a found eigenvalue, matched greedily one to one.

    Relative for eigenvalues outside the unit circle.
    """
    left = list(np.asarray(found, dtype=complex))
    worst = 0.0
    for value in np.asarray(expected, dtype=complex):
        nearest = int(np.argmin([abs(candidate - value) for candidate in left]))
        worst = max(worst, abs(left.pop(nearest) - value) / max(1.0, abs(value)))
    return worst


def decaying_paths(samples, steps, states, decay, seed=0):
    """Return random paths whose states shrink in size from the first to the last by `decay` each, in a random basis."""
    rng = np.random.default_rng(seed)
    basis = np.linalg.qr(rng.normal(size=(states, states)))[0]
    drift = np.linalg.qr(rng.normal(size=(states, states)))[0]
    paths = [rng.normal(size=(samples, states)) * decay ** np.arange(states)]
    for _ in range(steps):
        paths.append(np.tanh(paths[-1] @ drift) * 0.95 + 0.05 * paths[-1])
    return np.stack(paths, axis=1) @ basis


class Counter:
    """Call a function and count the calls."""

    def __init__(self, function):
        self.function, self.calls = function, 0

    def __call__(self, *arguments, **keywords):
        self.calls += 1
        return self.function(*arguments, **keywords)


def state_dict_of(widths, seed=0):
    """Return random weights of a plain multilayer perceptron under Sequential's names."""
    return OrderedDict(random_network(widths, "relu", seed).state_dict())
