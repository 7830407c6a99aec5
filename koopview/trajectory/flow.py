"""A learned scaling that is autonomous, as Koopman theory asks: one small network is the velocity at every step."""

from functools import partial

import torch
from torch import nn

from koopview.network.network import Layer
from koopview.progress import Progress, part
from koopview.trajectory.directions import Affine, Subspace, affine_regression, subspace
from koopview.trajectory.learning import Schedule, learn, split
from koopview.trajectory.padding import padded
from koopview.trajectory.scaled_layer import ScaledLayer

DECAY = 3.0
"""Rate at which a wide state's rest, which is no input of the small network, decays to its mean at the output."""

LEAST_WIDTH, MOST_WIDTH = 32, 512
"""Bounds for the units of the small network's hidden layer; between them, it has as many as the scaled layer."""

LEARNED_STEPS = 20
"""Most steps used for learning from the start; larger N are only fine-tuned on, or learning would take hours."""

LEARNING = Schedule(updates=2400, batch=100, rate=0.02, patience=40)
GETTING_USED = Schedule(updates=400, batch=100, rate=0.004, patience=40)

SEEN = 2000
"""Most samples whose paths set its starting point: more would take memory and change nothing."""

PULL = 1e-3
"""Ridge of the least squares at the start: there are not many more samples than units."""


class Velocity(nn.Module):
    """The small network ``A q + a + O act(U q + c)`` of coordinates q, with the activation of the layer scaled."""

    def __init__(self, layer: Layer, moves: Affine, units: Affine, outward: torch.Tensor) -> None:
        super().__init__()
        self.activation = layer.activation
        self.straight, self.offset = (nn.Parameter(part.float()) for part in moves)
        self.inward, self.bias = (nn.Parameter(part.float()) for part in units)
        self.outward = nn.Parameter(outward.float())

    def forward(self, q: torch.Tensor) -> torch.Tensor:
        """Return the velocity (samples, coordinates) at q (samples, coordinates)."""
        hidden = self.activation(torch.addmm(self.bias, q, self.inward.T))
        return torch.addmm(torch.addmm(self.offset, q, self.straight.T), hidden, self.outward.T)

    def end(self, q: torch.Tensor, steps: int) -> torch.Tensor:
        """Return the end of the path ``q[k+1] = q[k] + v(q[k]) / steps`` from q (samples, coordinates).

        A step is four operations instead of six: learning spends its time on their number.
        """
        move = torch.eye(len(self.offset)).to(q) + self.straight.T / steps
        offset, outward, inward = self.offset / steps, self.outward.T / steps, self.inward.T
        for _ in range(steps):
            hidden = self.activation(torch.addmm(self.bias, q, inward))
            q = torch.addmm(torch.addmm(offset, q, move), hidden, outward)
        return q


class Flow(ScaledLayer):
    """A layer as ``x[k+1] = x[k] + g(x[k]) / N`` (METHOD section 2.2), the same g at every step.

    ``g(x) = size V v(q) - DECAY rest``, with q and the rest as in :class:`Subspace`: the rest of a state of at most
    2 MOST entries is 0. `steps` may be set to another N afterwards: g stays the same, and the end moves a little.
    """

    exact = False
    centre: torch.Tensor
    directions: torch.Tensor

    def __init__(self, layer: Layer, steps: int, pad: float, seen: Subspace, velocity: Velocity) -> None:
        super().__init__(layer, steps, pad)
        self.size, self.velocity = seen.size, velocity
        self.register_buffer("centre", seen.centre)
        self.register_buffer("directions", seen.directions)

    def coordinates(self, x: torch.Tensor) -> torch.Tensor:
        """Return the coordinates (samples, coordinates) of states (samples, states)."""
        return Subspace(self.centre, self.size, self.directions).coordinates(x)

    def g(self, x: torch.Tensor) -> torch.Tensor:
        """Return the velocity (samples, states) at states x (samples, states)."""
        q = self.coordinates(x)
        rest = x - self.centre - self.size * q @ self.directions.T
        return self.size * self.velocity(q) @ self.directions.T - DECAY * rest

    def forward(self, x: torch.Tensor, until: int) -> torch.Tensor:
        """Return the states (samples, until + 1, states) of inputs x (samples, inputs); `until` at most `steps`."""
        states = [padded(x, self.layer.states, self.pad)]
        for _ in range(until):
            states.append(states[-1] + self.g(states[-1]) / self.steps)
        return torch.stack(states, 1)


