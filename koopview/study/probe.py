"""What a linear probe still finds in a layer's output: an unlearned class may only look forgotten."""

from typing import TYPE_CHECKING

import numpy as np
import torch

from koopview.errors import InputError
from koopview.hybrid.accuracy import in_batches
from koopview.hybrid.ridge import ridge_map
from koopview.study.samples import fitting_samples

if TYPE_CHECKING:
    from koopview.study.fit import Fit


def linear_probe(fit: "Fit", target: int) -> float:
    """Return the share of a class's test samples that a linear probe of the layer's output tells to be of it.

    The probe is a ridge regression from the hybrid layer's output to one number a class, its ridge chosen on a fifth
    of the fitting samples; it predicts the largest.

    Raises
    ------
    InputError
        Without labels, or for a class without test samples.
    """
    study, dataset = fit.study, fit.study.dataset
    if study.task != "classes" or dataset.y_train is None or not np.any(dataset.y_test == target):
        raise InputError(f"{dataset.name} has no test samples of class {target}, expected some for a linear probe")
    chosen, classes = fitting_samples(dataset, fit.settings.samples, fit.settings.draw), study.original.shape[1]
    wanted = torch.as_tensor(np.eye(classes)[dataset.y_train[chosen]], device=study.device)
    probe = ridge_map(layer_outputs(fit, dataset.x_train[chosen]), wanted)
    found = probe(layer_outputs(fit, dataset.x_test[dataset.y_test == target]))
    return float((found.argmax(1) == target).double().mean())


def layer_outputs(fit: "Fit", x: np.ndarray) -> torch.Tensor:
    """Return the output (samples, outputs) of the layer shown, as the hybrid has it, of network inputs."""
    names, layer = list(fit.layer_fits), fit.settings.layer
    before = {name: fit.layer_fits[name].module() for name in names[: names.index(layer)]}
    own = fit.layer_fits[layer].module()
    inputs = torch.as_tensor(x, device=fit.study.device)
    return in_batches(lambda batch: own(fit.study.network.run(batch, before, before=layer)), inputs)
