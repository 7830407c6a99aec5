"""What a module itself gives, compared with what its layers give one after the other."""

from typing import Any

import torch
from torch import fx, nn

from koopview.errors import InputError
from koopview.network.forward.aten_layers import dropout_remark
from koopview.network.forward.tracing import chosen, fitting, guessed_example, one_line
from koopview.network.forward.wholes import WithoutDropout
from koopview.network.network import Network

TOLERANCE = 1e-4
"""Largest difference of outputs, relative to the largest of them, that rounding may make."""


JUMPS = 0.5
"""Share of samples that rounding may move farther: a batch of another size is added up in another order, and a module
that rounds to half precision on the way makes a jump of it here and there."""

WORK = 2**30
"""Most products of one run of a check: of a network with more parameters fewer samples are compared."""

LEAST = 16
"""Samples that are compared of the largest networks, if there are as many."""


def random_inputs(module: nn.Module, features: int = 0) -> torch.Tensor:
    """Return random inputs (samples, ...) of the shape that a module seems to take; its first layer takes `features`.

    0 if that is not known.
    """
    shown = fitting(None, module) if isinstance(module, fx.GraphModule) else guessed_example(module)
    flat = shown.ndim == 2 and features > 0
    return torch.randn(len(shown), features) if flat else torch.randn(shown.shape)


def check_outputs(network: Network, module: nn.Module, x: torch.Tensor) -> tuple[int, ...]:
    """Return the shape of a sample's outputs, those of the `module` that a network was read from, on inputs x.

    Raises InputError unless the network gives the same, or if the module's outputs differ from run to run, or depend
    on the samples beside them. Inputs that neither takes are left to whoever runs the network: the shape is empty.
    """
    x = x[: max(LEAST, WORK // max(1, sum(one.numel() for one in module.parameters())))]
    try:
        read = network.run(x)
    except Exception:  # the network is run on all data later, which tells what is wrong
        return ()
    own = own_outputs(module, x, network.name)
    drops = isinstance(module, (fx.GraphModule, torch.jit.ScriptModule)) and dropout_remark(network.name)
    if drops in network.remarks or not bool(torch.isfinite(own).all()):
        return tuple(own.shape[1:])
    again = own_outputs(module, x, network.name)
    if _differ(again, own):
        raise InputError(
            f"{network.name} gives other outputs each time it runs on the same inputs, expected one that draws no "
            "random numbers in evaluation mode"
        )
    half = max(1, len(x) // 2)
    if len(x) > 1 and _differ(own_outputs(module, x[:half], network.name), own[:half], JUMPS):
        raise InputError(
            f"{network.name} gives outputs that depend on the samples beside them, expected each sample's own"
        )
    if _differ(read, own):
        raise InputError(
            f"{network.name} cannot be read as layers that give its outputs: {_told(read, own)}; "
            "expected a forward pass like nn.Sequential's"
        )
    return tuple(own.shape[1:])


def own_outputs(module: nn.Module, x: torch.Tensor, name: str) -> torch.Tensor:
    """Return a module's own outputs (samples, ...); raises InputError if it cannot run on inputs x (samples, ...)."""
    count = _fixed_count(module)
    batches = (
        [x] if count is None else list((x if len(x) >= count else x.repeat(count, *[1] * (x.ndim - 1))).split(count))
    )
    try:
        with torch.no_grad(), WithoutDropout():
            outputs = [
                chosen(module(batch.clone()), torch.Tensor)[0] for batch in batches if count in (None, len(batch))
            ]
        if any(one.ndim == 0 for one in outputs):
            raise ValueError("it gives one number for all samples")
        return torch.cat(outputs)[: len(x)].float()
    except Exception as error:  # a user's forward pass may raise anything
        raise InputError(f"{name} cannot run on its inputs {tuple(x.shape)}: {one_line(error)}") from error


def _fixed_count(module: nn.Module) -> int | None:
    """Return the number of samples that an exported module takes, None if it takes any."""
    nodes = module.graph.nodes if isinstance(module, fx.GraphModule) else ()
    value: Any = next((node.meta.get("val") for node in nodes if node.op == "placeholder"), None)
    known = isinstance(value, torch.Tensor) and value.ndim > 0 and type(value.shape[0]) is int
    return value.shape[0] if known else None


def _differ(read: torch.Tensor, own: torch.Tensor, share: float = 0.0) -> bool:
    """Return whether outputs, one row of numbers each sample, differ by more than rounding in more than a share."""
    count = min(len(read), len(own))
    read, own = read[:count].reshape(count, -1), own[:count].reshape(count, -1)
    if read.shape != own.shape:
        return True
    if own.numel() == 0:
        return False
    apart = (read - own).abs().amax(1) > TOLERANCE * own.abs().max().clamp_min(1e-30)
    return bool(apart.float().mean() > share)


def _told(read: torch.Tensor, own: torch.Tensor) -> str:
    """Return how outputs differ, a str."""
    if read.shape[1:].numel() != own.shape[1:].numel():
        return f"they give {tuple(read.shape)}, the module {tuple(own.shape)}"
    count = min(len(read), len(own))
    apart = (read[:count].reshape(-1) - own[:count].reshape(-1)).abs().max()
    return f"they differ by {float(apart):.2g}"
