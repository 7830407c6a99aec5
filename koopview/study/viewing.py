"""Make the views that further panels draw (koopview/study/views.py), each of one fit."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from koopview.errors import InputError
from koopview.hybrid.accuracy import in_batches
from koopview.hybrid.linearized import LinearizedLayer
from koopview.koopman import fit_dmd
from koopview.koopman.arrays import as_numpy
from koopview.koopman.delays import delay_windows
from koopview.koopman.dmd import FLOAT32_ROUNDING
from koopview.koopman.pseudospectrum import Pseudospectrum, pseudospectrum_around
from koopview.network.network import Function
from koopview.progress import Progress, part
from koopview.study.modes_view import modes_view
from koopview.study.result import FitResult
from koopview.study.samples import class_labels, fitting_samples
from koopview.study.settings import FitSettings
from koopview.study.views import BoundaryView, NoView, PhaseView, RightVectorsView

if TYPE_CHECKING:
    from koopview.study.study import Fit, Study

NUMBERS = 2**23
"""Numbers of the paths that a view is made of at most (64 MiB in float64): fewer samples of a wide or long layer."""

PHASE_SAMPLES, COMPONENTS = 300, 4
GRID = 160
"""Points along each side of the plane of inputs."""
MARGIN = 0.04
"""Share of the data's extent that the plane reaches past them on each side."""
VECTORS, VECTOR_SAMPLES = 3, 40
VECTOR_DELAYS = (1, 10, 50)
"""Delays of the paper's figure 5."""
SPARE = 5
"""Singular vectors computed past those shown: the last of a truncated decomposition are the least exact."""


def phase_view(fit: Fit, progress: Progress) -> PhaseView:
    """Return paths of test samples through the scaled layer, with their principal components."""
    dataset, layer = fit.study.dataset, fit.layer_fits[fit.settings.layer].layer
    count = min(PHASE_SAMPLES, len(dataset.x_test), affordable(fit.settings.steps, layer.states))
    progress(0.0, "paths")
    paths = scaled_paths(fit, dataset.x_test[:count])
    progress(0.3, "principal components")
    components, shares = principal_components(as_numpy(paths))
    return PhaseView(
        paths=as_numpy(paths.float()),
        components=components.astype(np.float32),
        shares=shares,
        labels=class_labels(fit.study.task, dataset.y_test, count),
        class_names=dataset.class_names,
    )


def boundary_view(fit: Fit, progress: Progress) -> BoundaryView | NoView:
    """Return the classes that original and hybrid predict over the plane of inputs (figure 3 of the paper)."""
    study, data = fit.study, fit.study.dataset
    if data.plane is None:
        return NoView(
            f"A decision boundary needs inputs of two dimensions;\nthose of {data.name} have {data.x_test[0].size:,}."
        )
    if study.scoring.predicted(study.original) is None:
        return NoView("A decision boundary needs a network whose outputs are classes.")
    extent = extent_of(np.concatenate([data.x_train[:, :2], data.x_test[:, :2]]))
    x = torch.as_tensor(data.plane(grid_points(extent)), dtype=torch.float32, device=study.device)

    def original() -> np.ndarray:
        return classes_of(in_batches(study.network.run, x, part(progress, 0.0, 0.2)))

    def classes_of(outputs: torch.Tensor) -> np.ndarray:
        return np.asarray(study.scoring.predicted(outputs))

    return BoundaryView(
        extent,
        kept(fit, "plane", original).reshape(GRID, GRID),
        classes_of(hybrid_outputs(fit, x, part(progress, 0.2, 1.0))).reshape(GRID, GRID),
        data.class_names,
    )


def hybrid_outputs(fit: Fit, x: torch.Tensor, progress: Progress) -> torch.Tensor:
    """Return the hybrid's outputs (samples, classes) of the plane's inputs `x`.

    Where one layer is replaced, its coordinates are made once for all ranks and edits of a decomposition.
    """
    network, hybrids = fit.study.network, {name: one.module() for name, one in fit.layer_fits.items()}
    if len(hybrids) > 1:
        functions: dict[str, Function] = dict(hybrids)
        return in_batches(lambda batch: network.run(batch, functions), x, progress)
    name, one = fit.settings.layer, fit.layer_fits[fit.settings.layer]

    def coordinates() -> torch.Tensor:
        whole = LinearizedLayer(one.scaled, one.observables, one.kept)
        return in_batches(lambda batch: whole.coordinates(network.run(batch, before=name)).float(), x, progress)

    made = kept(fit, ("plane", one.kept), coordinates)
    return network.run(hybrids[name].outputs(made), after=name)


