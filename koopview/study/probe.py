"""A linear probe of a layer's output: an unlearned class may only look forgotten."""

import numpy as np
import torch

from koopview.errors import InputError
from koopview.hybrid.accuracy import in_batches
from koopview.hybrid.ridge import ridge_map
from koopview.study.fitter import Fitted
from koopview.study.samples import labelled_samples


def linear_probe(fitted: Fitted, target: int) -> float:
    """Return the share of a class's test samples that a linear probe of the layer's output assigns to it.

    The probe is a ridge regression from the hybrid layer's output to one number per class, its ridge chosen on a
    fifth of the fitting samples; it predicts the class of the largest number.

    Raises
    ------
    InputError
        Without labels, or for a class without test samples.
    """
    setup, dataset, settings = fitted.setup, fitted.setup.dataset, fitted.settings
    if setup.task != "classes" or dataset.y_train is None or not np.any(dataset.y_test == target):
        raise InputError(f"{dataset.name} has no test samples of class {target}, expected some for a linear probe")
    chosen, classes = labelled_samples(dataset, settings.samples, settings.draw), setup.original.shape[1]
    wanted = setup.tensor(np.eye(classes)[dataset.y_train[chosen]])
    probe = ridge_map(layer_outputs(fitted, dataset.x_train[chosen]), wanted)
    found = probe(layer_outputs(fitted, dataset.x_test[dataset.y_test == target]))
    return float((found.argmax(1) == target).double().mean())


def layer_outputs(fitted: Fitted, x: np.ndarray) -> torch.Tensor:
    """Return the hybrid's output (samples, outputs) of the layer shown, for network inputs x."""
    network, before, own = fitted.setup.network, fitted.before, fitted.own.module()
    inputs = fitted.setup.tensor(x)
    return in_batches(lambda batch: own(network.run(batch, before, before=fitted.settings.layer)), inputs)
