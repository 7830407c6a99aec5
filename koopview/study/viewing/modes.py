"""Make the view of a fit's modes: shapes, eigenfunctions, importance."""

import numpy as np

from koopview.hybrid.importance import importance
from koopview.koopman.modes import eigenfunctions, mode_shapes
from koopview.progress import Progress, part
from koopview.study.fitter import Fitted
from koopview.study.samples import class_labels
from koopview.study.viewing.kind import Keep, ViewKind
from koopview.study.views import ModesView

EIGENFUNCTION_SAMPLES = 1000
"""Test samples whose eigenfunctions are shown: more would hide one another."""


def modes_view(fitted: Fitted, keep: Keep, progress: Progress) -> ModesView:
    """Return the modes of the operator shown, in the order of its eigenvalues; may raise Cancelled by `progress`."""
    setup, own, layer = fitted.setup, fitted.own, fitted.settings.layer
    progress(0.0, "mode shapes")
    shapes = mode_shapes(own.dmd, max(own.scaled.entries))
    progress(0.05, "eigenfunctions")
    few = own.coordinates[:EIGENFUNCTION_SAMPLES]
    values = eigenfunctions(own.dmd, few if few.ndim == 2 else few.mean(1))  # of several rows a sample, the mean
    worth = importance(setup.network, fitted.layer_fits, layer, setup.scoring, part(progress, 0.1, 1.0))
    return ModesView(
        shapes=shapes.astype(np.complex64),
        eigenfunctions=values.astype(np.complex64),
        labels=class_labels(setup.task, setup.dataset.y_test, EIGENFUNCTION_SAMPLES),
        importance=worth.lost,
        importance_errors=worth.errors,
        class_importance=worth.by_class,
        groups=own.dmd.pairs.blocks.labels,
        picture=picture_of(fitted),
        class_names=setup.dataset.class_names,
    )


def picture_of(fitted: Fitted) -> tuple[int, int] | None:
    """Return rows and columns of the layer's input if it is a picture, as in the first layer of picture data."""
    own, picture = fitted.own.layer, fitted.setup.dataset.picture
    first = own.name == fitted.setup.network.layers[0].name
    return picture if picture and first and picture[0] * picture[1] == own.inputs else None


MODES = ViewKind(modes_view)
