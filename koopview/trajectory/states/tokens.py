"""Tokens as samples: the state of each is its own numbers, with the mean token as further observables."""

import torch

from koopview.network.network import Layer
from koopview.trajectory.states.reading import Reading


class Tokens(Reading):
    """The tokens of a sample, each with the mean of all: what attention brings from the others is lost beyond it."""

    def __init__(self, tokens: int, before: int, after: int) -> None:
        super().__init__(tokens, 2 * before, 2 * after, after, exact=True)

    def starts(self, x: torch.Tensor) -> torch.Tensor:
        """Return each token and the mean token (samples, tokens, 2 width)."""
        return _with_mean(x.reshape(x.shape[0], self.rows, -1))

    def ends(self, y: torch.Tensor) -> torch.Tensor:
        """Return each token and the mean token (samples, tokens, 2 width)."""
        return _with_mean(y.reshape(y.shape[0], self.rows, -1))

    def assembled(self, rows: torch.Tensor) -> torch.Tensor:
        """Return the tokens (samples, tokens x width) as a row of each sample."""
        return rows.flatten(1)


def tokens(layer: Layer, inputs: torch.Tensor, count: int) -> Tokens:
    """Return the Tokens of a stage from tokens to as many tokens."""
    return Tokens(layer.in_shape[0], layer.in_shape[1], layer.out_shape[1])


def _with_mean(x: torch.Tensor) -> torch.Tensor:
    return torch.cat([x, x.mean(1, keepdim=True).expand_as(x)], 2)
