"""Open a model file. A file that could run code when it is read is refused unless the person trusts it."""

import importlib.util
import re
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import safetensors
import torch
from safetensors.torch import load_file
from torch import nn

from koopview.errors import FileError, InputError
from koopview.network.activations import activation
from koopview.network.modules import linear_layer, network_from_module
from koopview.network.network import Layer, Network
from koopview.resources import resource_path

DEMOS = ("yinyang", "mnist")
_INSIDE = ("state_dict", "model_state_dict", "model")
"""Keys under which checkpoints commonly keep the weights."""


def load_network(
    model: str | Path, *, activation_name: str | None = None, factory: str | None = None, trust: bool = False
) -> Network:
    """Open a model: ``demo:yinyang``, ``demo:mnist`` or a file.

    Parameters
    ----------
    model : str or path
        A safetensors file or a state dict, or, trusted, a whole pickled module.
    activation_name : str, optional
        The activation between the layers; weights alone do not say it.
    factory : str, optional
        ``FILE.py:FUNCTION``, code of the person's that returns the module into which the weights go.
    trust : bool
        The person agrees that reading the file may run code that is inside it.

    Raises
    ------
    FileError
        For a file that is missing, broken, not a model, or not trusted.
    InputError
        For an activation that is unknown or missing.
    """
    if str(model).startswith("demo:"):
        return _demo(str(model).removeprefix("demo:"))
    path = _existing(Path(model))
    content, metadata = _read(path, trust)
    if isinstance(content, nn.Module):
        return network_from_module(content, path.name)
    weights = _weights(content, path)
    if factory is not None:
        return network_from_module(_filled(factory, weights, path), path.name)
    name = activation_name or metadata.get("activation")
    if name is None:
        raise InputError(f"{path} holds weights alone, expected --activation (relu, gelu, tanh, ...) or --factory")
    return network_from_weights(weights, name, path.name)


def network_from_weights(weights: Mapping[str, torch.Tensor], activation_name: str, name: str = "model") -> Network:
    """Return the multilayer perceptron whose Linear layers hold `weights`, with one activation between them.

    Layers are named by their keys without ``.weight``; they stand in the order of the numbers in these names.
    """
    activation(activation_name)
    prefixes = _chained([key.removesuffix(".weight") for key in weights if key.endswith(".weight")], weights, name)
    extra = set(weights) - {f"{p}.{part}" for p in prefixes for part in ("weight", "bias")}
    if extra:
        raise InputError(
            f"{name} holds {min(extra)!r}, which is no Linear layer's; expected --factory for such a model"
        )
    layers: list[Layer] = []
    for prefix in prefixes:
        last = prefix == prefixes[-1]
        act = "identity" if last else activation_name
        layers.append(linear_layer(prefix, _linear(weights, prefix, name), activation(act), act))
    return Network(name, tuple(layers))


def _demo(name: str) -> Network:
    """Return a built-in network."""
    if name not in DEMOS:
        raise InputError(f"model is 'demo:{name}', expected one of {', '.join(f'demo:{demo}' for demo in DEMOS)}")
    network = load_network(resource_path(f"models/{name}.safetensors"))
    return Network(f"demo:{name}", network.layers)


def _existing(path: Path) -> Path:
    """Return a file that exists and is not empty."""
    if not path.is_file():
        raise FileError(f"model {path} does not exist, expected a safetensors or PyTorch file")
    if path.stat().st_size == 0:
        raise FileError(f"model {path} is empty, expected a safetensors or PyTorch file")
    return path


def _read(path: Path, trust: bool) -> tuple[Any, dict[str, str]]:
    """Return what a file holds and its metadata, without running code unless trusted."""
    if path.suffix == ".safetensors":
        try:
            with safetensors.safe_open(path, framework="pt") as file:
                metadata = dict(file.metadata() or {})
            return load_file(path), metadata
        except Exception as error:
            raise FileError(f"model {path} cannot be read, expected a whole safetensors file") from error
    try:
        return torch.load(path, map_location="cpu", weights_only=True), {}
    except Exception as error:
        if not trust:
            raise FileError(_refusal(path, error)) from error
    try:
        return torch.load(path, map_location="cpu", weights_only=False), {}
    except Exception as error:
        raise FileError(f"model {path} cannot be read ({_first_line(error)}), expected a PyTorch file") from error


