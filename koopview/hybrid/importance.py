"""The importance of each mode: the score lost when it alone is removed (METHOD section 6)."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from koopview.hybrid import accuracy as measure
from koopview.hybrid.hybrid_logits import hybrid_logits
from koopview.hybrid.layer_fit import LayerFit
from koopview.hybrid.scoring import Scored, Scoring, gain
from koopview.koopman.edits import edited_eigenvalues
from koopview.network.network import Network
from koopview.progress import Progress, silent


@dataclass(frozen=True, eq=False)
class Importance:
    """The losses when each mode's group alone is removed.

    Attributes
    ----------
    lost, errors : arrays (rank,)
        Loss of the score (accuracy, R2, or agreement without labels), and standard error of the paired difference.
    by_class : array (rank, classes)
        Accuracy lost of each class, NaN for one without samples; no columns unless the task is classes.
    score : float
        The score with all modes, NaN if it has none.
    class_scores : array (classes,)
        The accuracy of each class with all modes.
    """

    lost: np.ndarray
    errors: np.ndarray
    by_class: np.ndarray
    score: float
    class_scores: np.ndarray


def importance(
    network: Network, fits: Mapping[str, LayerFit], layer: str, scoring: Scoring, progress: Progress = silent
) -> Importance:
    """Return the Importance of each mode of a layer's operator; edits that it has stay in place.

    Measured on the samples of `scoring`, the test samples, like every score shown; nothing is chosen by it.

    Parameters
    ----------
    fits : mapping from layer name to its fit, in network order
    layer : str
    scoring : Scoring
    """
    fit, labels = fits[layer], fits[layer].dmd.pairs.blocks.labels
    classes = scoring.original.shape[1] if scoring.task == "classes" else 0
    present = edited_eigenvalues(fit.dmd.eigenvalues, fit.dmd.edits, labels)

    def measured(edited: LayerFit) -> tuple[Scored, list[float]]:
        logits = hybrid_logits(network, {**fits, layer: edited})
        return scoring.scored(logits), measure.per_class(logits, scoring.labels, classes) if classes else []

    whole, whole_by_class = measured(fit)
    score = float("nan") if whole.score is None else whole.score
    found = Importance(
        lost=np.zeros(len(labels)),
        errors=np.zeros(len(labels)),
        by_class=np.zeros((len(labels), classes)),
        score=score,
        class_scores=np.array(whole_by_class, dtype=float),
    )
    for group in np.unique(labels[present != 0]):
        progress(group / len(labels), f"importance of mode {group}")
        without, without_by_class = measured(fit.edited((*fit.dmd.edits, (int(group), 0j))))
        members = labels == group
        found.lost[members], found.errors[members] = gain(whole, without) or (0.0, 0.0)
        found.by_class[members] = np.subtract(whole_by_class, without_by_class)
    return found
