"""Positions as samples: the state of each is the patch of the stage's input around it."""

import math

import torch
from torch.nn import functional

from koopview.errors import InputError
from koopview.network.network import Layer
from koopview.trajectory.states.reading import Reading
from koopview.trajectory.states.tokens import told


class Patches(Reading):
    """The patch of the input around each position of the output; beyond the picture's rim it holds zeros.

    The channels at the middle of a patch stand first, so that the first entries are those of the position itself.
    """

    def __init__(self, before: tuple[int, ...], after: tuple[int, ...], side: int) -> None:
        self.before, self.after, self.side = before, after, side
        rows, patch = math.prod(after[1:]), before[0] * side ** (len(before) - 1)
        super().__init__(rows, patch, after[0], after[0], exact=True)
        self.strides = [max(1, round(n / m)) for n, m in zip(before[1:], after[1:], strict=True)]
        middle = patch // before[0] // 2
        self.order = [middle, *(place for place in range(patch // before[0]) if place != middle)]

    def starts(self, x: torch.Tensor) -> torch.Tensor:
        """Return the patches (samples, positions, side^axes x channels) of a stage's inputs."""
        pictures = x.reshape(x.shape[0], *self.before)
        found = functional.pad(pictures, self._rims())
        for axis, stride in enumerate(self.strides):
            found = found.unfold(2 + axis, self.side, stride).narrow(2 + axis, 0, self.after[1 + axis])
        axes = len(self.strides)
        patches = found.flatten(2 + axes).flatten(2, 1 + axes)  # samples, channels, positions, places
        return patches[..., self.order].permute(0, 2, 3, 1).flatten(2)

    def ends(self, y: torch.Tensor) -> torch.Tensor:
        """Return the channels (samples, positions, channels) at each position of a stage's outputs."""
        return y.reshape(y.shape[0], self.after[0], self.rows).transpose(1, 2)

    def assembled(self, rows: torch.Tensor) -> torch.Tensor:
        """Return the outputs of the stage, a row each sample, of the channels (samples, positions, channels)."""
        return rows.transpose(1, 2).flatten(1)

    def _rims(self) -> list[int]:
        """Return the widths of the rims to add, as `functional.pad` takes them: last axis first."""
        rims: list[int] = []
        for n, m, stride in zip(self.before[1:], self.after[1:], self.strides, strict=True):
            first = (n - 1 - (m - 1) * stride) // 2  # the middle of the first patch
            low = self.side // 2 - first
            high = (m - 1) * stride + self.side - low - n
            rims = [low, max(0, high), *rims]
        return rims


def patches(layer: Layer, inputs: torch.Tensor, side: int) -> Patches:
    """Return the Patches of a stage of pictures, series or volumes; raises InputError for any other."""
    before, after = layer.in_shape, layer.out_shape
    if not 2 <= len(before) == len(after) <= 4 or math.prod(after[1:]) < 2:
        raise InputError(
            f"states are patches, but stage {layer.name} maps {told(before, layer.inputs)} to "
            f"{told(after, layer.outputs)}, expected (channels, positions ...) to positions; flat or pca fit any stage",
            "--states",
        )
    return Patches(before, after, side)
