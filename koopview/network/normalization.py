"""How inputs are scaled before the network sees them: the register, by what files and options call each.

And where their channels stand.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Normalization(NamedTuple):
    """A way to scale inputs: `words` for a person, and the shift and scale of training inputs (samples, ...).

    Both broadcast against the inputs; a scale of 0 counts as 1.
    """

    words: str
    shift_and_scale: Callable[[np.ndarray], tuple[np.ndarray | float, np.ndarray]]


NORMALIZATIONS = {
    "none": Normalization("as they are", lambda x: (0.0, np.ones(1))),
    "unit": Normalization("divided by the largest", lambda x: (0.0, np.abs(x).max(keepdims=True))),
    "standard": Normalization(
        "mean 0, deviation 1", lambda x: (x.mean(axis=0, dtype=np.float64), x.std(axis=0, dtype=np.float64))
    ),
}

CHANNELS = ("first", "last")
"""Where the channels of pictures stand: before rows and columns, as torch has them, or behind."""
