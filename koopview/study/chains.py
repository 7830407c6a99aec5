"""Convert a plain chain of Linear layers and activations to a JSON object and safetensors bytes, and back; no code."""

import safetensors.torch
import torch
from torch import nn

from koopview.network.activations import ACTIVATIONS, activation
from koopview.network.grouping import linear_layer
from koopview.network.network import Layer, Network
from koopview.study.origin import ActivationParts, LayerParts

Structure = tuple[LayerParts, ...]


def chain_structure(network: Network) -> Structure | None:
    """Return the Structure of a network that is a plain chain, None for any other."""
    layers = [_layer_structure(layer) for layer in network.layers]
    return None if None in layers else tuple(layer for layer in layers if layer is not None)


def chain_weights(network: Network) -> bytes:
    """Return the weights of a plain chain as the bytes of a safetensors file, each under its layer's number."""
    weights = {}
    for index, layer in enumerate(network.layers):
        for name, tensor in layer.affine.state_dict().items():
            weights[f"{index}.{name}"] = tensor.cpu().contiguous()
    return safetensors.torch.save(weights)


def chain(name: str, structure: Structure, content: bytes) -> Network:
    """Return the Network of a structure and its weights; broken content may raise any exception."""
    weights = safetensors.torch.load(content)
    layers = [_layer(parts, f"{index}.", weights) for index, parts in enumerate(structure)]
    return Network(name, tuple(layers))


def _layer_structure(layer: Layer) -> LayerParts | None:
    modules = list(layer.activation) if type(layer.activation) is nn.Sequential else [layer.activation]
    activations = [parts for module in modules if (parts := _activation_parts(module)) is not None]
    if type(layer.affine) is not nn.Linear or layer.reason or len(activations) < len(modules):
        return None
    arrange = type(layer.arrange)
    if arrange not in (nn.Flatten, nn.Identity) or _parameters(layer.arrange) != _parameters(arrange()):
        return None
    bias, flatten = layer.affine.bias is not None, arrange is nn.Flatten
    return LayerParts(layer.name, bias, flatten, layer.activation_name, tuple(activations))


def _layer(parts: LayerParts, prefix: str, weights: dict[str, torch.Tensor]) -> Layer:
    own = {key.removeprefix(prefix): value for key, value in weights.items() if key.startswith(prefix)}
    outputs, inputs = own["weight"].shape
    linear = nn.Linear(inputs, outputs, bias=parts.bias)
    linear.load_state_dict(own)
    modules = [_activation(one) for one in parts.activations]
    act = modules[0] if len(modules) == 1 else nn.Sequential(*modules)
    arrange = nn.Flatten() if parts.flatten else nn.Identity()
    return linear_layer(parts.name, linear, act, parts.activation, arrange)


def _activation_parts(module: nn.Module) -> ActivationParts | None:
    """Return an activation's name and arguments, None for one that KoopView does not know."""
    name = next((name for name, kind in ACTIVATIONS.items() if type(module) is kind), None)
    return None if name is None else ActivationParts(name, _parameters(module))


def _activation(parts: ActivationParts) -> nn.Module:
    """Return an activation module; refuse parameters that its class does not have."""
    made = activation(parts.name)
    if set(parts.parameters) != set(_parameters(made)):
        raise ValueError(f"{parts.name} has other parameters than {', '.join(parts.parameters)}")
    for key, value in parts.parameters.items():
        setattr(made, key, value)
    return made


def _parameters(module: nn.Module) -> dict[str, bool | int | float | str]:
    """Return the plain parameters of a module."""
    own = {key: value for key, value in vars(module).items() if key not in ("training", "inplace")}
    return {key: value for key, value in own.items() if isinstance(value, (int, float, str)) and key[0] != "_"}
