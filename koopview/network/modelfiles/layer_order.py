"""Find the order of layers from their weights and names alone, if it is certain."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from koopview.errors import InputError

FIRST = frozenset({"input", "in", "inp", "first", "stem", "embed", "embedding", "enc", "encoder"})
LAST = frozenset({"output", "out", "last", "final", "head", "classifier", "cls", "logits", "readout", "dec", "decoder"})
"""Words in the names of first layers, and of last layers."""

TRIES = 20_000
"""Most partial orders that are tried: if the widths allow more, no order is certain."""

MOST_LAYERS = 1_000
"""Layers of a plain chain; each pair of them is compared."""

_DIGITS = 18
"""Digits of a number in a name that count; Python reads 4,300 of them at most."""

Shape = tuple[int, ...]
"""Outputs and inputs of a layer's weights."""

Earlier = Mapping[str, set[str]]
"""For each layer, the names of the layers before it."""


def layer_order(shapes: Mapping[str, Shape], in_order: bool, name: str, *options: str) -> list[str]:
    """Return the names of Linear layers in the order in which the network runs them.

    In a fitting order each layer has as many outputs as the next has inputs. Of several fitting orders the names
    decide: by their numbers (fc2 before fc10), and by words (input before hidden before output). If these leave
    several, the file's own order counts if `in_order`: a PyTorch state dict keeps the order in which layers were
    defined, a safetensors file is alphabetical.

    Parameters
    ----------
    shapes : mapping from layer name to the shape of its weights, in the file's order
    name, options : str
        For errors: the file's name, and the options that solve the problem.

    Raises
    ------
    InputError
        If no order fits the widths, or none is certain.
    """
    names = list(shapes)
    if len(names) > MOST_LAYERS:
        raise InputError(
            f"{name} holds {len(names):,} Linear layers, expected {MOST_LAYERS:,} at most or a factory", *options
        )
    fitting = fitting_orders(shapes, {one: set() for one in names})
    if fitting == []:
        raise InputError(
            f"the layers of {name} do not follow one another in width, expected a factory for such a model", *options
        )
    certain = _certain_order(shapes, in_order, fitting)
    if certain is not None:
        return certain
    raise InputError(
        f"the layers of {name} ({', '.join(names[:6])}{', ...' if len(names) > 6 else ''}) fit each other in several "
        "orders and their names do not say which, expected numbers in the names or a factory",
        *options,
    )


def _certain_order(shapes: Mapping[str, Shape], in_order: bool, fitting: list[list[str]] | None) -> list[str] | None:
    """Return the order that widths, names or the file tell, None if none of them does."""
    names = list(shapes)
    earlier = earlier_by_name(names)
    told = fitting_orders(shapes, earlier)
    for certain in (told, fitting):
        if certain is not None and len(certain) == 1:
            return certain[0]
    if in_order and follows(names, shapes) and (told == [] or agrees(names, earlier)):
        return names
    return None


def possible_orders(shapes: Mapping[str, Shape], most: int) -> list[list[str]]:
    """Return the orders that fit the widths and the names, or the widths alone; none if they are more than `most`."""
    names = list(shapes)
    if len(names) > MOST_LAYERS:
        return []
    for earlier in (earlier_by_name(names), {one: set[str]() for one in names}):
        found = fitting_orders(shapes, earlier, most + 1)
        if found:
            return found if len(found) <= most else []
    return []


def fitting_orders(shapes: Mapping[str, Shape], earlier: Earlier, most: int = 2) -> list[list[str]] | None:
    """Return at most `most` orders, lists of names, that fit the widths and put each layer after those in `earlier`.

    None if too many partial orders fit to try them all.
    """
    found: list[list[str]] = []
    begun: list[str] = []
    left = dict.fromkeys(shapes)

    def following() -> list[str]:
        width = shapes[begun[-1]][0] if begun else None
        return [one for one in left if width in (None, shapes[one][1]) and earlier[one].isdisjoint(left)]

    choices, tries = [following()], 0
    while choices and len(found) < most:
        if not choices[-1]:
            choices.pop()
            if begun:
                left[begun.pop()] = None
            continue
        tries += 1
        if tries > TRIES:
            return None
        begun.append(choices[-1].pop())
        del left[begun[-1]]
        if not left:
            found.append(list(begun))
        choices.append(following())
    return found


def earlier_by_name(names: Sequence[str]) -> Earlier:
    """Return the Earlier relation of layers, as far as their names define it."""
    told = {name: (_told(name), re.sub(r"\d+", "#", name), numbers(name)) for name in names}

    def before(one: str, other: str) -> bool:
        (words, frame, places), (other_words, other_frame, other_places) = told[one], told[other]
        if words != other_words:
            return _stands_before(words, other_words)
        return frame == other_frame and places < other_places

    return {name: {other for other in names if other != name and before(other, name)} for name in names}


def agrees(names: Sequence[str], earlier: Earlier) -> bool:
    """Return whether an order contradicts no name."""
    return all(earlier[one].isdisjoint(names[index:]) for index, one in enumerate(names))


def _told(name: str) -> list[tuple[int, str]]:
    """Return the words of a name that tell its position: (0, word) for the beginning, (2, word) for the end."""
    return [(0 if word in FIRST else 2, word) for word in words(name) if word in FIRST or word in LAST]


def _stands_before(words: list[tuple[int, str]], others: list[tuple[int, str]]) -> bool:
    """Return whether words put a layer before another: by their first words, and if these are equal by the next ones.

    ``encoder.out`` stands before ``decoder.in``, and after ``encoder.in``.
    """
    while words and others and words[0] == others[0]:
        words, others = words[1:], others[1:]
    return (words[0][0] if words else 1) < (others[0][0] if others else 1)


def words(name: str) -> list[str]:
    """Return the words of a name, in small letters: ``encoderLayer.fc_1`` has encoder, layer and fc."""
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]


def numbers(name: str) -> list[int]:
    """Return the whole numbers in a name."""
    return [int(part[:_DIGITS]) for part in re.findall(r"\d+", name)]


def follows(names: Sequence[str], shapes: Mapping[str, Shape]) -> bool:
    """Return whether each layer has as many outputs as the next one has inputs."""
    return all(shapes[one][0] == shapes[other][1] for one, other in pairwise(names))