def right_vectors_view(fit: Fit, progress: Progress) -> RightVectorsView:
    """Return right singular vectors ``V = Z^T U S^-1`` of the fitting samples' snapshots, for several delays.

    Of as many fitting samples as are affordable: all of a narrow layer, so that the vectors at the fit's own delays
    are those of the fit.
    """
    dataset, settings = fit.study.dataset, fit.settings
    seen = fit.layer_fits[settings.layer].observables
    chosen = fitting_samples(dataset, settings.samples)
    width = seen(scaled_paths(fit, dataset.x_train[chosen[:1]])).shape[-1]
    chosen = chosen[: affordable(settings.steps, width)]
    progress(0.0, "paths")
    states = seen(scaled_paths(fit, dataset.x_train[chosen]))
    delays = sorted({h for h in (*VECTOR_DELAYS, settings.delays) if h <= settings.steps})
    vectors = [
        right_vectors(states, h, part(progress, 0.1 + 0.9 * i / len(delays), 0.1 + 0.9 * (i + 1) / len(delays)))
        for i, h in enumerate(delays)
    ]
    labels = class_labels(fit.study.task, None if dataset.y_train is None else dataset.y_train[chosen], VECTOR_SAMPLES)
    return RightVectorsView(tuple(delays), tuple(vectors), labels)


def right_vectors(states: torch.Tensor, delays: int, progress: Progress) -> np.ndarray:
    """Return the leading right singular vectors of the delay snapshots along the first paths, of root mean square 1.

    Parameters
    ----------
    states : tensor (samples, steps + 1, features)
    delays : int

    Returns
    -------
    float32 array (vectors, shown samples, steps - delays + 1)
        The mean of each vector is positive where it is farthest from 0.
    """
    dmd = fit_dmd(states, delays, VECTORS + SPARE, cutoff=FLOAT32_ROUNDING, progress=progress)
    count = min(VECTORS, dmd.rank)
    windows = torch.stack(delay_windows(states[:VECTOR_SAMPLES], delays)[:-1], dim=1)
    snapshots = len(states) * windows.shape[1]
    vectors = as_numpy(windows @ dmd.basis[:, :count]) / dmd.singular_values[:count] * np.sqrt(snapshots)
    means = vectors.mean(axis=0)
    farthest = np.take_along_axis(means, np.abs(means).argmax(axis=0)[None], axis=0)[0]
    return np.moveaxis(vectors * np.where(farthest < 0, -1, 1), 2, 0).astype(np.float32)


def controls_view(fit: Fit, progress: Progress) -> FitResult:
    """Return the fit's result with the scores of its controls."""
    return fit.study.fitted(fit.settings, progress).result


def pseudospectrum_view(fit: Fit, progress: Progress) -> Pseudospectrum:
    """Return the pseudospectrum of the operator shown, around its eigenvalues."""
    matrix = as_numpy(fit.layer_fits[fit.settings.layer].unedited.dmd.matrix)
    return pseudospectrum_around(matrix, fit.result.fitted_eigenvalues, progress)


View = Callable[["Fit", Progress], Any]

VIEWS: dict[str, View] = {
    "phase": phase_view,
    "boundary": boundary_view,
    "modes": modes_view,
    "right_vectors": right_vectors_view,
    "controls": controls_view,
    "pseudospectrum": pseudospectrum_view,
}
"""How each kind of view is made; one that a fit does not have is a NoView that says why."""

_OF_THE_SCALED_LAYER = ("phase", "right_vectors")


def view(study: Study, settings: FitSettings, kind: str, progress: Progress) -> Any:
    """Return the view of `kind` of the fit of `settings`, made once.

    Raises
    ------
    InputError
        If there is no such kind, and as ``Study.fitted`` does.
    Cancelled
        If `progress` raises it.
    """
    if kind not in VIEWS:
        raise InputError(f"view is {kind!r}, expected one of {', '.join(VIEWS)}")
    settings = replace(settings, replaced=study.network.in_order(settings.replaced))
    key = view_key(settings, kind)
    known = study.views.get(key)
    if known is None:
        fit = study.fitted(settings, part(progress, 0.0, 0.3), controls=False)
        known = VIEWS[kind](fit, part(progress, 0.3, 1.0))
        study.views.put(key, known, bytes_of(known))
    return known


