"""Tokens as samples: the state of each is its own numbers, with the mean token as further observables."""

import torch

from koopview.errors import InputError
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
    """Return the Tokens of a stage from tokens to as many tokens; raises InputError for any other."""
    before, after = layer.in_shape, layer.out_shape
    if len(before) != 2 or len(after) != 2 or before[0] != after[0]:
        raise InputError(
            f"states are tokens, but stage {layer.name} maps {told(before, layer.inputs)} to "
            f"{told(after, layer.outputs)}, expected (tokens, width) to as many tokens; flat or pca fit any stage",
            "--states",
        )
    return Tokens(before[0], before[1], after[1])


def told(shape: tuple[int, ...], count: int) -> str:
    """Return a shape as people write it, "(49, 32)" or "8"."""
    return f"({', '.join(map(str, shape))})" if len(shape) > 1 else str(count)


def _with_mean(x: torch.Tensor) -> torch.Tensor:
    return torch.cat([x, x.mean(1, keepdim=True).expand_as(x)], 2)
