"""Make the view of a fit's modes: shapes, eigenfunctions, importance."""

import numpy as np
import torch

from koopview.hybrid.importance import importance
from koopview.koopman.arrays import as_numpy
from koopview.koopman.modes import eigenfunctions, mode_shapes
from koopview.progress import Progress, part
from koopview.study.fitter import Fitted
from koopview.study.samples import class_labels
from koopview.study.viewing.kind import Keep, ViewKind
from koopview.study.views import ModesView
from koopview.trajectory.states import FLAT, PCA, kind_of

EIGENFUNCTION_SAMPLES = 1000
"""Test samples whose eigenfunctions are shown: more would hide one another."""


def modes_view(fitted: Fitted, keep: Keep, progress: Progress) -> ModesView:
    """Return the modes of the operator shown, in the order of its eigenvalues; may raise Cancelled by `progress`."""
    setup, own, layer = fitted.setup, fitted.own, fitted.settings.layer
    progress(0.0, "mode shapes")
    shapes = decoded(fitted, mode_shapes(own.dmd, max(own.scaled.entries)))
    picture, axes = picture_of(fitted)
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
        picture=picture,
        class_names=setup.dataset.class_names,
        axes=axes,
    )


def decoded(fitted: Fitted, shapes: np.ndarray) -> np.ndarray:
    """Return mode shapes (states, rank) as the stage's tensor (outputs, rank), if states are its components."""
    scaled = fitted.own.scaled
    if scaled.reading is None or kind_of(fitted.settings.states) != PCA:
        return shapes
    rows = torch.as_tensor(shapes[: scaled.entries[-1]].T[:, None], device=fitted.setup.device)
    parts = [as_numpy(scaled.reading.assembled(part.double())) for part in (rows.real, rows.imag)]
    return np.asarray((parts[0] + 1j * parts[1]).T)


def picture_of(fitted: Fitted) -> tuple[tuple[int, ...] | None, str]:
    """Return the shape in which a mode's first entries are shown, None for a row of numbers, and a table's axes.

    It is that of the stage's output, (channels, rows, columns), (tokens, width) or (channels, positions), if states
    are whole tensors; else that of the first layer's input if the data are pictures.
    """
    own, picture = fitted.own.layer, fitted.setup.dataset.picture
    whole = kind_of(fitted.settings.states) in (FLAT, PCA)
    if whole and len(own.out_shape) in (2, 3) and min(own.out_shape[-2:]) > 1:
        axes = "" if len(own.out_shape) == 3 else "channels × positions" if "1d" in own.kind else "tokens × width"
        return own.out_shape, axes
    first = own.name == fitted.setup.network.layers[0].name
    fits = picture is not None and first and picture[0] * picture[1] == own.inputs == fitted.own.scaled.entries[0]
    return (picture if fits else None), ""


MODES = ViewKind(modes_view)
