"""Labels that are numbered in another order than the network's outputs: a doubt that the answers themselves raise."""

from collections.abc import Sequence

import numpy as np

from koopview.hybrid.accuracy import confusion
from koopview.hybrid.scoring import Scoring
from koopview.network.task import CLASSES

FEW = 0.5
"""Share of right answers above which the order is not doubted."""

GAINED, REACHED = 0.3, 0.6
"""Least gain of another order, and least share of right answers with it: what no order of a network at chance gives."""

_TOLD = 10
"""Classes that a sentence names."""


def doubt_of_class_order(name: str, class_names: Sequence[str], scoring: Scoring) -> str:
    """Return a sentence, a str, if the network would be right with its classes in another order; empty if not.

    The order with the most right answers is the best assignment of outputs to classes (Kuhn 1955) on test samples.
    """
    labels, outputs = scoring.labels, scoring.original.shape[1]
    if scoring.task != CLASSES or labels is None or outputs < 2:
        return ""
    counts = confusion(scoring.original, labels, outputs)
    total, right = counts.sum(), np.trace(counts)
    if right > FEW * total:
        return ""
    from scipy.optimize import linear_sum_assignment  # takes a while to import, and is seldom needed

    classes, order = linear_sum_assignment(counts, maximize=True)
    best = counts[classes, order].sum()
    if best < REACHED * total or best - right < GAINED * total:
        return ""
    shares = f"{100 * right / total:.1f} % of the test samples, and would be on {100 * best / total:.1f} %"
    stand = _listed(class_names, np.argsort(order))
    return (
        f"{name} is right on {shares} if its outputs stood for {stand}: are the labels numbered as in its training? "
        "Whole numbers as labels say it."
    )


def _listed(class_names: Sequence[str], order: np.ndarray) -> str:
    """Return the classes by outputs, in words."""
    names = [class_names[index] if index < len(class_names) else str(index) for index in order.tolist()]
    return ", ".join(names if len(names) <= _TOLD else [*names[:_TOLD], "..."])
