"""What a state of a stage is (METHOD section 7): its whole tensor, or what is read of it; one file for each kind."""

from koopview.errors import InputError

FLAT = "flat"
KINDS = {
    FLAT: "The whole tensor, flattened: nothing is discarded",
    "pca": "The leading principal components of the flattened tensor, pca:K for K of them",
    "tokens": "Each token a state of its own, with the mean token beside it",
    "patches": "The patch around each position a state of its own, patches:K for K positions a side",
}
"""The register of the kinds of states, the default first; a kind other than flat stands in the module of its name."""

USUAL = {"pca": 64, "patches": 5}
"""Default numbers of the kinds that have one: principal components, and positions along a side of a patch."""

MOST = {"pca": 4096, "patches": 31}
"""Largest numbers of the kinds that have one."""

EXPECTED = "flat, pca or pca:K (K principal components), tokens, patches or patches:K (K positions a side)"


def checked_states(text: str) -> str:
    """Return a kind of states in its one spelling, "flat", "pca:64"; raise InputError for an unknown one."""
    kind, _, number = str(text).strip().partition(":")
    usual = USUAL.get(kind)
    count = usual if not number and usual else int(number) if number.isascii() and number.isdigit() else 0
    wrong = kind not in KINDS or (bool(number) if usual is None else not 1 <= (count or 0) <= MOST[kind])
    if wrong:
        raise InputError(f"states are {text!r}, expected {EXPECTED}", "--states")
    return kind if usual is None else f"{kind}:{count}"


def number_of(states: str) -> int:
    """Return the number of a kind of states in its one spelling, 0 for a kind without one."""
    return int(states.partition(":")[2] or 0)
