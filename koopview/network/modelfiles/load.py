"""Open a model file. A file that could run code when it is read is refused unless the user trusts it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from koopview.errors import FileError, InputError
from koopview.files import existing_file
from koopview.installation import own_file
from koopview.network.activations import activation
from koopview.network.demos import DEMO_NAMES, demo_name, is_demo
from koopview.network.modelfiles.factory import FACTORY, filled_module, one_line
from koopview.network.modelfiles.layer_order import layer_order
from koopview.network.modelfiles.model_formats import KINDS, format_of
from koopview.network.modules import linear_layer, network_from_module
from koopview.network.network import Layer, Network

_INSIDE = ("state_dict", "model_state_dict", "model")
"""Keys under which checkpoints commonly keep the weights."""


def load_network(
    model: str | Path, *, activation_name: str | None = None, factory: str | None = None, trust: bool = False
) -> Network:
    """Open a model: ``demo:yinyang``, ``demo:mnist`` or a file.

    Parameters
    ----------
    model : str or path
        A safetensors file or a state dict, or, with `trust`, a whole pickled module.
    activation_name : str, optional
        The activation between the layers, which a file of weights may not name.
    factory : str, optional
        ``FILE.py:FUNCTION``, the user's code that returns the module for the weights.
    trust : bool
        Whether reading the file may run code that is inside it.

    Raises
    ------
    FileError
        For a file that is missing, broken, not a model, or not trusted.
    InputError
        For an activation that is unknown or missing.
    """
    if is_demo(str(model)):
        return _demo(demo_name(str(model)))
    path = existing_file(Path(model), "model", KINDS)
    content, metadata, in_order = format_of(path).reader().read(path, trust)
    content = _unwrapped(content)
    if isinstance(content, nn.Module) and factory is None:
        return _network_of(content, path.name)
    weights = _weights(content, path)
    if factory is not None:
        return _network_of(filled_module(factory, weights, path.name), path.name)
    name = activation_name or metadata.get("activation")
    if name is None:
        raise InputError(
            f"{path} holds weights alone, expected the name of its activation (relu, gelu, tanh, ...) or a factory",
            "--activation NAME",
            FACTORY,
        )
    return network_from_weights(weights, name, path.name, in_order=in_order)


def network_from_weights(
    weights: Mapping[str, torch.Tensor], activation_name: str, name: str = "model", *, in_order: bool = True
) -> Network:
    """Return the multilayer perceptron whose Linear layers hold `weights`, with one activation between them.

    Layers are named by their keys without ``.weight``; `in_order` says whether `weights` are in the order of
    definition, see :func:`koopview.network.modelfiles.layer_order.layer_order`.
    """
    activation(activation_name)
    prefixes = _chained(
        [key.removesuffix(".weight") for key in weights if key.endswith(".weight")], weights, name, in_order
    )
    extra = set(weights) - {f"{p}.{part}" for p in prefixes for part in ("weight", "bias")}
    if extra:
        raise InputError(
            f"{name} holds {min(extra)!r}, which is no Linear layer's; expected a factory for such a model", FACTORY
        )
    layers: list[Layer] = []
    for prefix in prefixes:
        last = prefix == prefixes[-1]
        act = "identity" if last else activation_name
        layers.append(linear_layer(prefix, _linear(weights, prefix, name), activation(act), act))
    return Network(name, tuple(layers))


def _demo(name: str) -> Network:
    """Return a built-in network."""
    if name not in DEMO_NAMES:
        raise InputError(f"model is 'demo:{name}', expected one of {', '.join(f'demo:{one}' for one in DEMO_NAMES)}")
    with own_file(f"models/{name}.safetensors") as path:
        network = load_network(path)
    return Network(f"demo:{name}", network.layers)


def _network_of(module: nn.Module, name: str) -> Network:
    """Return the network of a module; the user's code in it may do anything."""
    try:
        return network_from_module(module, name)
    except InputError:
        raise
    except (Exception, SystemExit) as error:
        raise InputError(
            f"{name} cannot be read as a chain of layers ({type(error).__name__}: {one_line(error)}), "
            "expected a forward pass like nn.Sequential's"
        ) from error


def _unwrapped(content: Any) -> Any:
    """Return the content inside the usual wrappers of a checkpoint."""
    if not isinstance(content, Mapping):
        return content
    return next((content[key] for key in _INSIDE if isinstance(content.get(key), (Mapping, nn.Module))), content)


def _weights(content: Any, path: Path) -> dict[str, torch.Tensor]:
    """Return a file's weights by name, as float32 tensors; counters stay whole numbers."""
    if isinstance(content, nn.Module):
        content = content.state_dict()
    if not isinstance(content, Mapping):
        raise FileError(f"model {path} holds {type(content).__name__}, expected named weights (a state dict)")
    if not content:
        raise FileError(f"model {path} holds no weights, expected those of at least one layer")
    return {key: _checked_weight(key, value, path) for key, value in content.items()}


def _checked_weight(key: Any, value: Any, path: Path) -> torch.Tensor:
    """Return one weight as float32, or raise FileError that says what is wrong with it."""
    if not isinstance(key, str) or not isinstance(value, torch.Tensor):
        raise FileError(f"model {path} holds {key!r} as {type(value).__name__}, expected named weights alone")
    strange = _strange_numbers(value)
    if strange:
        raise FileError(f"model {path} holds {strange} in {key!r}, expected real numbers")
    if not value.is_floating_point():
        return value
    try:
        weight = value.float()
        finite = bool(torch.isfinite(weight).all())
    except RuntimeError as error:  # a few bytes can claim to be a tensor of any size
        raise FileError(f"model {path} holds {key!r} of shape {tuple(value.shape)}, too large for memory") from error
    if not finite:
        raise FileError(
            f"model {path} holds NaN or infinite numbers in {key!r}, expected weights that float32 can hold"
        )
    return weight


def _strange_numbers(value: torch.Tensor) -> str:
    """Return the kind of numbers in a tensor that no layer can use, a str; empty if all is well."""
    if value.is_meta or not value.numel():
        return "no numbers"
    if value.is_quantized or value.layout != torch.strided:
        return "quantized numbers" if value.is_quantized else "sparse numbers"
    return "complex numbers" if value.is_complex() else ""


def _chained(prefixes: list[str], weights: Mapping[str, torch.Tensor], name: str, in_order: bool) -> list[str]:
    """Return layer names in the order in which the network runs them, see :func:`layer_order`."""
    shapes = {prefix: tuple(weights[f"{prefix}.weight"].shape) for prefix in prefixes}
    if not prefixes or any(len(shape) != 2 for shape in shapes.values()):
        raise InputError(f"{name} is no plain multilayer perceptron, expected a factory for such a model", FACTORY)
    return layer_order(shapes, in_order, name, FACTORY)


def _linear(weights: Mapping[str, torch.Tensor], prefix: str, name: str) -> nn.Linear:
    """Return a Linear layer that holds the weights of `prefix`."""
    weight, bias = weights[f"{prefix}.weight"], weights.get(f"{prefix}.bias")
    outputs, inputs = weight.shape
    if bias is not None and bias.shape != (outputs,):
        raise InputError(f"{name} holds {prefix}.bias of shape {tuple(bias.shape)}, expected ({outputs},)")
    linear = nn.Linear(inputs, outputs, bias=bias is not None)
    linear.load_state_dict({"weight": weight} | ({} if bias is None else {"bias": bias}))
    return linear
