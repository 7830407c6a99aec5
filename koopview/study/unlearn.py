"""Class unlearning in a study: the choice of samples to find edits on, and to select among them."""

import numpy as np
import torch

from koopview.errors import InputError
from koopview.hybrid.accuracy import in_batches
from koopview.hybrid.carried import apart
from koopview.hybrid.promise import LOSES, SPARES
from koopview.hybrid.unlearning import Samples, unlearned
from koopview.koopman.edits import Edits, composed_edits
from koopview.network.data import Dataset
from koopview.network.network import Function
from koopview.network.task import CLASSES
from koopview.progress import Progress, part
from koopview.study.fitter import Fitted
from koopview.study.samples import labelled_samples
from koopview.study.settings import FitSettings

FITTING, VALIDATION = 4000, 2000
"""Most training samples for gradients, and for the choice among edits."""

VALIDATION_SHARE = 0.2
"""Share of the fitting samples used for the choice if no other training samples are left."""


def unlearning_edits(fitted: Fitted, target: int, most: int, progress: Progress) -> Edits | None:
    """Return the fit's edits plus those that unlearn class `target`, found only on training samples; None if none do.

    Raises
    ------
    InputError
        If there are no labels, no such class, or none of its samples among the fitting ones.
    Cancelled
        By `progress`.
    """
    setup, own, layer = fitted.setup, fitted.own, fitted.settings.layer
    network, dataset, labels = setup.network, setup.dataset, setup.dataset.y_train
    if labels is None:
        raise InputError(f"{dataset.name} has no labels, expected some: a class cannot be unlearned without")
    if setup.task != CLASSES:
        raise InputError(f"the task is {setup.task}, expected classes with an output each: only such one is unlearned")
    if own.scaled.rows > 1:
        raise InputError(
            f"states are {fitted.settings.states}, with several rows a sample, expected flat or pca: a class is "
            "unlearned by eigenvalues of whole samples",
            "--states",
        )
    fitting, choosing = unlearning_samples(dataset, fitted.settings)
    check_class(setup.original.shape[1], labels[fitting], target)
    if isinstance(most, bool) or not isinstance(most, (int, np.integer)) or most < 1:
        raise InputError(f"the most modes to edit are {most!r}, expected a whole number of at least 1")
    before = fitted.before
    others = (name for name in fitted.layer_fits if name != layer and name not in before)
    after: dict[str, Function] = {name: fitted.layer_fits[name].module() for name in others}

    def seen(indices: np.ndarray, within: Progress) -> Samples:
        def coordinates(batch: torch.Tensor) -> torch.Tensor:
            return own.module().coordinates(network.run(batch, before, before=layer)).float()

        x = setup.tensor(dataset.x_train[indices])
        kept = in_batches(coordinates, x, within).clone()  # a plain tensor, of which gradients can be taken
        seen, past = apart(kept, own.layer.carried)
        return Samples(seen, setup.tensor(labels[indices]), past)

    wanted = unlearned(
        own,
        lambda outputs: network.run(outputs, after, after=layer, gradients=True),
        seen(fitting, part(progress, 0.0, 0.1)),
        seen(choosing, part(progress, 0.1, 0.15)),
        int(target),
        most,
        part(progress, 0.15, 1.0),
    )
    if not wanted:
        return None
    labels_of_modes = own.dmd.pairs.blocks.labels
    return composed_edits(fitted.result.fitted_eigenvalues, fitted.settings.edits, wanted, labels_of_modes)


def nothing_unlearned(target: int, most: int) -> str:
    """Return the sentence that says that no edit keeps the promise."""
    return (
        f"Nothing was edited: no edit of at most {most} eigenvalues was found that costs class {target} at least "
        f"{100 * LOSES:.0f} points and no other class more than {100 * SPARES:.0f}, on training samples apart; "
        "more eigenvalues, another layer or more delays may do."
    )


def unlearning_samples(dataset: Dataset, settings: FitSettings) -> tuple[np.ndarray, np.ndarray]:
    """Return the indices of training samples for gradients, and of others for the choice among edits."""
    fitted = labelled_samples(dataset, settings.samples, settings.draw)
    left = np.setdiff1d(np.arange(len(dataset.x_train)), fitted, assume_unique=True)
    if len(left) >= VALIDATION_SHARE * len(fitted):
        return fitted[:FITTING], left[:VALIDATION]
    held = max(1, round(VALIDATION_SHARE * len(fitted)))
    return fitted[held:][:FITTING], fitted[:held][:VALIDATION]


def check_class(classes: int, labels: np.ndarray, target: int) -> None:
    """Raise InputError unless `labels`, those of the fitting samples, contain the class and others."""
    if isinstance(target, bool) or not isinstance(target, (int, np.integer)) or not 0 <= target < classes:
        raise InputError(f"class {target} does not exist, expected 0 to {classes - 1}")
    if not (labels == target).any() or (labels == target).all():
        raise InputError(f"class {target} cannot be unlearned, expected fitting samples of it and of others")
