"""Make the view of a fit's modes: shapes, eigenfunctions, importance."""

import numpy as np
import torch

from koopview.hybrid.importance import importance
from koopview.koopman.arrays import as_numpy
from koopview.koopman.dmd import Dmd
from koopview.koopman.eigenvalues import conjugate_indices
from koopview.koopman.modes import mode_shapes
from koopview.progress import Progress, part
from koopview.study.fitter import Fitted
from koopview.study.samples import class_labels
from koopview.study.viewing.kind import Keep, ViewKind
from koopview.study.viewing.mode_inputs import coordinate_gradients, mode_inputs, phases_of
from koopview.study.views import ModeInputs, ModesView
from koopview.trajectory.states import FLAT, PCA, kind_of

EIGENFUNCTION_SAMPLES = 1000
"""Test samples whose eigenfunctions are shown: more would hide one another."""


def modes_view(fitted: Fitted, keep: Keep, progress: Progress) -> ModesView:
    """Return the modes of the operator shown, in the order of its eigenvalues; may raise Cancelled by `progress`."""
    setup, own, layer = fitted.setup, fitted.own, fitted.settings.layer
    progress(0.0, "mode shapes")
    few = own.coordinates[:EIGENFUNCTION_SAMPLES]
    left, right = grouped(own.dmd, few if few.ndim == 2 else few.mean(1))
    shapes = decoded(fitted, mode_shapes(own.dmd, max(own.scaled.entries), right))
    picture, axes = picture_of(fitted)
    values, inputs = turned(fitted, left, few if few.ndim == 2 else few.mean(1), part(progress, 0.05, 0.3))
    worth = importance(setup.network, fitted.layer_fits, layer, setup.scoring, part(progress, 0.3, 1.0))
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
        score=worth.score,
        class_scores=worth.class_scores,
        inputs=inputs,
    )


def grouped(dmd: Dmd, coordinates: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Return left eigenvectors as rows and right ones as columns, complex (rank, rank), groups as one thing.

    The eigenvectors in a group of more than a pair are nearly parallel and say nothing alone. Each is replaced by the
    direction within their invariant subspace along which the coordinates (samples, rank or more) of z[0] vary most: by
    the leading principal component of the group's spectral projection.
    """
    left, right, blocks = as_numpy(dmd.pairs.left).copy(), as_numpy(dmd.pairs.right).copy(), dmd.pairs.blocks
    partner, z = conjugate_indices(dmd.eigenvalues), as_numpy(coordinates[:, : dmd.rank])
    for group in np.unique(blocks.labels):
        members = np.flatnonzero(blocks.labels == group)
        if {*members.tolist()} <= {int(group), int(partner[group])}:
            continue
        columns, rows = blocks.basis(int(group))
        orthonormal, triangle = np.linalg.qr(columns)
        rows = triangle @ rows
        direction = np.linalg.eigh(np.cov(z @ rows.T, rowvar=False))[1][:, -1]
        left[members], right[:, members] = direction @ rows, (orthonormal @ direction)[:, None]
    return left, right


def turned(
    fitted: Fitted, left: np.ndarray, coordinates: torch.Tensor, progress: Progress
) -> tuple[np.ndarray, ModeInputs]:
    """Return the eigenfunctions' values (samples, rank) at the first test samples, turned, and their ModeInputs.

    `left` (rank, rank) are the functionals of the coordinates (samples, rank or more) that they are.
    """
    data = fitted.setup.dataset
    spreads = data.x_test[: len(coordinates)].reshape(len(coordinates), -1).std(axis=0)
    gradients = coordinate_gradients(fitted, spreads, progress)
    values = as_numpy(coordinates[:, : len(left)]).astype(complex) @ left.T
    phases = phases_of(gradients, spreads, left, values)
    return values * phases, mode_inputs(fitted, gradients, spreads, phases[:, None] * left, values * phases)


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