def _refusal(path: Path, error: Exception) -> str:
    """Say why a file was not read: it could run code, or it is no model at all."""
    if "weights_only" in str(error) and _is_pickle(path):
        return (
            f"model {path} could run code when it is read, expected a file of weights alone, "
            "or --trust if you know where it comes from"
        )
    return f"model {path} cannot be read, expected a whole safetensors or PyTorch file"


def _is_pickle(path: Path) -> bool:
    """Whether a file begins as PyTorch's zip files or as a pickle do."""
    with path.open("rb") as file:
        start = file.read(4)
    return start.startswith((b"PK\x03\x04", b"\x80"))


def _weights(content: Any, path: Path) -> dict[str, torch.Tensor]:
    """Return the named weights in what a file holds, looking inside the usual wrappers, as float32."""
    inside = next((content[k] for k in _INSIDE if isinstance(content, Mapping) and k in content), content)
    if isinstance(inside, nn.Module):
        inside = inside.state_dict()
    if not isinstance(inside, Mapping) or not inside:
        raise FileError(f"model {path} holds a {type(inside).__name__}, expected named weights (a state dict)")
    for key, value in inside.items():
        if not isinstance(key, str) or not isinstance(value, torch.Tensor):
            raise FileError(f"model {path} holds {key!r} as {type(value).__name__}, expected named weights alone")
        if value.is_floating_point() and not torch.isfinite(value).all():
            raise FileError(f"model {path} holds NaN or infinite numbers in {key!r}, expected finite weights")
    return {key: value.float() if value.is_floating_point() else value for key, value in inside.items()}


def _filled(factory: str, weights: dict[str, torch.Tensor], path: Path) -> nn.Module:
    """Return the module that ``FILE.py:FUNCTION`` makes, filled with `weights`."""
    module = made_by_factory(factory)
    try:
        module.load_state_dict(weights)
    except RuntimeError as error:
        raise InputError(f"the weights of {path} do not fit the module of {factory}: {_first_line(error)}") from error
    return module


def made_by_factory(factory: str) -> nn.Module:
    """Run ``FILE.py:FUNCTION``, which the person named as code to run, and return the module it makes."""
    file, _, function = factory.rpartition(":")
    if not file or not Path(file).is_file():
        raise FileError(f"factory {factory} does not exist, expected FILE.py:FUNCTION")
    spec = importlib.util.spec_from_file_location("koopview_factory", file)
    if spec is None or spec.loader is None:
        raise FileError(f"factory {factory} is no Python file, expected FILE.py:FUNCTION")
    code = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(code)
        module = getattr(code, function)()
    except Exception as error:  # the person's code may raise anything
        raise InputError(f"factory {factory} failed: {type(error).__name__}: {_first_line(error)}") from error
    if not isinstance(module, nn.Module):
        raise InputError(f"factory {factory} returned a {type(module).__name__}, expected a torch.nn.Module")
    return module


def _chained(prefixes: list[str], weights: Mapping[str, torch.Tensor], name: str) -> list[str]:
    """Return layer names in an order in which each layer's outputs are the next one's inputs."""
    shapes = {prefix: tuple(weights[f"{prefix}.weight"].shape) for prefix in prefixes}
    if not prefixes or any(len(shape) != 2 for shape in shapes.values()):
        raise InputError(f"{name} is no plain multilayer perceptron, expected --factory for such a model")
    for order in (sorted(prefixes, key=_natural), prefixes):
        if all(shapes[a][0] == shapes[b][1] for a, b in pairwise(order)):
            return order
    raise InputError(f"the layers of {name} do not follow one another in width, expected --factory for such a model")


def _natural(name: str) -> list[tuple[int, str]]:
    """Sort key under which ``fc10`` comes after ``fc2``."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]


def _linear(weights: Mapping[str, torch.Tensor], prefix: str, name: str) -> nn.Linear:
    """Return a Linear layer that holds the weights of `prefix`."""
    weight, bias = weights[f"{prefix}.weight"], weights.get(f"{prefix}.bias")
    outputs, inputs = weight.shape
    if bias is not None and bias.shape != (outputs,):
        raise InputError(f"{name} holds {prefix}.bias of shape {tuple(bias.shape)}, expected ({outputs},)")
    linear = nn.Linear(inputs, outputs, bias=bias is not None)
    linear.load_state_dict({"weight": weight} | ({} if bias is None else {"bias": bias}))
    return linear


def _first_line(error: Exception) -> str:
    """Return an error's text on one line."""
    return " ".join(str(error).split())[:200]
