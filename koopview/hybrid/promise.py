"""The accuracies that unlearning a class guarantees, and the cost that ranks edits (METHOD section 6)."""

import numpy as np
import torch

from koopview.hybrid.statistics import paired_difference
from koopview.koopman.arrays import as_numpy

PRICE = 3.0
"""Weight of a point of the other classes' accuracy against a point of the class's, to choose among edits."""

LOSES, SPARES, CERTAIN = 0.30, 0.10, 3.0
"""The promise: least accuracy the class loses, most accuracy each other loses, and standard errors added to both."""


def keeps_promise(before: torch.Tensor, after: torch.Tensor, labels: torch.Tensor, target: int) -> bool:
    """Return whether the class loses at least LOSES and no other more than SPARES, each by `CERTAIN` standard errors.

    The errors are those of the paired difference on each class's samples: few samples guarantee less.
    """
    for c in labels.unique().tolist():
        own = labels == c
        difference = paired_difference(as_numpy(before[own]), as_numpy(after[own]))
        if difference is None:
            return False
        lost, error = difference
        if (lost - CERTAIN * error < LOSES) if c == target else (lost + CERTAIN * error > SPARES):
            return False
    return True


def cost(right: torch.Tensor, labels: torch.Tensor, target: int) -> float:
    """Return the class's accuracy minus `PRICE` times the mean accuracy of the other classes."""
    shares = {int(c): float(right[labels == c].double().mean()) for c in labels.unique()}
    own = shares.pop(target, 0.0)
    return own - PRICE * float(np.mean(list(shares.values())))
