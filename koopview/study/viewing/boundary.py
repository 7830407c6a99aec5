"""Predictions of original and hybrid over the plane of inputs (figure 3 of the paper)."""

import numpy as np
import torch

from koopview.hybrid.accuracy import in_batches
from koopview.hybrid.linearized import LinearizedLayer
from koopview.network.network import Function
from koopview.progress import Progress, part
from koopview.study.fitter import Fitted
from koopview.study.setup import Setup
from koopview.study.viewing.kind import Keep, ViewKind
from koopview.study.views import BoundaryView, NoView

GRID = 160
"""Points along each side of the plane of inputs."""

MARGIN = 0.04
"""Margin of the plane around the data on each side, as a share of their extent."""


Extent = tuple[float, float, float, float]


def boundary_view(fitted: Fitted, keep: Keep, progress: Progress) -> BoundaryView | NoView:
    """Return the classes that original and hybrid predict over the plane of inputs (figure 3 of the paper)."""
    setup, data = fitted.setup, fitted.setup.dataset
    if data.plane is None:
        return NoView(
            f"A decision boundary needs inputs of two dimensions;\nthose of {data.name} have {data.x_test[0].size:,}."
        )
    if setup.scoring.predicted(setup.original) is None:
        return NoView("A decision boundary needs a network whose outputs are classes.")
    extent = extent_of(np.concatenate([data.x_train[:, :2], data.x_test[:, :2]]))
    original = original_classes(setup, extent, keep, part(progress, 0.0, 0.2))
    x = setup.tensor(data.plane(grid_points(extent))).float()
    hybrid = setup.scoring.predicted(hybrid_outputs(fitted, x, keep, part(progress, 0.2, 1.0)))
    return BoundaryView(
        extent,
        original,
        np.asarray(hybrid).reshape(GRID, GRID),
        data.class_names,
    )


def original_classes(setup: Setup, extent: Extent, keep: Keep, progress: Progress) -> np.ndarray:
    """Return the classes that the original predicts over the plane of inputs, int (GRID, GRID), the lowest y first."""
    plane = setup.dataset.plane
    assert plane is not None

    def make() -> np.ndarray:
        x = setup.tensor(plane(grid_points(extent))).float()
        return np.asarray(setup.scoring.predicted(in_batches(setup.network.run, x, progress)))

    return np.asarray(keep("plane", make)).reshape(GRID, GRID)


def hybrid_outputs(fitted: Fitted, x: torch.Tensor, keep: Keep, progress: Progress) -> torch.Tensor:
    """Return the hybrid's outputs (samples, classes) for the plane's inputs `x`.

    If one layer is replaced, its coordinates are computed once for all ranks and edits of a decomposition.
    """
    network, hybrids = fitted.setup.network, {name: one.module() for name, one in fitted.layer_fits.items()}
    if len(hybrids) > 1:
        functions: dict[str, Function] = dict(hybrids)
        return in_batches(lambda batch: network.run(batch, functions), x, progress)
    name, one = fitted.settings.layer, fitted.own

    def coordinates() -> torch.Tensor:
        whole = LinearizedLayer(one.scaled, one.observables, one.kept)
        return in_batches(lambda batch: whole.coordinates(network.run(batch, before=name)).float(), x, progress)

    made = keep(("plane", one.kept), coordinates)
    return network.run(hybrids[name].outputs(made), after=name)


def extent_of(points: np.ndarray) -> Extent:
    """Return x low, x high, y low, y high of a plane with room around points (samples, 2)."""
    low, high = points.min(axis=0).astype(float), points.max(axis=0).astype(float)
    room = np.where(high > low, MARGIN * (high - low), 0.5)
    (x_low, y_low), (x_high, y_high) = low - room, high + room
    return float(x_low), float(x_high), float(y_low), float(y_high)


def grid_points(extent: Extent, side: int = GRID) -> np.ndarray:
    """Return the centres of the plane's `side` x `side` cells, (side^2, 2), row by row from the lowest y."""
    x_low, x_high, y_low, y_high = extent
    middles = (np.arange(side) + 0.5) / side
    x, y = np.meshgrid(x_low + middles * (x_high - x_low), y_low + middles * (y_high - y_low))
    return np.column_stack([x.ravel(), y.ravel()]).astype(np.float32)


BOUNDARY = ViewKind(boundary_view)
