"""What a state of a stage is (METHOD section 7): its whole tensor, or what is read of it; one file for each kind."""

import math

from koopview.errors import InputError
from koopview.network.info import LayerInfo

FLAT, PCA, TOKENS, PATCHES = "flat", "pca", "tokens", "patches"
KINDS = {
    FLAT: "the whole tensor as one row: nothing is discarded",
    PCA: "leading principal components of the whole tensor, pca:K for K of them: the rest is discarded",
    TOKENS: "each token a state of its own, with the mean token beside it: what else attention brings is lost",
    PATCHES: "the patch around each position a state of its own, patches:K for K places a side: the rest is lost",
}
"""The register of the kinds of states, the default first; any but flat stands in the module of its name."""

USUAL = {PCA: 100, PATCHES: 5}
"""Default numbers of the kinds that have one: principal components, and positions along a side of a patch."""

MOST = {PCA: 4096, PATCHES: 31}
"""Largest numbers of the kinds that have one."""

WIDE = 512
"""Entries of a stage's tensor above which its states are principal components by default, so that a fit takes seconds.

A layer of rows of numbers has flat states at any width."""

EXPECTED = "flat, pca or pca:K (K principal components), tokens, patches or patches:K (K positions a side)"


def checked_states(text: str) -> str:
    """Return a kind of states in its one spelling, "flat", "pca:100"; raise InputError for an unknown one."""
    kind, _, number = str(text).strip().partition(":")
    usual = USUAL.get(kind)
    count = usual if not number and usual else int(number) if number.isascii() and number.isdigit() else 0
    wrong = kind not in KINDS or (bool(number) if usual is None else not 1 <= (count or 0) <= MOST[kind])
    if wrong:
        raise InputError(f"states are {text!r}, expected {EXPECTED}", "--states")
    return kind if usual is None else f"{kind}:{count}"


def kind_of(states: str) -> str:
    """Return the kind of states of one spelling, "pca" of "pca:100"."""
    return states.partition(":")[0]


def number_of(states: str) -> int:
    """Return the number of a kind of states in its one spelling, 0 for a kind without one."""
    return int(states.partition(":")[2] or 0)


def kinds_of(layer: LayerInfo) -> tuple[str, ...]:
    """Return the kinds of states that a layer has."""
    before, after = layer.in_shape, layer.out_shape
    words = (TOKENS,) if len(before) == len(after) == 2 and before[0] == after[0] else ()
    places = 2 <= len(before) == len(after) <= 4 and math.prod(after[1:]) > 1
    return (FLAT, PCA, *words, *((PATCHES,) if places else ()))


def usual_states(layer: LayerInfo) -> str:
    """Return the default states of a layer."""
    return checked_states(PCA) if layer.in_shape and layer.states > WIDE else FLAT


def states_beside(states: str, layer: LayerInfo) -> str:
    """Return the states of a layer that is replaced beside the one shown, whose states are `states`."""
    return states if states != FLAT and kind_of(states) in kinds_of(layer) else usual_states(layer)
