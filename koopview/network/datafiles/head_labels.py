"""The classes that a head names, and the labels of its first samples as text."""

from typing import NamedTuple

import numpy as np

from koopview.errors import InputError
from koopview.network.datafiles.held_array import FIRST
from koopview.network.labels import read_labels, renumbered

_MOST = 1000
"""Most classes that a head names; whole numbers with more different values are targets."""


class LabelsSeen(NamedTuple):
    """Names of the classes, the first labels as text, and what is told about them."""

    classes: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def labels_seen(labels: np.ndarray | None, names: tuple[str, ...], what: str) -> LabelsSeen:
    """Return the LabelsSeen of labels (samples,) or (samples, numbers); what is wrong with them is a remark."""
    if labels is None or labels.ndim == 0 or labels.size == 0:
        return LabelsSeen()
    try:
        read = renumbered(read_labels(((labels, np.empty((len(labels), 0))),), what, names))
    except InputError as error:
        return LabelsSeen(remarks=(str(error),))
    assert read.train is not None
    if read.train.ndim == 2:
        return LabelsSeen((), tuple(", ".join(f"{number:.4g}" for number in row) for row in read.train[:FIRST]))
    known = np.unique(read.train)
    if read.names and known[-1] < len(read.names):
        return LabelsSeen(read.names, tuple(read.names[label] for label in read.train[:FIRST]), read.remarks)
    shown = tuple(map(str, read.train[:FIRST].tolist()))
    return LabelsSeen(tuple(map(str, known.tolist())) if len(known) <= _MOST else (), shown, read.remarks)
