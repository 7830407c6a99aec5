"""The networks that bare weights may be of: orders of layers and activations between them, of which data choose."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import torch

from koopview.errors import InputError
from koopview.network.activation_names import ACTIVATION_NAMES
from koopview.network.activations import activation
from koopview.network.modelfiles.factory import EXAMPLE, FACTORY
from koopview.network.modelfiles.groups import groups_of
from koopview.network.modelfiles.layer_order import layer_order, possible_orders
from koopview.network.modelfiles.state_dicts import network_from_weights, plain_weights, shapes_of
from koopview.network.network import Network

TRIED = ACTIVATION_NAMES[:7]
"""Activations that are tried; with more of them, one would more likely do better by chance."""

MOST_ORDERS = 24
"""Orders that are tried: those of four layers that all fit each other."""

ACTIVATION = "--activation NAME"


class Interpretation(NamedTuple):
    """One network that weights may be of: its layers in order, and the activation between them."""

    order: tuple[str, ...]
    activation: str


class Choice(NamedTuple):
    """The interpretation that data choose, None if they do not, and what was found, in words."""

    chosen: Interpretation | None
    told: str


Chooser = Callable[[Sequence[Interpretation], Callable[[Interpretation], Network]], Choice]
"""Chooses among interpretations; the second argument makes the network of one."""


def interpreted(
    weights: Mapping[str, torch.Tensor], path: Path, said: str | None, in_order: bool, choose: Chooser | None
) -> Network:
    """Return the network of bare weights, with remarks about what was chosen by data.

    Parameters
    ----------
    weights : mapping from name to tensor
    path : path
        The file, for errors.
    said : str or None
        The activation that was named.
    in_order : bool
        Whether the weights are in the order of definition.
    choose : callable or None
        Chooses by data where names and widths leave several orders, or no activation was named.

    Raises
    ------
    InputError
        If the weights are no plain chain, or several interpretations are possible and none is chosen.
    """
    if said is not None:
        activation(said)
    plain = plain_weights(weights)
    shapes = shapes_of(groups_of(plain), path.name)
    try:
        orders, unclear = [layer_order(shapes, in_order, path.name, FACTORY)], None
    except InputError as error:
        orders, unclear = possible_orders(shapes, MOST_ORDERS), error
    named = said or ("identity" if len(shapes) == 1 else None)
    if unclear is None and named is not None:
        return network_from_weights(plain, named, path.name, order=orders[0], in_order=in_order)
    candidates = [Interpretation(tuple(order), one) for order in orders for one in ([named] if named else TRIED)]

    def make(one: Interpretation) -> Network:
        return network_from_weights(plain, one.activation, path.name, order=one.order, in_order=in_order)

    choice = choose(candidates, make) if choose is not None and candidates else Choice(None, "")
    if choice.chosen is None:
        raise _asked(path, unclear, choice.told)
    network = make(choice.chosen)
    return Network(network.name, network.layers, (*network.remarks, *_told(choice, unclear is not None, said is None)))


def _asked(path: Path, unclear: InputError | None, told: str) -> InputError:
    """Return the error that asks for what neither the file nor data say; `told` is what the data show."""
    also = f"; {told}" if told else ""
    if unclear is not None:
        return InputError(f"{unclear}{also}", *unclear.options)
    return InputError(
        f"{path} holds weights alone, expected the name of its activation (relu, gelu, tanh, ...) or a factory "
        f"({EXAMPLE}){also}",
        ACTIVATION,
        FACTORY,
    )


def _told(choice: Choice, ordered: bool, activated: bool) -> list[str]:
    """Return the sentence that says what data chose."""
    assert choice.chosen is not None
    parts = [
        f"the order {', '.join(choice.chosen.order)}" if ordered else "",
        f"activation {choice.chosen.activation}" if activated else "",
    ]
    what = " and ".join(part for part in parts if part)
    return [f"{what} {'were' if ordered and activated else 'was'} chosen by the data: {choice.told}"]
