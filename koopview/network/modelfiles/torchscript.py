"""The weights of a TorchScript archive; its program is not run."""

from collections.abc import Iterator
from typing import Any

from koopview.errors import FileError
from koopview.network.activation_names import ACTIVATION_CLASSES
from koopview.network.modelfiles.contents import is_tensor
from koopview.network.modelfiles.model_format import ModelContent
from koopview.network.modelfiles.pickled import Foreign
from koopview.network.modelfiles.pytorch_archive import Archive

MOST_MODULES = 100_000
"""Modules that are looked into."""

_WITH_SETTINGS = frozenset({"leaky_relu", "elu", "celu", "softplus", "hardtanh", "gelu"})
"""Activations whose settings stand in the program alone."""


def read(archive: Archive) -> ModelContent:
    """Return the weights of an archive by name, with its activation if it has one kind without settings."""
    from koopview.network.modelfiles.tensors import tensors_of

    found = scripted_weights(archive)
    activation = scripted_activation(archive.value)
    told = "of a TorchScript archive its weights were taken, and its program was not run"
    metadata = {} if activation is None else {"activation": activation}
    return ModelContent(tensors_of(archive, found), metadata, in_order=True, remarks=(told,))


def scripted_weights(archive: Archive) -> dict[str, Any]:
    """Return the tensors of an archive by name; raises FileError if it has none."""
    found = {name: value for name, value, _ in _attributes(archive.value) if is_tensor(value)}
    if not found:
        raise FileError(f"model {archive.path} is a TorchScript archive without weights, expected a state dict")
    return found


def scripted_activation(value: Any) -> str | None:
    """Return the activation of an archive whose modules are of one known kind, None otherwise."""
    kinds = {kind: name for name, kind in ACTIVATION_CLASSES.items() if name != "identity"}
    seen = {kinds[one] for _, _, one in _attributes(value) if one in kinds}
    return min(seen) if len(seen) == 1 and not seen & _WITH_SETTINGS else None


def _attributes(value: Any) -> Iterator[tuple[str, Any, str]]:
    """Yield (name, value, class) of each attribute of each module, depth first, each module once."""
    waiting, seen = [("", value)], set[int]()
    while waiting and len(seen) < MOST_MODULES:
        path, module = waiting.pop()
        if not isinstance(module, Foreign) or not isinstance(module.state, dict) or id(module) in seen:
            continue
        seen.add(id(module))
        yield path, None, module.name.rpartition(".")[2]
        named = [(f"{path}.{name}" if path else str(name), one) for name, one in module.state.items()]
        yield from ((name, one, "") for name, one in named if not isinstance(one, Foreign))
        waiting += reversed([pair for pair in named if isinstance(pair[1], Foreign)])
