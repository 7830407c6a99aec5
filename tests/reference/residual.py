"""Residual networks, small and written out, and what replaces their blocks, by its formulas in plain numpy, float64."""

import functools

import numpy as np
import torch
from torch import nn


class AffineBlock(nn.Module):
    """x + A x + b."""

    def __init__(self, weight, bias):
        super().__init__()
        self.inner = nn.Linear(*weight.T.shape)
        self.inner.weight.data, self.inner.bias.data = torch.tensor(weight).float(), torch.tensor(bias).float()

    def forward(self, x):
        return x + self.inner(x)


class ReluBlock(nn.Module):
    """x + V relu(U x + a) + b."""

    def __init__(self, width, hidden):
        super().__init__()
        self.one, self.two = nn.Linear(width, hidden), nn.Linear(hidden, width)

    def forward(self, x):
        return x + self.two(torch.relu(self.one(x)))


class TransformerBlock(nn.Module):
    """Attention and a small perceptron, each added to what it takes."""

    def __init__(self, width, heads=2):
        super().__init__()
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, x):
        given = self.before(x)
        x = x + self.attention(given, given, given, need_weights=False)[0]
        return x + self.mlp(self.between(x))


class Transformer(nn.Module):
    """Tokens (samples, tokens, 4) to three classes."""

    def __init__(self, blocks=3, width=8):
        super().__init__()
        self.embed = nn.Linear(4, width)
        self.blocks = nn.Sequential(*[TransformerBlock(width) for _ in range(blocks)])
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, 3)

    def forward(self, x):
        return self.head(self.norm(self.blocks(self.embed(x))).mean(1))


class ConvBlock(nn.Module):
    """Two convolutions around a residual sum, then a ReLU."""

    def __init__(self, channels):
        super().__init__()
        self.one, self.two = (nn.Conv2d(channels, channels, 3, padding=1) for _ in range(2))

    def forward(self, x):
        return torch.relu(x + self.two(torch.relu(self.one(x))))


def conv_network(blocks=3, channels=4):
    """Return a network of pictures (1, 8, 8) with three classes."""
    parts = [nn.Conv2d(1, channels, 3, padding=1), nn.ReLU(), *(ConvBlock(channels) for _ in range(blocks))]
    return nn.Sequential(*parts, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 3))


def affine_system(width, seed, size=0.25):
    """Return A and b of a step x + A x + b that neither explodes nor dies."""
    rng = np.random.default_rng(seed)
    return size * rng.normal(size=(width, width)) / width**0.5, rng.normal(size=width)


def rings(count, seed):
    """Return points of a plane, float32, and which of three rings around the origin each is in."""
    x = np.random.default_rng(seed).normal(size=(count, 2)).astype(np.float32)
    return x, np.searchsorted((0.8, 1.4), np.linalg.norm(x, axis=1))


@functools.cache
def trained_residual():
    """Return Sequential(Linear, 4 blocks, Linear) of width 10, trained on rings for about a second."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(2, 10), *[ReluBlock(10, 16) for _ in range(4)], nn.Linear(10, 3))
    x, y = map(torch.tensor, rings(1500, 0))
    optimizer = torch.optim.Adam(net.parameters(), 0.01)
    for _ in range(150):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()
    return net.eval()


# What replaces blocks, in numpy. States are (samples, entries), one array a position.


def residual_states(net, x):
    """Return x_0 to x_L of trained_residual, float64."""
    weights = [[p.detach().double().numpy() for p in part.parameters()] for part in net]
    states = [x.astype(float) @ weights[0][0].T + weights[0][1]]
    for u, a, v, b in weights[1:-1]:
        states.append(states[-1] + np.maximum(states[-1] @ u.T + a, 0) @ v.T + b)
    return states


def rest_of(net, states, position):
    """Return the network's outputs if x_position is `states`."""
    weights = [[p.detach().double().numpy() for p in part.parameters()] for part in net]
    for u, a, v, b in weights[1 + position : -1]:
        states = states + np.maximum(states @ u.T + a, 0) @ v.T + b
    return states @ weights[-1][0].T + weights[-1][1]


def ridge_affine(x, y, ridge):
    """Return weight and offset of the affine map with a ridge relative to the mean diagonal of the Gram matrix."""
    given, wanted = x - x.mean(axis=0), y - y.mean(axis=0)
    gram = given.T @ given
    weight = np.linalg.solve(gram + ridge * np.diag(gram).mean() * np.eye(len(gram)), given.T @ wanted)
    return weight, y.mean(axis=0) - x.mean(axis=0) @ weight


def applied(weight, offset, states, power):
    """Return an affine map applied `power` times to states."""
    for _ in range(power):
        states = states @ weight + offset
    return states


def power_map(states, ridge):
    """Return the affine map of one step, fitted to all pairs of states side by side: K without its constant."""
    return ridge_affine(np.concatenate(states[:-1]), np.concatenate(states[1:]), ridge)


def chosen_ridge(states, fitting, judging):
    """Return the smallest ridge that does as well as the best, len(states) - 1 steps later, on the judging samples.

    Of 1e-12 to 1e2, and worse than the best by no more than a paired standard error.
    """

    def errors(decade):
        own = power_map([one[fitting] for one in states], 10.0**decade)
        return ((applied(*own, states[0][judging], len(states) - 1) - states[-1][judging]) ** 2).sum(axis=1)

    found = {decade: errors(decade) for decade in range(2, -13, -1)}
    best = chosen = min(found, key=lambda decade: found[decade].sum())
    while chosen - 1 in found:
        worse = found[chosen - 1] - found[best]
        if worse.mean() > worse.std(ddof=1) / len(worse) ** 0.5:
            break
        chosen -= 1
    return 10.0**chosen


def cosine(one, other):
    """Return the mean cosine of two arrays' rows."""
    return ((one * other).sum(1) / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1)).mean()
