"""A hybrid's outputs on the test samples, from the coordinates that a fit keeps: the inner loop of every slider."""

from collections.abc import Mapping

import torch
from torch import nn

from koopview.hybrid.accuracy import in_batches
from koopview.hybrid.layer_fit import LayerFit
from koopview.network.network import Function, Layer, Network
from koopview.progress import Progress, silent


def hybrid_logits(network: Network, fits: Mapping[str, LayerFit], progress: Progress = silent) -> torch.Tensor:
    """Return the hybrid's outputs (test samples, outputs), its layers replaced by `fits` in network order."""
    name, run = hybrid_after(network, fits)
    return in_batches(run, fits[name].coordinates, progress)


def hybrid_after(network: Network, fits: Mapping[str, LayerFit]) -> tuple[str, Function]:
    """Return the first replaced layer's name, and the hybrid as a function of that layer's z[0] coordinates.

    The layers after an edited one stay as they were fitted to the unedited hybrid: this shows the effect of the edit,
    not that of a new fit.
    """
    names = list(fits)
    first = next((name for name in names if fits[name].dmd.edits), names[-1])
    later: dict[str, Function] = {name: fits[name].module() for name in names[names.index(first) + 1 :]}
    module = fits[first].module()
    if module.scaled.rows > 1 or module.scaled.layer.carried:
        return first, lambda coordinates: network.run(module.outputs(coordinates), later, after=first)
    readout = module.readout
    run = network_after(network, first, readout, None, later)
    return first, lambda coordinates: run(coordinates[:, : readout.shape[1]])


def logits_after(
    network: Network,
    name: str,
    coordinates: torch.Tensor,
    readout: torch.Tensor,
    replacements: Mapping[str, Function] | None = None,
    progress: Progress = silent,
) -> torch.Tensor:
    """Return the network's outputs (samples, outputs) from the coordinates of z[0] of the layer called `name`.

    If the next layer is dense, its weights are multiplied by the readout once, instead of by every sample's output:
    for MNIST's first layer a change of rank then costs a quarter.

    Parameters
    ----------
    coordinates : float32 tensor (samples, rank or more)
    readout : tensor (layer outputs, rank)
        Maps coordinates to the layer's output, see :class:`LinearizedLayer`.
    replacements : mapping from layer name to function
        Of layers after this one.
    """
    rank, run = readout.shape[1], network_after(network, name, readout, None, replacements)
    return in_batches(lambda batch: run(batch[:, :rank]), coordinates, progress)


def network_after(
    network: Network,
    name: str,
    readout: torch.Tensor,
    offset: torch.Tensor | None,
    replacements: Mapping[str, Function] | None = None,
    precision: torch.dtype = torch.float32,
) -> Function:
    """Return the rest of the network as a function of coordinates (samples, k), float32, or float64 as `precision`.

    The output of the layer called `name` is their affine map with `readout` (layer outputs, k) and `offset` (layer
    outputs,). If the next layer is dense, both maps are multiplied into one, once.
    """
    following = network.after(name)
    dense = None if following is None or following.name in (replacements or {}) else dense_operation(following)
    shift = readout.new_zeros(len(readout)) if offset is None else offset
    activation: nn.Module = nn.Identity()
    after = name
    if following is not None and dense is not None:
        weight = dense.weight.to(readout)
        readout, shift = weight @ readout, weight @ shift + (0 if dense.bias is None else dense.bias)
        after, activation = following.name, following.activation
    weights, shift = readout.to(precision).T.contiguous(), shift.to(precision)
    return lambda batch: network.run(activation(torch.addmm(shift, batch, weights).float()), replacements, after=after)


def dense_operation(layer: Layer) -> nn.Linear | None:
    """Return the nn.Linear of a layer that multiplies flat inputs by a matrix, None for any other layer."""
    flat = isinstance(layer.arrange, nn.Identity | nn.Flatten)
    return layer.affine if flat and type(layer.affine) is nn.Linear else None
