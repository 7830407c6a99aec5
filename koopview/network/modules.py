"""Read any torch module as a network of layers, one after the other."""

from dataclasses import replace

import torch
from torch import nn

from koopview.errors import InputError
from koopview.network.forward.links import linked
from koopview.network.forward.own_outputs import check_outputs, random_inputs
from koopview.network.forward.tracing import own_copy
from koopview.network.grouping import grouped
from koopview.network.network import Network
from koopview.network.precision import half_remark
from koopview.network.sizing import sized


@torch.random.fork_rng(devices=[])  # numbers drawn by a forward pass are not missing in the person's program
def network_from_module(
    module: nn.Module, name: str = "model", example: torch.Tensor | None = None, *, shared: bool = False
) -> Network:
    """Return the layers of a module, one after the other, as its forward pass runs them.

    The module is copied, so the caller's stays unchanged; its weights are `shared` if nobody is going to change them. A
    batch norm right after a Linear is folded into it, Dropout is off. Operations with branches between them are one
    layer, a block. A layer that cannot be replaced is kept in the chain with the reason. `example` are a few of the
    inputs (samples, ...), on which shapes are seen.

    Raises
    ------
    InputError
        If `module` is no module, its operations cannot be read, its outputs depend on the samples beside them, or
        the layers do not give its outputs on `example` (random inputs without it).
    """
    if not isinstance(module, nn.Module):
        raise InputError(f"{name} is a {type(module).__name__}, expected a torch.nn.Module")
    half = half_remark(module.parameters(), name)
    copied = own_copy(module, name, shared=shared)
    links, remarks = linked(copied, name, example)
    layers = grouped(links, name)
    if not layers:
        raise InputError(f"{name} holds no layer, expected a network with at least one Linear layer")
    network = Network(name, tuple(layers), (*([half] if half else []), *remarks))
    shown = random_inputs(copied, layers[0].inputs) if example is None else example
    network = replace(network, out_shape=check_outputs(network, copied, shown))
    read = sized(network, shown)
    return read if example is not None or _is_plain(read) else replace(read, module=copied)


def with_shapes(network: Network, example: torch.Tensor) -> Network:
    """Return a network as it is read with `example`, a few of its inputs, if it was read without any."""
    if network.module is None:
        return network
    known = network_from_module(network.module, network.name, example, shared=True)
    own = [remark for remark in network.remarks if remark not in known.remarks and "straight line" not in remark]
    return replace(known, remarks=(*own, *known.remarks))


def _is_plain(network: Network) -> bool:
    """Return whether all layers are Linear layers of rows, which take any samples of that many numbers."""
    return all(type(layer.affine) is nn.Linear for layer in network.layers)
