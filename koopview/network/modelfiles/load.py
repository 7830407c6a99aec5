"""Open a model file. A file that could run code when it is read is refused unless the user trusts it."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from koopview.errors import FileError, InputError
from koopview.installation import own_file
from koopview.network.architectures import ARCHITECTURES, INPUTS, new_module
from koopview.network.demos import PREFIX, Demo, demo_of, is_demo
from koopview.network.forward.tracing import EXAMPLES
from koopview.network.modelfiles.factory import FACTORY, filled, filled_module, one_line
from koopview.network.modelfiles.interpretations import Chooser, interpreted
from koopview.network.modelfiles.model_formats import KINDS, format_of
from koopview.network.modelfiles.names import WEIGHTS, without_prefix
from koopview.network.modelfiles.state_dicts import network_from_weights as network_from_weights
from koopview.network.modelfiles.strangers import model_path
from koopview.network.modules import network_from_module
from koopview.network.network import Network
from koopview.network.precision import half_remark


def load_network(
    model: str | Path,
    *,
    activation_name: str | None = None,
    factory: str | None = None,
    factory_args: str | Path | None = None,
    trust: bool = False,
    weights: str | None = None,
    choose: Chooser | None = None,
) -> Network:
    """Open a model: a file, or a built-in one such as ``demo:mnist``.

    Parameters
    ----------
    model : str or path
        Weights alone, a graph (.pt2, ONNX), or, with `trust`, a whole pickled module.
    activation_name : str, optional
        The activation between the layers, which a file of weights may not name.
    factory : str, optional
        ``FILE.py:FUNCTION`` or ``module:Class``, the user's code that returns the module for the weights.
    factory_args : str or path, optional
        A JSON file with the arguments of that code: an object or a list.
    trust : bool
        Whether reading the file may run code that is inside it.
    weights : str, optional
        The name of the network in a file that holds several.
    choose : callable, optional
        Chooses by data what weights alone do not say: the order of layers, or their activation.

    Raises
    ------
    FileError
        For a file that is missing, broken, not a model, or not trusted.
    InputError
        For an activation that is unknown or missing, or a file that holds several networks.
    """
    if is_demo(str(model)):
        return _demo(demo_of(str(model)))
    if factory_args is not None and factory is None:
        raise InputError(
            f"arguments {factory_args} are given without a factory, expected the code that takes them", FACTORY
        )
    path = model_path(Path(model), KINDS)
    found = format_of(path)
    if weights is not None and not found.several:
        raise InputError(
            f"{path.name} is a {found.name} file, which holds one network, expected no name of one", WEIGHTS
        )
    content, metadata, in_order, remarks = found.reader().read(path, trust, weights)
    half = half_remark(tensors_in(content), path.name)
    remarks = (*remarks, half) if half else remarks
    network = _of_module(content, metadata.get("architecture"), path, factory, factory_args)
    if network is not None:
        if activation_name is not None:
            told = f"activation {activation_name} was passed over: the module has activations of its own"
            remarks = (*remarks, told)
        return _told(network, remarks)
    bare, taken = without_prefix(_weights(content, path))
    said = activation_name or metadata.get("activation")
    return _told(interpreted(bare, path, said, in_order, choose), (*remarks, *taken))


def tensors_in(content: Any) -> Iterator[torch.Tensor]:
    """Yield the tensors among the weights by name that a file holds; none of a module, which tells of its own."""
    if isinstance(content, Mapping):
        yield from (one for one in content.values() if isinstance(one, torch.Tensor))


def _of_module(
    content: Any, architecture: str | None, path: Path, factory: str | None, factory_args: str | Path | None
) -> Network | None:
    """Return the network of a file's module, or of one that a factory or a known architecture makes; None of a chain.

    What is made is filled with the file's weights.
    """
    example = None
    if factory is not None:
        module = filled_module(factory, _weights(content, path), path.name, factory_args)
    elif isinstance(content, nn.Module):
        module = content
    elif architecture in ARCHITECTURES:
        weights = _weights(content, path)
        module = filled(new_module(architecture), weights, path.name, f"the architecture {architecture}")
        example = torch.rand(EXAMPLES, INPUTS, generator=torch.Generator().manual_seed(0))
    else:
        return None
    return _network_of(module, path.name, example)


def _told(network: Network, remarks: tuple[str, ...]) -> Network:
    """Return a network with remarks about its file before its own."""
    return replace(network, remarks=(*remarks, *network.remarks))


def _demo(demo: Demo) -> Network:
    """Return a built-in network."""
    with own_file(f"models/{demo.name}.safetensors") as path:
        network = load_network(path)
    return replace(network, name=f"{PREFIX}{demo.name}", remarks=())


def _network_of(module: nn.Module, name: str, example: torch.Tensor | None) -> Network:
    """Return the network of a module, with `example` inputs if they are known; the user's code may do anything."""
    try:
        return network_from_module(module, name, example, shared=True)
    except InputError:
        raise
    except (Exception, SystemExit) as error:
        raise InputError(
            f"{name} cannot be read as a chain of layers ({type(error).__name__}: {one_line(error)}), "
            "expected a forward pass like nn.Sequential's"
        ) from error


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
        finite = math.isfinite(float(weight.sum())) or bool(torch.isfinite(weight).all())  # a sum takes no memory
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
