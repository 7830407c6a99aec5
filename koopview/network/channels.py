"""The shape that a network's first convolution takes, so that other samples are told in a sentence."""

from typing import NamedTuple

from torch import nn

from koopview.network.network import Network
from koopview.network.sizing import OfRows

_AXES: dict[type[nn.Module], int] = {nn.Conv1d: 1, nn.Conv2d: 2, nn.Conv3d: 3}


class Channels(NamedTuple):
    """The channels of a sample that a convolution takes, and the axes behind them."""

    channels: int
    axes: int


def channels_taken(network: Network) -> Channels | None:
    """Return the Channels of a network whose first operation is a convolution of its inputs, None for any other."""
    first = network.layers[0]
    affine = first.affine.module if isinstance(first.affine, OfRows) else first.affine
    moved = not isinstance(first.arrange, nn.Identity | nn.Flatten)
    axes = _AXES.get(type(affine))
    return None if moved or axes is None else Channels(int(affine.in_channels), axes)  # type: ignore[arg-type]
