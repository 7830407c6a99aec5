"""What a state of a residual stream is, in words; no torch here."""

from koopview.errors import InputError
from koopview.trajectory.states import FLAT, PCA, TOKENS

STREAM_STATES = (FLAT, TOKENS, PCA)
"""Kinds of states of a stage that a stream has too: the flattened tensor; each token alone, with the mean token beside
it; principal components of the flattened one."""

RECURRENT = {"rnn_tanh": "RNN", "rnn_relu": "RNN", "gru": "GRU", "lstm": "LSTM"}
"""Recurrent operations of PyTorch, by the names that modules and exported graphs call them by."""

USUAL_COMPONENTS = 256
"""Principal components, unless a number is asked for."""

LARGE = 2000
"""Entries of a flattened state above which its principal components take its place."""


def checked_states(word: str) -> tuple[str, int | None]:
    """Return the kind of state and its number of components of "flat", "tokens", "pca" or "pca:K"; None for no number.

    Raises
    ------
    InputError
        For any other word.
    """
    kind, colon, count = word.partition(":") if isinstance(word, str) else ("", "", "")
    if kind in STREAM_STATES and not colon:
        return kind, None
    if kind == PCA and count.isdecimal() and 1 <= int(count) < 2**31:
        return PCA, int(count)
    raise InputError(f"states is {word!r}, expected flat, tokens, pca or pca:K with a whole number K of 1 or more")
