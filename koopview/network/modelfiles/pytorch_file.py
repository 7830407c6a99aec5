"""Weights, or a whole module, in a PyTorch file; one that could run code is refused unless the user trusts it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from koopview.errors import FileError
from koopview.network.modelfiles import torchscript
from koopview.network.modelfiles.contents import foreign_in, is_tensor, networks_in
from koopview.network.modelfiles.factory import FACTORY, one_line
from koopview.network.modelfiles.model_format import ModelContent
from koopview.network.modelfiles.names import chosen
from koopview.network.modelfiles.pickled import Foreign
from koopview.network.modelfiles.pytorch_archive import Archive, archive_of
from koopview.network.modelfiles.strangers import is_of_sklearn, sklearn_refusal, stranger


def read(path: Path, trust: bool, key: str | None = None) -> ModelContent:
    """Return a file's ModelContent, without running code unless trusted; raises FileError or InputError."""
    try:
        archive = archive_of(path)
    except FileError as error:
        if not trust:
            raise stranger(path) or error from error
        return _trusted(path, key)
    if archive.scripted:
        return torchscript.read(archive)
    found = foreign_in(archive.value)
    if found is None:
        return _weights(archive, key)
    if not trust:
        raise refusal(path, *found)
    return _trusted(path, key)


def refusal(path: Path, place: str, found: Foreign) -> FileError:
    """Return the FileError for a file that holds an object which only code could make."""
    if not place and is_of_sklearn(found.name):
        return sklearn_refusal(path)
    held = f"{found.name} in {place!r}" if place else f"a whole {found.name}"
    return FileError(
        f"model {path} could run code when it is read: it holds {held}, expected a file of weights alone "
        "(torch.save(model.state_dict(), FILE)), or your trust in it if you know where it comes from",
        "--trust",
    )


def _weights(archive: Archive, key: str | None) -> ModelContent:
    """Return the network among plain data, chosen by its key if there are several."""
    from koopview.network.modelfiles.tensors import tensors_of

    networks = networks_in(archive.value)
    if not networks:
        raise FileError(f"model {archive.path} holds {_kind(archive.value)}, expected named weights (a state dict)")
    weights = networks[chosen(networks, key, archive.path.name)]
    return ModelContent(tensors_of(archive, weights), {}, in_order=True)


def _kind(value: Any) -> str:
    """Return what a file without a network holds, in words."""
    if is_tensor(value):
        return "one tensor"
    return "no weights" if isinstance(value, Mapping) else f"a {type(value).__name__}"


def _trusted(path: Path, key: str | None) -> ModelContent:
    """Return the content of a file that the user trusts: a module in it, or weights."""
    import torch

    content = _read_trusted(path)
    held = _parts(content)
    if key is not None:
        held = {name: one for name, one in held.items() if name == key}
    modules = [one for one in held.values() if isinstance(one, torch.nn.Module)]
    if modules:
        return ModelContent(modules[0], {}, in_order=True)
    networks = {
        name: {inner: one for inner, one in mapping.items() if isinstance(one, torch.Tensor)}
        for name, mapping in held.items()
        if isinstance(mapping, Mapping)
    }
    networks = {name: weights for name, weights in networks.items() if any(one.ndim > 1 for one in weights.values())}
    if not networks:
        raise FileError(f"model {path} holds {type(content).__name__}, expected named weights (a state dict)")
    return ModelContent(networks[chosen(networks, key, path.name)], {}, in_order=True)


def _parts(content: Any) -> dict[str, Any]:
    """Return a content and, of a mapping, the values in it by name; the content itself is called ""."""
    inner = {str(name): one for name, one in content.items()} if isinstance(content, Mapping) else {}
    return {"": content} | inner


def _read_trusted(path: Path) -> Any:
    """Return a PyTorch file's content, running the code that is inside it."""
    import torch

    try:
        return torch.load(path, map_location="cpu", weights_only=False)
    except (AttributeError, ImportError) as error:
        raise FileError(
            f"model {path} needs code that is not here ({one_line(error)}), "
            "expected a state dict, with a factory where it is no plain multilayer perceptron",
            FACTORY,
        ) from error
    except (Exception, SystemExit) as error:  # code inside a file may raise anything
        raise FileError(f"model {path} cannot be read ({one_line(error)}), expected a PyTorch file") from error
