"""A learned scaling, the paper's figure 1 to the letter: layers of small steps inserted in a layer's place."""

import torch
from torch import nn

from koopview.memory import check_memory
from koopview.network.network import Layer
from koopview.progress import Progress, part
from koopview.trajectory.directions import Affine, Subspace, affine_regression, subspace
from koopview.trajectory.learning import Schedule, learn, mean_square, put, split
from koopview.trajectory.padding import padded
from koopview.trajectory.scaled_layer import ScaledLayer

COPIES, NUMBER = 8, 4
"""Copies of the weights while learning (gradients, Adam's means and squares, the best so far); bytes per number."""

RIDGES = (1e-6, 1e-4, 1e-2)
"""Candidates for the ridge of each step's least squares: states of late steps hold little of the negative values."""

SHARES = (0.25, 1.0)
"""Candidates for the share of the steps that start with the affine part; held-out samples choose; 1 is the homotopy.

With a half instead of a quarter the built-in MNIST network's first layer ends further from its output on held-out
samples: an error of 0.32 instead of 0.28.
"""

Parts = tuple[torch.Tensor, torch.Tensor]
"""Indices of the samples to fit to, and of those to judge by."""

LEARNING = Schedule(updates=600, batch=100, rate=0.005, patience=40)


class Inserted(ScaledLayer):
    """A layer as N Linear layers, each with the activation of that step (METHOD section 2.3).

    ``x[k+1] = (1-s) z + s act(z)`` with ``z = B_k q(x[k]) + b_k`` and s = (k+1) / N. The coordinates q of the subspace
    are all entries of a narrow layer's state, or the leading directions of a wide one's: 20 steps of 784 states then
    hold 3 million weights instead of 12. Appended entries skip the activation. `steps` cannot change.
    """

    exact = False
    centre: torch.Tensor
    directions: torch.Tensor

    def __init__(self, layer: Layer, steps: int, pad: float, seen: Subspace) -> None:
        super().__init__(layer, steps, pad)
        self.size = seen.size
        self.register_buffer("centre", seen.centre)
        self.register_buffer("directions", seen.directions)
        states, coordinates = seen.directions.shape
        self.weights = nn.Parameter(torch.zeros(steps, states, coordinates, device=seen.centre.device))
        self.biases = nn.Parameter(torch.zeros(steps, states, device=seen.centre.device))

    def step(self, x: torch.Tensor, k: int) -> torch.Tensor:
        """Return the states (samples, states) that follow the states x of step k."""
        return self._followed(x, k, self.weights[k], self.biases[k])

    def _followed(self, x: torch.Tensor, k: int, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        """Return the states that follow the states x of step k, whose parameters are given."""
        q = Subspace(self.centre, self.size, self.directions).coordinates(x)
        z = torch.addmm(bias, q, weight.T)
        real = z[:, : self.layer.outputs]
        acted = torch.lerp(real, self.layer.activation(real), (k + 1) / self.steps)
        return torch.cat([acted, z[:, self.layer.outputs :]], 1)

    def forward(self, x: torch.Tensor, until: int) -> torch.Tensor:
        """Return the states (samples, until + 1, states) of inputs x (samples, inputs); `until` at most `steps`.

        The parameters are taken apart once: the gradient of one index at a time is a whole array of zeros for each
        step, which was two thirds of the time that learning took.
        """
        states = [padded(x, self.layer.states, self.pad)]
        weights, biases = self.weights.unbind(), self.biases.unbind()
        for k in range(until):
            states.append(self._followed(states[-1], k, weights[k], biases[k]))
        return torch.stack(states, 1)


def inserted(layer: Layer, inputs: torch.Tensor, steps: int, pad: float, seed: int, progress: Progress) -> Inserted:
    """Insert `steps` layers and train them, the rest of the network frozen, on the layer's output.

    They start at the path of :func:`start_at_path` that ends nearest on held-out samples. The end point is approximate.
    Parameters and errors as for :func:`koopview.trajectory.scaling.scale_layer`.
    """
    with torch.no_grad():
        begin, end = padded(inputs, layer.states, pad), padded(layer(inputs), layer.states, pad)
        seen = subspace(begin, end)
        check_memory(COPIES * NUMBER * steps * seen.directions.numel(), f"learning {steps:,} layers", "fewer steps")
        made = Inserted(layer, steps, pad, seen).to(inputs.dtype)
        parts = split(len(inputs), torch.Generator().manual_seed(seed))  # as `learn` splits: the second part judges
        start_at_best_path(made, inputs, end[:, : layer.outputs], parts, part(progress, 0.0, 0.2))
    made.float()
    learn(
        [made.weights, made.biases],
        lambda x: made.output(x),
        inputs.float(),
        end[:, : layer.outputs].float(),
        LEARNING,
        torch.Generator().manual_seed(seed),
        part(progress, 0.2, 1.0),
    )
    return made.requires_grad_(False).to(inputs.dtype)


def start_at_best_path(
    made: Inserted, inputs: torch.Tensor, outputs: torch.Tensor, parts: Parts, progress: Progress
) -> None:
    """Set the inserted layers to the path whose end, on held-out samples, is nearest to `outputs`."""
    judged, parameters, starts = parts[1], [made.weights, made.biases], []
    for index, share in enumerate(SHARES):
        start_at_path(made, inputs, parts, share, part(progress, index / len(SHARES), (index + 1) / len(SHARES)))
        error = float(mean_square(made.output(inputs[judged]), outputs[judged]))
        starts.append((error, [parameter.detach().clone() for parameter in parameters]))
    put(min(starts, key=lambda one: one[0])[1], parameters)


def start_at_path(made: Inserted, inputs: torch.Tensor, parts: Parts, share: float, progress: Progress) -> None:
    """Set the first `share` of the layers to an even path to the layer's affine part, the others to keep it.

    Each of the first is the least-squares map from the states before it to the path's next ``z``, so that a share of 1
    is the homotopy as well as Linear layers can follow it. But late steps would then have to restore what a nearly
    closed ReLU removed. With the affine part done before, only the activations are left, and those of a ReLU's steps
    compose to a ReLU. The built-in MNIST network, its first layer so replaced, is right on 97.9 % of the test digits
    before any learning, instead of 78 %.
    """
    layer = made.layer
    begin, affine = (padded(x, layer.states, made.pad) for x in (inputs, layer.affine(inputs)))
    x, seen = begin, Subspace(made.centre, made.size, made.directions)
    early = max(1, round(share * made.steps))
    for k in range(made.steps):
        progress(k / made.steps, f"inserted layer {k + 1} of {made.steps}")
        weight, bias = seen.directions * seen.size, seen.centre
        if k < early:
            weight, bias = judged_regression(seen.coordinates(x), torch.lerp(begin, affine, (k + 1) / early), parts)
        made.weights[k].copy_(weight)
        made.biases[k].copy_(bias)
        x = made.step(x, k)


def judged_regression(x: torch.Tensor, y: torch.Tensor, parts: Parts) -> Affine:
    """Return the affine map from x to y, fitted to one part, with the ridge that does best on the other."""
    fitted, judged = parts
    maps = [affine_regression(x[fitted], y[fitted], ridge) for ridge in RIDGES]
    return min(maps, key=lambda one: float((torch.addmm(one[1], x[judged], one[0].T) - y[judged]).square().sum()))
