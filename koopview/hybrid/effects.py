"""Compare the effect of a mode edit on the layer's output with the change asked for (METHOD section 6)."""

import numpy as np
import torch

from koopview.errors import EditRefused
from koopview.hybrid.layer_fit import LayerFit
from koopview.koopman.edits import edited_eigenvalues

WORSE = 10.0
"""Factor by which the effect of an edit may exceed the change asked for.

The projectors of groups are bounded, so that no edit comes near it. An edit of a single eigenvector that is nearly
parallel to others (condition 1e11) would be refused."""


SAMPLES = 256
"""Samples on which the effect is measured; few, as a drag asks at every step."""


def check_effect(fit: LayerFit) -> None:
    """Raise EditRefused if edited modes change the layer's output by far more than they were asked to.

    The change asked for is the largest ``|f^p - 1|`` over the factors f of groups. The effect is measured on training
    samples held out from the fit, or on test samples if there are none: nothing is chosen by it.
    """
    coordinates = fit.apart_coordinates if len(fit.apart_coordinates) else fit.coordinates
    few = coordinates[:SAMPLES]
    outputs = fit.layer.outputs  # and not what goes past the layer
    before, after = (one.module().outputs(few)[:, :outputs].double() for one in (fit.unedited, fit))
    size = float(torch.linalg.norm(before)) or 1.0
    found, asked = float(torch.linalg.norm(after - before)) / size, asked_change(fit)
    if not found <= WORSE * asked:
        modes = ", ".join(str(index) for index, _ in fit.dmd.edits)
        raise EditRefused(
            f"the edit of mode {modes} was asked to change the layer's output by {100 * asked:.2g} % and changes it by "
            f"{100 * found:.2g} %, expected an edit that does what it says; edit modes that are better conditioned"
        )


def asked_change(fit: LayerFit) -> float:
    """Return the largest ``|f^p - 1|`` over the modes edited."""
    values = fit.dmd.eigenvalues
    moved = edited_eigenvalues(values, fit.dmd.edits, fit.dmd.pairs.blocks.labels)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        factors = np.where(values != 0, (moved / values) ** fit.power, np.inf)
    changes = np.abs(factors[moved != values] - 1)
    return float(changes.max(initial=0.0))
