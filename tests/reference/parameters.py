"""Which of a module's parameters stand in stages that can be replaced: found by their numbers."""

from dataclasses import fields

import torch
from torch import nn


def supported_share(module, network):
    """Return the share (0 to 1) of a module's parameters that stands in supported stages, each counted once.

    A parameter stands in a stage that holds its numbers. One whose numbers were computed into others (a batch norm that
    is folded, the two parts of a weight norm) stands in the stage that has the name of its module, or in that of the
    parameter before it.
    """
    where = {}
    for layer in network.layers:
        for key in {digest(one) for one in tensors_of(layer)}:
            where[key] = where.get(key, False) or not layer.reason
    total = supported = 0
    last = False
    for name, parameter in module.named_parameters():
        found = where.get(digest(parameter))
        found = named(name, network) if found is None else found
        last = last if found is None else found
        total += parameter.numel()
        supported += parameter.numel() * last
    return supported / total


def holds_all(module, network):
    """Return whether every parameter's numbers stand in the network as they are: none was computed into others."""
    held = {digest(one) for layer in network.layers for one in tensors_of(layer)}
    return all(digest(one) in held for one in module.parameters())


def tensors_of(layer):
    """Return the parameters and buffers of all parts of a layer."""
    parts = [getattr(layer, field.name) for field in fields(layer)]
    modules = [part for part in parts if isinstance(part, nn.Module)]
    return [one for part in modules for one in (*part.parameters(), *part.buffers())]


def digest(tensor):
    """Return a key of a tensor's shape and numbers."""
    plain = tensor.detach().to(torch.float32).contiguous()
    return tuple(plain.shape), plain.numpy().tobytes()


def named(name, network):
    """Return whether the layer that has a parameter's module as its name is supported, None if none has."""
    prefixes = [layer for layer in network.layers if name.startswith(f"{layer.name}.")]
    longest = max(prefixes, key=lambda layer: len(layer.name), default=None)
    return None if longest is None else not longest.reason
