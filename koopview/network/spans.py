"""Modules of a network of which several layers, one after the other, are parts: by names, no torch."""

from collections.abc import Iterable, Sequence

from koopview.network.info import LayerInfo


def spans(names: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return the groups of layers called `names`, in network order: the places of the first and the last of each.

    A group is a module of the network of which several layers, but not all, are parts; they follow each other. Its
    name is the module's.
    """
    paths = dict.fromkeys(path for name in names for path in _paths(name))
    known, found = set(names), dict[str, tuple[int, int]]()
    inside: dict[str, list[int]] = {path: [] for path in paths}
    for index, name in enumerate(names):
        for path in (*_paths(name), name):
            if path in inside:
                inside[path].append(index)
    for path, places in inside.items():
        together = places[-1] - places[0] + 1 == len(places)
        if together and path not in known and 1 < len(places) < len(names):
            found[path] = places[0], places[-1]
    return found


def _paths(name: str) -> list[str]:
    """Return the modules that a layer of that name is inside of, the outermost first."""
    words = name.split(".")
    return [".".join(words[:count]) for count in range(1, len(words))]


def span_info(name: str, layers: Sequence[LayerInfo]) -> LayerInfo:
    """Return the LayerInfo of layers that follow each other as one stage called `name`."""
    first, last = layers[0], layers[-1]
    reason = inner_reason((layer.name, layer.reason) for layer in layers)
    return LayerInfo(
        name=name,
        kind=span_kind(len(layers)),
        activation="identity",
        inputs=first.inputs,
        outputs=last.outputs,
        states=max(first.inputs, last.outputs),
        parameters=sum(layer.parameters for layer in layers),
        supported=not reason,
        reason=reason,
        in_shape=first.in_shape or (first.inputs,),
        out_shape=last.out_shape or (last.outputs,),
    )


def span_kind(count: int) -> str:
    """Return the kind of so many layers as one stage: "12 stages"."""
    return f"{count} stages"


def inner_reason(reasons: Iterable[tuple[str, str]]) -> str:
    """Return why layers cannot be replaced as one stage, of the names and reasons of each; empty if they can."""
    return next((f"{name} inside it: {reason}" for name, reason in reasons if reason), "")


def apart(name: str, others: Iterable[str]) -> list[str]:
    """Return those of `others`, names of layers and groups, that are neither inside `name` nor around it."""
    return [one for one in others if not (one.startswith(f"{name}.") or name.startswith(f"{one}."))]