def view_key(settings: FitSettings, kind: str) -> tuple[str, FitSettings]:
    """Return what a view depends on: paths of the first replaced layer know nothing of its operator."""
    if kind in _OF_THE_SCALED_LAYER and settings.replaced[0] == settings.layer:
        delays = 1 if kind == "phase" else settings.delays
        return kind, replace(settings.with_rank("auto"), replaced=(settings.layer,), delays=delays)
    if kind == "pseudospectrum":
        return kind, settings.with_edits(())
    return kind, settings


def kept(fit: Fit, key: Hashable, make: Callable[[], Any]) -> Any:
    """Return what `make` makes, the first time, and the same later: what several views have in common."""
    known = fit.study.views.get(key)
    if known is None:
        known = make()
        fit.study.views.put(key, known, bytes_of(known))
    return known


def bytes_of(made: Any) -> int:
    """Return the memory of an array, or of a view's arrays."""
    if not is_dataclass(made):
        return int(made.nbytes)
    held = [getattr(made, field.name) for field in fields(made)]
    arrays = [one for value in held for one in (value if isinstance(value, tuple) else (value,))]
    return sum(array.nbytes for array in arrays if isinstance(array, np.ndarray))


def affordable(steps: int, features: int) -> int:
    """Return how many samples' paths a view may hold, at least one."""
    return max(1, NUMBERS // ((steps + 1) * features))


def scaled_paths(fit: Fit, x: np.ndarray) -> torch.Tensor:
    """Return the paths (samples, steps + 1, states) of network inputs `x` through the layer shown, float64.

    What comes into the layer comes from the hybrids of the replaced layers before it.
    """
    settings = fit.settings
    before = settings.replaced[: settings.replaced.index(settings.layer)]
    hybrids: dict[str, Function] = {name: fit.layer_fits[name].module() for name in before}
    inputs = fit.study.network.run(torch.as_tensor(x, device=fit.study.device), hybrids, before=settings.layer)
    with torch.inference_mode():
        return fit.layer_fits[settings.layer].scaled(inputs.double(), settings.steps)


def principal_components(paths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return coordinates of all states along their first principal components, and the share of variance of each.

    From the smaller of the two Gram matrices. Each component points to where its largest loading is positive.

    Parameters
    ----------
    paths : array (samples, steps + 1, states)

    Returns
    -------
    coordinates : array (samples, steps + 1, components)
    shares : array (components,)
        0 where nothing varies.
    """
    samples, length, states = paths.shape
    rows = paths.reshape(-1, states) - paths.mean(axis=(0, 1))
    count = min(COMPONENTS, states, len(rows))
    if states <= len(rows):
        values, vectors = np.linalg.eigh(rows.T @ rows)
        loadings = vectors[:, ::-1][:, :count]
    else:
        values, vectors = np.linalg.eigh(rows @ rows.T)
        images = rows.T @ vectors[:, ::-1][:, :count]
        norms = np.linalg.norm(images, axis=0)
        loadings = images / np.where(norms > 0, norms, 1)
    largest = np.take_along_axis(loadings, np.abs(loadings).argmax(axis=0)[None], axis=0)[0]
    loadings = loadings * np.where(largest < 0, -1, 1)
    variances = np.maximum(values[::-1], 0)
    total = float(variances.sum())
    shares = variances[:count] / total if total > 0 else np.zeros(count)
    return (rows @ loadings).reshape(samples, length, count), shares


def extent_of(points: np.ndarray) -> tuple[float, float, float, float]:
    """Return x low, x high, y low, y high of a plane with room around points (samples, 2)."""
    low, high = points.min(axis=0).astype(float), points.max(axis=0).astype(float)
    room = np.where(high > low, MARGIN * (high - low), 0.5)
    (x_low, y_low), (x_high, y_high) = low - room, high + room
    return float(x_low), float(x_high), float(y_low), float(y_high)


def grid_points(extent: tuple[float, float, float, float]) -> np.ndarray:
    """Return the middles of the plane's GRID x GRID cells, (GRID^2, 2), row by row from the lowest y."""
    x_low, x_high, y_low, y_high = extent
    middles = (np.arange(GRID) + 0.5) / GRID
    x, y = np.meshgrid(x_low + middles * (x_high - x_low), y_low + middles * (y_high - y_low))
    return np.column_stack([x.ravel(), y.ravel()]).astype(np.float32)
