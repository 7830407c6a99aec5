"""Positions as samples: the state of each is the patch of the stage's input around it."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional

from koopview.network.network import Layer
from koopview.trajectory.states.reading import Reading


class Places(NamedTuple):
    """Middles of patches along an axis of the input: the first, and the steps from one to the next."""

    first: int
    stride: int


class Patches(Reading):
    """The patch of the input around each position of the output; beyond the picture's rim it holds zeros.

    The channels at the middle of a patch stand first, so that the first entries are those of the position itself.
    """

    def __init__(self, before: tuple[int, ...], after: tuple[int, ...], side: int, places: Sequence[Places]) -> None:
        self.before, self.after, self.side, self.places = before, after, side, tuple(places)
        rows, patch = math.prod(after[1:]), before[0] * side ** (len(before) - 1)
        super().__init__(rows, patch, after[0], after[0], exact=True)
        middle = patch // before[0] // 2
        self.order = [middle, *(place for place in range(patch // before[0]) if place != middle)]

    def starts(self, x: torch.Tensor) -> torch.Tensor:
        """Return the patches (samples, positions, side^axes x channels) of a stage's inputs."""
        pictures = x.reshape(x.shape[0], *self.before)
        found = functional.pad(pictures, self._rims())
        for axis, places in enumerate(self.places):
            found = found.unfold(2 + axis, self.side, places.stride).narrow(2 + axis, 0, self.after[1 + axis])
        axes = len(self.places)
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
        for n, m, places in zip(self.before[1:], self.after[1:], self.places, strict=True):
            low = self.side // 2 - places.first
            high = (m - 1) * places.stride + self.side - low - n
            rims = [low, max(0, high), *rims]
        return rims


def patches(layer: Layer, inputs: torch.Tensor, side: int) -> Patches:
    """Return the Patches of a stage of pictures, series or volumes."""
    return Patches(layer.in_shape, layer.out_shape, side, places_of(layer))


def places_of(layer: Layer) -> list[Places]:
    """Return along each axis where the input's patches stand that the output's positions see.

    A convolution tells them; of any other stage they are spread over its input evenly.
    """
    conv = getattr(layer.affine, "module", None)
    if isinstance(conv, (nn.Conv1d, nn.Conv2d, nn.Conv3d)):
        reach = [dilation * (side - 1) // 2 for dilation, side in zip(conv.dilation, conv.kernel_size, strict=True)]
        told = reach if conv.padding == "same" else conv.padding
        rims: Sequence[int] = [0] * len(reach) if isinstance(told, str) else told
        known = [(one, rim, step) for one, rim, step in zip(reach, rims, conv.stride, strict=True)]
        return [Places(one - rim, step) for one, rim, step in known]
    spread = [(n, m, max(1, round(n / m))) for n, m in zip(layer.in_shape[1:], layer.out_shape[1:], strict=True)]
    return [Places((n - 1 - (m - 1) * stride) // 2, stride) for n, m, stride in spread]
