"""A text that differs for another network: over everything that changes the function it computes."""

import hashlib
from collections.abc import Iterator
from typing import Any

import torch
from torch import fx, nn

from koopview.network.network import Layer, Network


def network_fingerprint(network: Network) -> str:
    """Return a text that differs for another network, the same in every process and on every machine.

    Over layers in their order, and of each module in them its class, its plain attributes (an activation's
    arguments), parameters and buffers with their types, and of a function found in a forward pass its name and
    arguments.
    """
    digest = hashlib.blake2b(digest_size=16)
    for layer in network.layers:
        for told in _layer(layer):
            digest.update(told if isinstance(told, bytes) else repr(told).encode())
    return digest.hexdigest()


def _layer(layer: Layer) -> Iterator[Any]:
    yield layer.name, layer.kind, layer.activation_name, layer.inputs, layer.outputs, bool(layer.reason)
    for role, module in (("arrange", layer.arrange), ("affine", layer.affine), ("activation", layer.activation)):
        yield role
        for name, part in module.named_modules(remove_duplicate=False):
            yield name, type(part).__module__, type(part).__qualname__, _attributes(part)
        for name, tensor in (*module.named_parameters(remove_duplicate=False), *module.named_buffers()):
            yield name, str(tensor.dtype), tuple(tensor.shape)
            yield (
                tensor.detach()
                .cpu()
                .contiguous()
                .view(torch.uint8 if tensor.numel() else tensor.dtype)
                .numpy()
                .tobytes()
            )


def _attributes(part: nn.Module) -> list[tuple[str, Any]]:
    """Return what a module was made with, by name."""
    return [
        (name, _plain(value))
        for name, value in sorted(vars(part).items())
        if not name.startswith("_") and name not in ("training", "inplace")
    ]


def _plain(value: Any) -> Any:
    """Return a value as text and numbers that are the same in every process: no addresses."""
    if isinstance(value, fx.Node):
        if value.op == "placeholder":
            return "input"
        return value.op, _target(value.target), _plain(value.args), _plain(value.kwargs)
    if isinstance(value, (tuple, list)):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return [(str(key), _plain(one)) for key, one in sorted(value.items(), key=lambda pair: str(pair[0]))]
    if value is None or isinstance(value, (bool, int, float, complex, str)):
        return type(value).__name__, repr(value)
    if isinstance(value, torch.Tensor):
        return str(value.dtype), tuple(value.shape), value.detach().cpu().flatten().tolist()
    return _target(value)


def _target(value: Any) -> str:
    """Return the name of a function or type, the class of anything else."""
    name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
    if name is None:
        return value if isinstance(value, str) else type(value).__qualname__
    return f"{getattr(value, '__module__', '')}.{name}"
