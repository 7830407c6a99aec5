"""A plain chain of Linear layers and activations as a JSON object and safetensors bytes, and back: no code inside."""

from typing import Any

import safetensors.torch
import torch
from torch import nn

from koopview.network.activations import ACTIVATIONS, activation
from koopview.network.modules import linear_layer
from koopview.network.network import Layer, Network

Structure = list[dict[str, Any]]
"""One object a layer: its name, what stands behind it, whether a picture is flattened before it."""


def chain_structure(network: Network) -> Structure | None:
    """Return the structure of a network that is a plain chain, None of any other."""
    layers = [_layer_structure(layer) for layer in network.layers]
    return None if None in layers else [layer for layer in layers if layer is not None]


def chain_weights(network: Network) -> bytes:
    """Return the weights of a plain chain as the bytes of a safetensors file, each under its layer's number."""
    weights = {}
    for place, layer in enumerate(network.layers):
        for name, tensor in layer.affine.state_dict().items():
            weights[f"{place}.{name}"] = tensor.cpu().contiguous()
    return safetensors.torch.save(weights)


def chain(name: str, structure: Structure, content: bytes) -> Network:
    """Return the network of a structure and its weights; raises what a broken one leads to."""
    weights = safetensors.torch.load(content)
    layers = [_layer(plain, f"{place}.", weights) for place, plain in enumerate(structure)]
    return Network(name, tuple(layers))


def _layer_structure(layer: Layer) -> dict[str, Any] | None:
    parts = list(layer.activation) if type(layer.activation) is nn.Sequential else [layer.activation]
    activations = [_activation_structure(part) for part in parts]
    if type(layer.affine) is not nn.Linear or layer.reason or None in activations:
        return None
    if type(layer.arrange) not in (nn.Flatten, nn.Identity) or _numbers(layer.arrange) != _numbers(
        type(layer.arrange)()
    ):
        return None
    return {
        "name": layer.name,
        "bias": layer.affine.bias is not None,
        "flatten": type(layer.arrange) is nn.Flatten,
        "activation": layer.activation_name,
        "activations": activations,
    }


def _layer(plain: dict[str, Any], prefix: str, weights: dict[str, torch.Tensor]) -> Layer:
    own = {key.removeprefix(prefix): value for key, value in weights.items() if key.startswith(prefix)}
    outputs, inputs = own["weight"].shape
    linear = nn.Linear(inputs, outputs, bias=plain["bias"])
    linear.load_state_dict(own)
    parts = [_activation(part) for part in plain["activations"]]
    act = parts[0] if len(parts) == 1 else nn.Sequential(*parts)
    arrange = nn.Flatten() if plain["flatten"] else nn.Identity()
    return linear_layer(plain["name"], linear, act, plain["activation"], arrange)


def _activation_structure(part: nn.Module) -> dict[str, Any] | None:
    """Return an activation's name and what it was made with, None of one that KoopView does not know."""
    name = next((name for name, kind in ACTIVATIONS.items() if type(part) is kind), None)
    return None if name is None else {"name": name, "parameters": _numbers(part)}


def _activation(plain: dict[str, Any]) -> nn.Module:
    """Return an activation; parameters that its kind does not have are no part of a whole file."""
    made = activation(plain["name"])
    if set(plain["parameters"]) != set(_numbers(made)):
        raise ValueError(f"{plain['name']} has other parameters than {', '.join(plain['parameters'])}")
    for key, value in plain["parameters"].items():
        if not isinstance(value, (int, float, str)):
            raise TypeError(f"{plain['name']} has no {key} like {value!r}")
        setattr(made, key, value)
    return made


def _numbers(part: nn.Module) -> dict[str, Any]:
    """Return the plain parameters of a module."""
    own = {key: value for key, value in vars(part).items() if key not in ("training", "inplace")}
    return {key: value for key, value in own.items() if isinstance(value, (int, float, str)) and key[0] != "_"}
