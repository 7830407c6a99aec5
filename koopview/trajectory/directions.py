"""The few directions of a wide layer's states that learned scalings act in, so that they have few weights."""

from dataclasses import dataclass

import torch

Affine = tuple[torch.Tensor, torch.Tensor]
"""Weights (outputs, inputs) and offsets (outputs,)."""

MOST = 96
"""Leading directions taken of a layer's inputs and of its outputs.

The built-in MNIST network, right on 98.9 % of the test digits, is right on 98.6 % when its first layer's outputs are
projected on their 96 leading directions, and on 98.9 % when its inputs are (98.4 and 98.7 % with 64 directions).
"""


@dataclass(frozen=True, eq=False)
class Subspace:
    """Coordinates of states: ``q = (x - centre) V / size``. The part of a state outside V's span is called its rest.

    Attributes
    ----------
    centre : tensor (states,)
        Mean of the layer's padded outputs.
    size : float
        Root mean square of a state's entries about the mean of inputs and outputs.
    directions : tensor (states, coordinates)
        V, orthonormal; the identity for states of at most 2 MOST entries, which then have no rest.
    """

    centre: torch.Tensor
    size: float
    directions: torch.Tensor

    def coordinates(self, x: torch.Tensor) -> torch.Tensor:
        """Return the coordinates (..., coordinates) of states x (..., states)."""
        return (x - self.centre) @ self.directions / self.size


def subspace(start: torch.Tensor, end: torch.Tensor) -> Subspace:
    """Return the Subspace of paths from `start` to `end`, each (samples, states), float64.

    V spans the principal directions of the starts and of the ends, and the line between their means.
    """
    centre, before = end.mean(0), start.mean(0)
    spread = (torch.cat([start, end]) - (before + centre) / 2).square().mean().sqrt()
    size = float(spread) if float(spread) > 0 else 1.0
    states = start.shape[1]
    if states <= 2 * MOST:
        return Subspace(centre, size, torch.eye(states).to(start))
    principal = [torch.linalg.eigh((x - x.mean(0)).T @ (x - x.mean(0)))[1][:, -MOST:] for x in (end, start)]
    directions, _ = torch.linalg.qr(torch.cat([(centre - before)[:, None], *principal], 1))
    return Subspace(centre, size, directions)


def affine_regression(x: torch.Tensor, y: torch.Tensor, ridge: float = 1e-6) -> Affine:
    """Return the least-squares map y = x A^T + b as (A, b), float64; the penalty on A is `ridge` times x's variance.

    A small penalty decides the directions of A in which x does not vary.
    """
    x_mean, y_mean = x.mean(0), y.mean(0)
    centred = x - x_mean
    gram = centred.T @ centred
    gram.diagonal().add_(ridge * gram.diagonal().mean() + torch.finfo(gram.dtype).tiny)
    weight = torch.linalg.solve(gram, centred.T @ (y - y_mean)).T
    return weight, y_mean - x_mean @ weight.T
