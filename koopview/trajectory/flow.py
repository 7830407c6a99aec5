"""A learned scaling that is autonomous, as Koopman theory asks: one small network gives the velocity everywhere."""

import math
from functools import partial

import torch
from torch import nn

from koopview.network.network import Layer
from koopview.progress import Progress, part
from koopview.trajectory.directions import Frame, affine_regression, frame
from koopview.trajectory.homotopy import homotopy
from koopview.trajectory.learning import Schedule, learn
from koopview.trajectory.padding import pad
from koopview.trajectory.scaled_layer import ScaledLayer

DECAY = 3.0
"""Rate at which a wide state's rest, which the small network does not see, goes to its mean at the output."""

LEAST_WIDTH, MOST_WIDTH = 64, 128
"""Of the small network's hidden layer, between which it has as many units as there are coordinates."""

LEARNED_STEPS = 20
"""Most steps that it learns with from the start; more are only got used to, or many steps would take hours."""

LEARNING = Schedule(updates=2400, batch=100, rate=0.02, patience=40)
GETTING_USED = Schedule(updates=400, batch=100, rate=0.004, patience=40)


class Velocity(nn.Module):
    """The small network ``A q + a + O tanh(U q + c)`` of coordinates q; O is 0 at the start."""

    def __init__(self, size: int, generator: torch.Generator) -> None:
        super().__init__()
        width = min(max(LEAST_WIDTH, size), MOST_WIDTH)
        self.straight, self.offset = nn.Parameter(torch.zeros(size, size)), nn.Parameter(torch.zeros(size))
        self.inward = nn.Parameter(torch.randn(width, size, generator=generator) / math.sqrt(size))
        self.bias = nn.Parameter(torch.randn(width, generator=generator) / 2)
        self.outward = nn.Parameter(torch.zeros(size, width))

    def forward(self, q: torch.Tensor) -> torch.Tensor:
        """Return the velocity (samples, coordinates) at q (samples, coordinates)."""
        hidden = torch.tanh(torch.addmm(self.bias, q, self.inward.T))
        return torch.addmm(torch.addmm(self.offset, q, self.straight.T), hidden, self.outward.T)

    def end(self, q: torch.Tensor, steps: int) -> torch.Tensor:
        """Return the end of the path ``q[k+1] = q[k] + v(q[k]) / steps`` from q (samples, coordinates).

        A step is four operations instead of six: learning spends its time on their number.
        """
        move = torch.eye(len(self.offset)).to(q) + self.straight.T / steps
        offset, outward, inward = self.offset / steps, self.outward.T / steps, self.inward.T
        for _ in range(steps):
            hidden = torch.tanh(torch.addmm(self.bias, q, inward))
            q = torch.addmm(torch.addmm(offset, q, move), hidden, outward)
        return q


class Flow(ScaledLayer):
    """A layer as ``x[k+1] = x[k] + g(x[k]) / N`` (METHOD section 2.2), the same g at every step.

    ``g(x) = size V v(q) - DECAY rest``, where q and the rest are those of the frame: the rest of a state of at most
    2 MOST entries is 0. `steps` may be set to another N afterwards: g stays what it is, and the end moves a little.
    """

    exact = False
    centre: torch.Tensor
    directions: torch.Tensor

    def __init__(self, layer: Layer, steps: int, fill: float, seen: Frame, velocity: Velocity) -> None:
        super().__init__(layer, steps, fill)
        self.size, self.velocity = seen.size, velocity
        self.register_buffer("centre", seen.centre)
        self.register_buffer("directions", seen.directions)

    def coordinates(self, x: torch.Tensor) -> torch.Tensor:
        """Return the coordinates (samples, coordinates) of states (samples, states)."""
        return Frame(self.centre, self.size, self.directions).coordinates(x)

    def g(self, x: torch.Tensor) -> torch.Tensor:
        """Return the velocity (samples, states) at states x (samples, states)."""
        q = self.coordinates(x)
        rest = x - self.centre - self.size * q @ self.directions.T
        return self.size * self.velocity(q) @ self.directions.T - DECAY * rest

    def forward(self, x: torch.Tensor, until: int) -> torch.Tensor:
        """Return the states (samples, until + 1, states) of inputs x (samples, inputs); `until` at most `steps`."""
        states = [pad(x, self.layer.states, self.fill)]
        for _ in range(until):
            states.append(states[-1] + self.g(states[-1]) / self.steps)
        return torch.stack(states, 1)


def flow(layer: Layer, inputs: torch.Tensor, steps: int, fill: float, seed: int, progress: Progress) -> Flow:
    """Learn a layer's flow on `inputs` (samples, inputs), so that its path ends in the layer's padded output.

    The end point is approximate. It starts at the affine velocity nearest to the homotopy's, by least squares. It
    learns in float32 in the frame's coordinates, and with `steps` steps: an end point is right for the N that was
    learned with. Parameters and errors as for :func:`koopview.trajectory.scaling.scale_layer`.
    """
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        start, end = pad(inputs, layer.states, fill), pad(layer(inputs), layer.states, fill)
        seen = frame(start, end)
        velocity = Velocity(seen.directions.shape[1], generator).to(inputs.device)
        weight, offset = affine_velocity(layer, inputs[:LEAST], fill, seen)
        velocity.straight.copy_(weight)
        velocity.offset.copy_(offset)
        q, wanted = seen.coordinates(start).float(), seen.coordinates(end).float()
    rounds = [(min(steps, LEARNED_STEPS), LEARNING)] + [(steps, GETTING_USED)] * (steps > LEARNED_STEPS)
    for place, (count, schedule) in enumerate(rounds):
        within = part(progress, place / len(rounds), (place + 1) / len(rounds))
        learn([*velocity.parameters()], partial(velocity.end, steps=count), q, wanted, schedule, generator, within)
    return Flow(layer, steps, fill, seen, velocity.requires_grad_(False).to(inputs.dtype))


LEAST = 2000
"""Samples on whose paths it starts: more would take memory and change nothing."""


def affine_velocity(layer: Layer, inputs: torch.Tensor, fill: float, seen: Frame) -> tuple[torch.Tensor, torch.Tensor]:
    """Return (A, a) of the affine velocity A q + a nearest to the homotopy's, by least squares over its steps."""
    path = seen.coordinates(homotopy(layer, inputs, LEARNED_STEPS, LEARNED_STEPS, fill))
    states, moves = path[:, :-1].flatten(0, 1), path.diff(dim=1).flatten(0, 1)
    weight, offset = affine_regression(states, moves)
    return LEARNED_STEPS * weight, LEARNED_STEPS * offset
