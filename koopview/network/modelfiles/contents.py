"""What plain data from a file hold: networks as mappings of names to tensors, and objects that only code could make."""

from collections.abc import Iterator, Mapping
from typing import Any

from koopview.network.modelfiles.pickled import ArrayData, Foreign, Name, TensorHead

MOST = 200_000
"""Values that are looked at."""

Weights = Mapping[str, TensorHead | ArrayData]
"""Tensors by name, as a state dict has them."""


def networks_in(value: Any) -> dict[str, Weights]:
    """Return the networks in a file's content by their dotted paths; the content itself has the path ""."""
    found: dict[str, Weights] = {}
    for path, mapping in _mappings(value):
        weights = {name: one for name, one in mapping.items() if isinstance(name, str) and is_tensor(one)}
        if any(len(one.shape) > 1 for one in weights.values()):
            found[path] = weights
    return found


def is_tensor(value: Any) -> bool:
    """Return whether a value is a tensor or an array."""
    return isinstance(value, (TensorHead, ArrayData))


def _mappings(value: Any) -> Iterator[tuple[str, Mapping[Any, Any]]]:
    """Yield (path, mapping) of each mapping, without those of optimizers, whose tensors are no network's."""
    waiting, seen = [("", value)], set[int]()
    while waiting and len(seen) < MOST:
        path, one = waiting.pop()
        if isinstance(one, Mapping) and id(one) not in seen and "param_groups" not in one:
            seen.add(id(one))
            yield path, one
            inner = [(_joined(path, key), part) for key, part in one.items() if isinstance(key, str)]
            waiting += reversed(inner)


def foreign_in(value: Any) -> tuple[str, Foreign] | None:
    """Return the first object that only code could make, with its path; None if there is none."""
    return next(((path, one) for path, one in _values(value) if isinstance(one, Foreign)), None)


def tensors_in(value: Any) -> Iterator[TensorHead]:
    """Yield all tensors in a value, inside objects too."""
    for _, one in _values(value):
        if isinstance(one, TensorHead):
            yield one


def _values(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield (path, value) of all values, each container once; a file can nest and repeat them without end."""
    waiting, seen = [("", value)], set[int]()
    for _ in range(MOST):
        if not waiting:
            return
        path, one = waiting.pop()
        yield path, one
        if id(one) in seen:
            continue
        inner = _parts(one)
        if inner:
            seen.add(id(one))
            waiting += [(_joined(path, key), part) for key, part in reversed(inner)]


def _parts(value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, Mapping):
        return list(value.items())
    if isinstance(value, (list, tuple)) and not isinstance(value, (TensorHead, Name)):
        return list(enumerate(value))
    if isinstance(value, Foreign):
        return [*enumerate(value.arguments), *enumerate(value.items), ("state", value.state)]
    return []


def _joined(path: str, key: Any) -> str:
    text = str(key)[:60]
    return f"{path}.{text}" if path else text
