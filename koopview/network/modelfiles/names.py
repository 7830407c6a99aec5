"""The names of tensors in a file: prefixes that all of them share, and networks that are chosen by name."""

from collections.abc import Mapping, Sequence
from itertools import takewhile
from math import prod
from typing import Any, TypeVar

from koopview.errors import InputError

WEIGHTS = "--weights KEY"
"""The option that picks a network of several in a file."""

MOST_ROOMS = 12
"""Parts of a name that may be a prefix."""

Tensor = TypeVar("Tensor")


def chosen(networks: Mapping[str, Mapping[str, Any]], key: str | None, name: str) -> str:
    """Return which of the networks in a file is meant: the one called `key`, or the only one.

    Raises
    ------
    InputError
        If there is none of that name, or several and no name; with all of them and their sizes.
    """
    if key is not None and key not in networks:
        raise InputError(f"{name} holds no network {key!r}, expected one of: {_listed(networks)}", WEIGHTS)
    if key is None and len(networks) > 1:
        raise InputError(f"{name} holds several networks, expected the name of one: {_listed(networks)}", WEIGHTS)
    return next(iter(networks)) if key is None else key


def _listed(networks: Mapping[str, Mapping[str, Any]]) -> str:
    sizes = {key: sum(prod(one.shape) for one in weights.values()) for key, weights in networks.items()}
    return ", ".join(f"{key or '(the whole)'} ({size:,} numbers)" for key, size in list(sizes.items())[:8])


def shared_prefix(names: Sequence[str]) -> str:
    """Return the beginning that all names share, up to a dot, so that a layer's own name stays: "module.net."."""
    if not names:
        return ""
    rooms = [name.split(".", MOST_ROOMS + 2)[:-2] for name in names]  # a layer's name and its tensor's stay
    shared = list(takewhile(lambda column: len(set(column)) == 1, zip(*rooms, strict=False)))
    return "".join(f"{column[0]}." for column in shared[:MOST_ROOMS])


def without_prefix(weights: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    """Return the weights without the prefix that all names share, and the sentence that says so."""
    prefix = shared_prefix(list(weights))
    if not prefix:
        return dict(weights), ()
    told = f"the prefix {prefix.removesuffix('.')} that all names share was taken off"
    return {name.removeprefix(prefix): one for name, one in weights.items()}, (told,)


def renamed_for(weights: Mapping[str, Tensor], wanted: Sequence[str]) -> dict[str, Tensor]:
    """Return the weights under a module's own names, if they differ by prefixes alone; else as they are."""
    goal = set(wanted)
    if set(weights) == goal:
        return dict(weights)
    bare, own = {name.removeprefix(shared_prefix(list(weights))): one for name, one in weights.items()}, {}
    common = shared_prefix(list(wanted))
    for name in wanted:
        own[name.removeprefix(common)] = name
    if set(bare) == set(own):
        return {own[name]: one for name, one in bare.items()}
    for cut in _beginnings(list(weights)):
        stripped = {name.removeprefix(cut): one for name, one in weights.items()}
        if set(stripped) == goal:
            return stripped
    return dict(weights)


def _beginnings(names: Sequence[str]) -> list[str]:
    """Return the prefixes of the names, up to each dot: "module.", "module.net."."""
    parts = shared_prefix(names).split(".")[:-1]
    return [".".join(parts[: index + 1]) + "." for index in range(len(parts))]
