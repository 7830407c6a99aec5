"""What the states of a stage are called: by channel, token or component, where its tensor has such; no Qt here."""

import numpy as np

from koopview.network.info import LayerInfo
from koopview.trajectory.states import FLAT, PATCHES, PCA, TOKENS, kind_of


def numbered(index: int) -> str:
    """Return the name of a state that is only a number, "S3"."""
    return f"S{index + 1}"


def state_name(index: int, states: str, layer: LayerInfo | None) -> str:
    """Return the name of the state at `index` of a layer whose states are of a kind: "S3", "ch 2 (4, 5)", "PC 3".

    A flat state is called after its place in the stage's output, one that is appended there after its number. Counts
    begin at 1.
    """
    kind = kind_of(states)
    if layer is None or not layer.in_shape:
        return numbered(index)
    if kind == PCA:
        return f"PC {index + 1}"
    width = layer.out_shape[-1]
    if kind == TOKENS and index >= width == layer.in_shape[-1]:
        return f"mean {numbered(index - width)}"
    if kind == PATCHES and index < layer.out_shape[0]:
        return f"ch {index + 1}"
    whole = kind == FLAT and len(layer.out_shape) > 1 and index < layer.outputs
    return _place(index, layer) if whole else numbered(index)


def _place(index: int, layer: LayerInfo) -> str:
    """Return the place of an entry in a stage's output: "ch 2 (4, 5)", of tokens "token 2 (5)"."""
    first, *rest = (int(place) + 1 for place in np.unravel_index(index, layer.out_shape))
    word = "token" if len(rest) == 1 and "1d" not in layer.kind else "ch"
    return f"{word} {first} ({', '.join(map(str, rest))})"
