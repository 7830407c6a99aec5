"""What plain data from a file hold: networks as mappings of names to tensors, and objects that only code could make."""

from collections.abc import Iterator, Mapping
from typing import Any

from koopview.network.modelfiles.groups import is_part
from koopview.network.modelfiles.pickled import ArrayData, Foreign, StrangeTensor, TensorHead

MOST = 400_000
"""Containers and tensors that are looked at: more than any file that is read may hold."""

Weights = Mapping[str, TensorHead | ArrayData | StrangeTensor]
"""Tensors by name, as a state dict has them."""

Path = tuple[Any, ...] | None
"""A place in nested values: the place of its container and its key there, None for the whole."""

_PARTS = frozenset(["weight", "bias", "kernel", "running_mean", "running_var", "num_batches_tracked", "mean", "var"])


def networks_in(value: Any) -> dict[str, Weights]:
    """Return the networks in a file's content by their dotted paths; the content itself has the path "".

    A network under two names is found once. A mapping of layers, each a mapping of its own tensors, is one network.
    Tensors whose names are none of a layer's count only if there are no others.
    """
    found: dict[str, Weights] = {}
    for place, mapping in _mappings(value):
        weights = _weights(mapping)
        if any(len(one.shape) > 1 for one in weights.values()) and weights not in found.values():
            found[dotted(place)] = weights
    named = {place: weights for place, weights in found.items() if any(map(is_part, weights))}
    return named or found


def _weights(mapping: Mapping[Any, Any]) -> Weights:
    """Return the tensors of a mapping by name, those of layers in it by the layer's name too."""
    found: dict[str, Any] = {}
    for name, one in mapping.items():
        if isinstance(name, str) and is_tensor(one):
            found[name] = one
        elif isinstance(name, str) and _is_layer(one):
            found |= {f"{name}.{part}": tensor for part, tensor in one.items()}
    return found


def _is_layer(value: Any) -> bool:
    """Return whether a value is a mapping of one layer's tensors: ``{"weight": ..., "bias": ...}``."""
    return isinstance(value, Mapping) and bool(value) and value.keys() <= _PARTS and all(map(is_tensor, value.values()))


def is_tensor(value: Any) -> bool:
    """Return whether a value is a tensor or an array of numbers."""
    return isinstance(value, (TensorHead, StrangeTensor)) or (isinstance(value, ArrayData) and value.is_numeric)


def _mappings(value: Any) -> Iterator[tuple[Path, Mapping[Any, Any]]]:
    """Yield (place, mapping) of each mapping, without those of optimizers, whose tensors are no network's."""
    for place, one in _values(value, _plain_parts):
        if isinstance(one, Mapping) and "param_groups" not in one and (place is None or not _is_layer(one)):
            yield place, one


def foreign_in(value: Any) -> tuple[str, Foreign] | None:
    """Return the first object that only code could make, with its dotted path; None if there is none."""
    return next(((dotted(place), one) for place, one in _values(value, _parts) if isinstance(one, Foreign)), None)


def tensors_in(value: Any) -> Iterator[TensorHead]:
    """Yield all tensors in a value, inside objects too."""
    for _, one in _values(value, _parts):
        if isinstance(one, TensorHead):
            yield one


def dotted(place: Path) -> str:
    """Return a place as text: "checkpoint.model"."""
    keys: list[str] = []
    while place is not None and len(keys) < 20:
        place, key = place
        keys.append(str(key)[:60])
    return ".".join(reversed(keys))


def _values(value: Any, parts_of: Any) -> Iterator[tuple[Path, Any]]:
    """Yield (place, value) of all containers, objects and tensors, each once; a file can nest them without end."""
    waiting: list[tuple[Path, Any]] = [(None, value)]
    seen = set[int]()
    while waiting and len(seen) < MOST:
        place, one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield place, one
        inner = [((place, key), part) for key, part in parts_of(one) if isinstance(part, _LOOKED_INTO)]
        waiting += reversed(inner)


def _parts(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the parts of a container or an object with their keys."""
    if isinstance(value, Foreign):
        yield from enumerate(value.arguments)
        yield from enumerate(value.items)
        yield "state", value.state
    elif isinstance(value, Mapping):
        yield from value.items()
    elif isinstance(value, (list, tuple)):
        yield from enumerate(value)


def _plain_parts(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the parts of a container with their keys; an optimizer's and an object's are no network."""
    if not isinstance(value, Foreign) and not (isinstance(value, Mapping) and "param_groups" in value):
        yield from _parts(value)


_LOOKED_INTO = (dict, list, tuple, Foreign, TensorHead, ArrayData, StrangeTensor)
