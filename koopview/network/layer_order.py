"""In which order layers stand whose weights alone are known: where it is beyond doubt, and nowhere else."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, pairwise

from koopview.errors import InputError

FIRST = frozenset({"input", "in", "inp", "first", "stem", "embed", "embedding", "enc", "encoder"})
LAST = frozenset({"output", "out", "last", "final", "head", "classifier", "cls", "logits", "readout", "dec", "decoder"})
"""Words of names that stand at the beginning, or at the end."""

TRIES = 20_000
"""Beginnings of orders that are looked at: where widths leave more open, no order is certain."""

Shape = tuple[int, ...]
"""Outputs and inputs of a layer's weights."""


def layer_order(shapes: Mapping[str, Shape], in_order: bool, name: str, *options: str) -> list[str]:
    """Return the names of Linear layers in the order in which the network runs them.

    An order in which each layer's outputs are the next one's inputs, where there is one alone; of several the one that
    names say: by their numbers (fc2 before fc10), and by words (input before hidden before output). Where these leave
    several, the file's own order counts if `in_order`: a PyTorch state dict keeps the order in which layers were
    defined, a safetensors file the alphabet's.

    Parameters
    ----------
    shapes : mapping from layer name to the shape of its weights, in the file's order
    name, options : str
        What an error calls the file, and what mends it.

    Raises
    ------
    InputError
        If no order fits the widths, or none is certain.
    """
    names = list(shapes)
    told = first_of(orders(shapes, named=True), 2)
    if len(told) == 1:
        return told[0]
    if in_order and follows(names, shapes) and (not told or agrees(names)):
        return names
    fitting = first_of(orders(shapes, named=False), 2)
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        raise InputError(
            f"the layers of {name} do not follow one another in width, expected a factory for such a model", *options
        )
    raise InputError(
        f"the layers of {name} ({', '.join(names[:6])}) fit each other in several orders and their names do not say "
        "which, expected a factory that does, or numbers in the names",
        *options,
    )


def orders(shapes: Mapping[str, Shape], named: bool) -> Iterator[list[str]]:
    """Give the orders that fit the widths, and, where `named`, that names do not contradict."""
    tries = 0

    def extended(begun: list[str]) -> Iterator[list[str]]:
        nonlocal tries
        tries += 1
        if tries > TRIES:
            return
        if len(begun) == len(shapes):
            yield begun
        left = [one for one in shapes if one not in begun]
        for one in left:
            fits = not begun or shapes[begun[-1]][0] == shapes[one][1]
            if fits and not (named and any(before(other, one) for other in left if other != one)):
                yield from extended([*begun, one])

    yield from extended([])


def before(one: str, other: str) -> bool:
    """Whether names say that a layer stands before another: by a word, or by a number after the same words."""
    ranks = rank(one), rank(other)
    if ranks[0] != ranks[1]:
        return ranks[0] < ranks[1]
    same = re.sub(r"\d+", "#", one) == re.sub(r"\d+", "#", other)
    return same and numbers(one) < numbers(other)


def agrees(names: Sequence[str]) -> bool:
    """Whether no name contradicts an order."""
    return not any(before(later, one) for index, one in enumerate(names) for later in names[index + 1 :])


def rank(name: str) -> int:
    """Return 0 for a name that says that it begins, 2 for one that says that it ends, 1 for any other."""
    for word in words(name):
        if word in FIRST or word in LAST:
            return 0 if word in FIRST else 2
    return 1


def words(name: str) -> list[str]:
    """Return the words of a name, in small letters: ``encoderLayer.fc_1`` has encoder, layer and fc."""
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]


def numbers(name: str) -> list[int]:
    """Return the whole numbers in a name."""
    return [int(part) for part in re.findall(r"\d+", name)]


def follows(names: Sequence[str], shapes: Mapping[str, Shape]) -> bool:
    """Whether each layer's outputs are as many as the next one's inputs."""
    return all(shapes[one][0] == shapes[other][1] for one, other in pairwise(names))


def first_of(found: Iterator[list[str]], count: int) -> list[list[str]]:
    """Return the first `count` of some orders, fewer where there are not so many."""
    return list(islice(found, count))