def flow(layer: Layer, inputs: torch.Tensor, steps: int, pad: float, seed: int, progress: Progress) -> Flow:
    """Learn a layer's flow on `inputs` (samples, inputs), so that its path ends in the layer's padded output.

    The end point is approximate. Learning starts at the velocity nearest to that of straight paths, by least squares.
    It runs in float32, in the subspace's coordinates, and with `steps` steps: an end point is right only for the N used
    in learning. Parameters and errors as for :func:`koopview.trajectory.scaling.scale_layer`.
    """
    progress(0.0, "a flow to start from")
    with torch.no_grad():
        start, end = padded(inputs, layer.states, pad), padded(layer(inputs), layer.states, pad)
        seen = subspace(start, end)
        q, wanted = seen.coordinates(start), seen.coordinates(end)
        train = split(len(inputs), torch.Generator().manual_seed(seed))[0][:SEEN]  # as `learn` splits
        velocity = first_velocity(layer, layer.affine(inputs[train]), q[train], wanted[train], seed)
    generator, rounds = torch.Generator().manual_seed(seed), [(min(steps, LEARNED_STEPS), LEARNING)]
    rounds += [(steps, GETTING_USED)] * (steps > LEARNED_STEPS)
    for index, (count, schedule) in enumerate(rounds):
        within = part(progress, index / len(rounds), (index + 1) / len(rounds))
        end_of = partial(velocity.end, steps=count)
        learn([*velocity.parameters()], end_of, q.float(), wanted.float(), schedule, generator, within)
    return Flow(layer, steps, pad, seen, velocity.requires_grad_(False).to(inputs.dtype))


def first_velocity(layer: Layer, affine: torch.Tensor, q: torch.Tensor, end: torch.Tensor, seed: int) -> Velocity:
    """Return the velocity nearest to that of straight paths from q to `end`, by least squares over their states.

    On the first layer of the built-in MNIST network, a start at the homotopy's velocities is right on 88 % of the test
    digits, one at those of straight paths on 96 %. With the layer's own units as hidden units, as far as their `affine`
    (samples, units) can be recovered from the states on the path, it is right on 98 %.
    """
    shares = torch.linspace(0, 1, LEARNED_STEPS + 1).to(q)[:-1, None]
    states = torch.lerp(q[:, None], end[:, None], shares).flatten(0, 1)
    units = hidden_units(states, affine.flatten(1).repeat_interleave(LEARNED_STEPS, 0), seed)
    hidden = layer.activation(torch.addmm(units[1], states, units[0].T))
    moves = (end - q).repeat_interleave(LEARNED_STEPS, 0)
    weight, offset = affine_regression(torch.cat([states, hidden], 1), moves, PULL)
    return Velocity(layer, (weight[:, : q.shape[1]], offset), units, weight[:, q.shape[1] :])


def hidden_units(states: torch.Tensor, affine: torch.Tensor, seed: int) -> Affine:
    """Return (U, c): the layer's own units, recovered from the states, and random ones if they are few; of size 1."""
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.randperm(affine.shape[1], generator=generator)[:MOST_WIDTH].to(affine.device)
    own, shift = affine_regression(states, affine[:, chosen])
    more, count = max(0, LEAST_WIDTH - len(own)), states.shape[1]
    random = torch.randn(more, count, generator=generator, dtype=torch.float64).to(states)
    weights = torch.cat([own, random])
    sizes = (states @ weights.T).std(0).clamp_min(1e-6)
    offsets = torch.randn(more, generator=generator, dtype=torch.float64).to(states)
    centres = offsets - (states.mean(0) @ random.T) / sizes[len(own) :]
    return weights / sizes[:, None], torch.cat([shift / sizes[: len(own)], centres])
