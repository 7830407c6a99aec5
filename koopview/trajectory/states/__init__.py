"""What a state of a stage is (METHOD section 7): its whole tensor, or what is read of it; one file for each kind."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from koopview.errors import InputError
from koopview.network.info import LayerInfo

FLAT, PCA, TOKENS, PATCHES = "flat", "pca", "tokens", "patches"


@dataclass(frozen=True)
class StatesKind:
    """A kind of states.

    Attributes
    ----------
    told : str
        What a state is and what is lost, in words.
    fits, needs : function and str
        Whether a layer has such states; what it must map to what.
    usual, most : int
        The default and the largest number of a kind that has one; 0 for one without.
    """

    told: str
    fits: Callable[[LayerInfo], bool] = lambda layer: True
    needs: str = ""
    usual: int = 0
    most: int = 0


def _has_tokens(layer: LayerInfo) -> bool:
    before, after = layer.in_shape, layer.out_shape
    return len(before) == len(after) == 2 and before[0] == after[0]


def _has_positions(layer: LayerInfo) -> bool:
    before, after = layer.in_shape, layer.out_shape
    return 2 <= len(before) == len(after) <= 4 and math.prod(after[1:]) > 1


KINDS = {
    FLAT: StatesKind("the whole tensor as one row: nothing is discarded"),
    PCA: StatesKind("leading principal components of the whole tensor: the rest is discarded", usual=100, most=4096),
    TOKENS: StatesKind(
        "each token a state of its own, with the mean token beside it: what else attention brings is lost",
        _has_tokens,
        "(tokens, width) to as many tokens",
    ),
    PATCHES: StatesKind(
        "the patch around each position a state of its own: what is further away is lost",
        _has_positions,
        "(channels, positions ...) to positions",
        usual=5,
        most=31,
    ),
}
"""The register of the kinds of states, the default first; any but flat stands in the module of its name."""

WIDE = 512
"""Entries of a stage's tensor above which its states are principal components by default, so that a fit takes seconds.

A layer of rows of numbers has flat states at any width."""

EXPECTED = "flat, pca or pca:K (K principal components), tokens, patches or patches:K (K positions a side)"


def checked_states(text: str) -> str:
    """Return a kind of states in its one spelling, "flat", "pca:100"; raise InputError for an unknown one."""
    name, _, number = str(text).strip().partition(":")
    kind = KINDS.get(name)
    count = int(number) if number.isascii() and number.isdigit() else 0
    if kind is None or (number and not 1 <= count <= kind.most):
        raise InputError(f"states are {text!r}, expected {EXPECTED}", "--states")
    return f"{name}:{count or kind.usual}" if kind.usual else name


def kind_of(states: str) -> str:
    """Return the kind of states of one spelling, "pca" of "pca:100"."""
    return states.partition(":")[0]


def number_of(states: str) -> int:
    """Return the number of a kind of states in its one spelling, 0 for a kind without one."""
    return int(states.partition(":")[2] or 0)


def kinds_of(layer: LayerInfo) -> tuple[str, ...]:
    """Return the kinds of states that a layer has."""
    return tuple(name for name, kind in KINDS.items() if kind.fits(layer))


def usual_states(layer: LayerInfo) -> str:
    """Return the default states of a layer."""
    return checked_states(PCA) if layer.in_shape and layer.states > WIDE else FLAT


def states_beside(states: str, layer: LayerInfo) -> str:
    """Return the states of a layer that is replaced beside the one shown, whose states are `states`."""
    return states if states != FLAT and kind_of(states) in kinds_of(layer) else usual_states(layer)
