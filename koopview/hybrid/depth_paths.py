"""The paths of a network whose steps can be replaced: residual streams, and recurrent layers along a sequence."""

from collections.abc import Sequence

import torch

from koopview.errors import InputError
from koopview.hybrid.passage import DepthPath
from koopview.hybrid.recurrence import recurrences
from koopview.hybrid.recurrent_path import RecurrentPath
from koopview.hybrid.stream_path import StreamPath
from koopview.hybrid.streams import SHAPE_SAMPLES, streams
from koopview.network.network import Network


def depth_paths(network: Network, x: torch.Tensor, driven: bool = True) -> list[DepthPath]:
    """Return the paths of a network, each kind sorted by falling number of steps; raises InputError if there is none.

    Streams of sibling blocks and the time steps of recurrent layers come first, runs of other layers after them.

    Parameters
    ----------
    x : tensor (samples, ...)
        Some inputs of the network.
    driven : bool
        Whether what replaces time steps sees their inputs.
    """
    known, called = streams(network, x), recurrences(network, x[:SHAPE_SAMPLES])
    usable: list[DepthPath] = [RecurrentPath(network, one, driven) for one in called if not one.reason]
    siblings: list[DepthPath] = [StreamPath(network, one) for one in known if one.siblings]
    found = sorted([*siblings, *usable], key=lambda path: -len(path.names))
    found += [StreamPath(network, one) for one in known if not one.siblings]
    if not found:
        reasons = "".join(f"; {one.reason}" for one in called)
        raise InputError(
            f"{network.name} has no residual stream: no two of its layers in a row give what they take in the same "
            f"shape; expected two or more blocks of one width, or a recurrent layer{reasons}"
        )
    return found


def longest_path(network: Network, x: torch.Tensor, driven: bool = True) -> DepthPath:
    """Return the path of sibling blocks or time steps with the most of them, or any other one.

    Raises InputError if there is none.
    """
    return depth_paths(network, x, driven)[0]


def path_near(network: Network, x: torch.Tensor, layer: str, driven: bool = True) -> DepthPath:
    """Return the path of the layer called `layer`, or the longest if it has none; raises InputError without any."""
    found = depth_paths(network, x, driven)
    return _of_layer(found, layer) or found[0]


def path_of(network: Network, x: torch.Tensor, layer: str, driven: bool = True) -> DepthPath:
    """Return the time steps of the layer called `layer`, or the stream that it belongs to; InputError without any."""
    known = depth_paths(network, x, driven)
    found = _of_layer(known, layer)
    if found is None:
        named = "; ".join(map(_listed, known[:3]))
        raise InputError(
            f"layer is {layer!r}, which is on no path of {network.name}, expected one of {named}", "--layer"
        )
    return found


def _of_layer(paths: Sequence[DepthPath], layer: str) -> DepthPath | None:
    own = (one for one in paths if isinstance(one, RecurrentPath) and layer in (one.layer, one.recurrence.layer))
    around = (one for one in paths if isinstance(one, StreamPath) and one.has(layer))
    return next(own, None) or next(around, None)


def path_from(
    network: Network, x: torch.Tensor, start: str, blocks: int, layer: str | None = None, driven: bool = True
) -> tuple[DepthPath, int]:
    """Return the path in which `blocks` steps begin with the one called `start`, and the index of that step.

    It is that of `layer`, if one is named.

    Raises
    ------
    InputError
        If there is no path, no step of that name in it, or fewer steps from there on.
    """
    known = depth_paths(network, x, driven) if layer is None else [path_of(network, x, layer, driven)]
    found = [(one, index) for one in known if (index := one.index(start)) is not None]
    if not found:
        named = "; ".join(map(_listed, known[:3]))
        raise InputError(f"start is {start!r}, which begins no block of {network.name}, expected one of {named}")
    long = next((pair for pair in found if pair[1] + blocks <= len(pair[0].names)), None)
    if long is None:
        most = max(len(one.names) - index for one, index in found)
        raise InputError(f"blocks is {blocks}, expected 1 to {most}: so many of one shape begin with {start}")
    return long


def _listed(path: DepthPath) -> str:
    """Return the names of a path's steps in words."""
    if path.layer:
        return f"{path.names[0]} to {path.names[-1]}, the time steps of {path.layer}"
    return ", ".join(path.names)
