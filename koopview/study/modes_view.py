"""Make the view of a fit's modes: shapes, eigenfunctions, importance."""

from typing import TYPE_CHECKING

import numpy as np

from koopview.hybrid.importance import importance
from koopview.koopman.modes import eigenfunctions, mode_shapes
from koopview.progress import Progress, part
from koopview.study.samples import class_labels
from koopview.study.views import ModesView

if TYPE_CHECKING:
    from koopview.study.study import Fit

EIGENFUNCTION_SAMPLES = 1000
"""Test samples whose eigenfunctions are shown: more would hide one another."""


def modes_view(fit: "Fit", progress: Progress) -> ModesView:
    """Return the modes of the operator shown, in the order of its eigenvalues; may raise Cancelled by `progress`."""
    study, layer = fit.study, fit.settings.layer
    own, dataset = fit.layer_fits[layer], study.dataset
    progress(0.0, "mode shapes")
    shapes = mode_shapes(own.dmd, own.layer.states)
    progress(0.05, "eigenfunctions")
    values = eigenfunctions(own.dmd, own.coordinates[:EIGENFUNCTION_SAMPLES])
    worth = importance(study.network, fit.layer_fits, layer, study.scoring, part(progress, 0.1, 1.0))
    return ModesView(
        shapes=shapes.astype(np.complex64),
        eigenfunctions=values.astype(np.complex64),
        labels=class_labels(study.task, dataset.y_test, EIGENFUNCTION_SAMPLES),
        importance=worth.lost,
        importance_errors=worth.errors,
        class_importance=worth.by_class,
        groups=own.dmd.pairs.blocks.labels,
        picture=picture_of(fit),
        class_names=dataset.class_names,
    )


def picture_of(fit: "Fit") -> tuple[int, int] | None:
    """Return rows and columns of the layer's input where it is a picture: the data's, as the first layer takes them."""
    own, picture = fit.layer_fits[fit.settings.layer].layer, fit.study.dataset.picture
    first = own.name == fit.study.network.layers[0].name
    return picture if picture and first and picture[0] * picture[1] == own.inputs else None
