"""The network in which each stage that is asked for by name is one layer: a group of layers, or one inside a block."""

from collections.abc import Iterable

from koopview.errors import InputError
from koopview.network.groups import groups, merged
from koopview.network.inside import inside, opened
from koopview.network.network import Network


def with_layers(network: Network, names: Iterable[str]) -> Network:
    """Return the network with the groups of layers, and the stages inside blocks, among `names` as layers.

    It is `network` itself if all names are those of its layers.

    Raises
    ------
    InputError
        If there is no stage of a name, or one of them is inside another.
    """
    asked = [name for name in dict.fromkeys(names) if isinstance(name, str)]
    layers = {layer.name for layer in network.layers}
    others = [name for name in asked if name not in layers]
    if not others:
        return network
    known = groups(network)
    inner = {stage.name: block for block, stages in inside(network).items() for stage in stages}
    unknown = next((name for name in others if name not in known and name not in inner), None)
    if unknown is not None:
        raise InputError(f"layer {unknown!r} is not in {network.name}, expected one of {told_names(network, inner)}")
    whole = merged(network, others)
    left = {layer.name for layer in whole.layers}
    for name in others:
        block = inner.get(name, "")
        if name not in known and (block in asked or block not in left):
            around = block if block in asked else next(one for one in asked if one in known and one not in layers)
            raise InputError(f"layers {around} and {name} are inside each other, expected one of them")
    return opened(whole, others)


def told_names(network: Network, inner: Iterable[str] = ()) -> str:
    """Return the names of the stages that may be asked for, as text: layers, groups, and how many are inside blocks."""
    names, grouped = ", ".join(layer.name for layer in network.layers), ", ".join(groups(network))
    count = len(tuple(inner))
    return (
        names
        + (f"; of several layers as one: {grouped}" if grouped else "")
        + (f"; of {count} stages inside blocks, which koopview layers --inside lists" if count else "")
    )
