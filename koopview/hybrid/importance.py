"""What each mode is worth: the accuracy lost when it alone is removed (METHOD section 6)."""

from collections.abc import Mapping

import numpy as np
import torch

from koopview.hybrid import accuracy as measure
from koopview.hybrid.hybrid_logits import hybrid_logits
from koopview.hybrid.layer_fit import LayerFit
from koopview.koopman.edits import edited_eigenvalues
from koopview.koopman.eigenvalues import conjugate_places
from koopview.network.network import Network
from koopview.progress import Progress, silent


def importance(
    network: Network,
    fits: Mapping[str, LayerFit],
    layer: str,
    original: torch.Tensor,
    labels: np.ndarray | None,
    progress: Progress = silent,
) -> tuple[np.ndarray, np.ndarray]:
    """Return what is lost when each mode of a layer's operator alone is removed, with its conjugate.

    Measured on the test samples, as every accuracy shown; nothing is chosen by it. Of an edited operator, beside the
    edits that it has.

    Parameters
    ----------
    fits : mapping from layer name to its fit, in network order
    layer : str
    original : tensor (test samples, classes)
        The original network's outputs.
    labels : int array (test samples,) or None

    Returns
    -------
    importance : array (rank,)
        Accuracy lost, agreement with the original without labels.
    class_importance : array (rank, classes)
        Accuracy lost of each class, NaN for one without samples; no columns without labels.
    """
    fit, classes = fits[layer], original.shape[1]
    places = conjugate_places(fit.dmd.eigenvalues)
    present = edited_eigenvalues(fit.dmd.eigenvalues, fit.dmd.edits)

    def measured(edited: LayerFit) -> tuple[float, list[float]]:
        logits = hybrid_logits(network, {**fits, layer: edited})
        overall = measure.accuracy(logits, labels)
        agreed = measure.agreement(logits, original) if overall is None else overall
        return agreed, measure.per_class(logits, labels, classes)

    whole, whole_by_class = measured(fit)
    lost = np.zeros(len(places))
    lost_by_class = np.zeros((len(places), len(whole_by_class)))
    for place in np.flatnonzero((places >= np.arange(len(places))) & (present != 0)):
        progress(place / len(places), f"importance of mode {place}")
        found, found_by_class = measured(fit.edited((*fit.dmd.edits, (int(place), 0j))))
        pair = [place, places[place]]
        lost[pair] = whole - found
        lost_by_class[pair] = np.subtract(whole_by_class, found_by_class)
    return lost, lost_by_class
