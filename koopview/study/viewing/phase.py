"""Paths of many test samples, for phase portraits."""

from dataclasses import replace

import numpy as np

from koopview.koopman.arrays import as_numpy
from koopview.progress import Progress
from koopview.study.fitter import Fitted
from koopview.study.samples import class_labels
from koopview.study.settings import FitSettings
from koopview.study.viewing.kind import Keep, ViewKind
from koopview.study.viewing.paths import affordable, scaled_paths, without_operator
from koopview.study.views import PhaseView

SAMPLES, COMPONENTS = 300, 4


def phase_view(fitted: Fitted, keep: Keep, progress: Progress) -> PhaseView:
    """Return paths of test samples through the scaled layer, with their principal components."""
    setup, dataset = fitted.setup, fitted.setup.dataset
    count = min(
        SAMPLES,
        len(dataset.x_test),
        affordable(fitted.settings.steps, max(fitted.own.scaled.entries) * fitted.own.scaled.rows),
    )
    progress(0.0, "paths")
    paths = scaled_paths(fitted, dataset.x_test[:count])
    progress(0.3, "principal components")
    components, shares = principal_components(as_numpy(paths))
    return PhaseView(
        paths=as_numpy(paths.float()),
        components=components.astype(np.float32),
        shares=shares,
        labels=class_labels(setup.task, dataset.y_test, count),
        class_names=dataset.class_names,
    )


def principal_components(paths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return coordinates of all states along their first principal components, and the share of variance of each.

    They come from the smaller of the two Gram matrices. Each component's largest loading is positive.

    Parameters
    ----------
    paths : array (samples, steps + 1, states)

    Returns
    -------
    coordinates : array (samples, steps + 1, components)
    shares : array (components,)
        0 if nothing varies.
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


def depends_on(settings: FitSettings) -> FitSettings:
    """Return the settings of the paths: neither the operator nor the delays change them."""
    found = without_operator(settings)
    return found if found is settings else replace(found, delays=1)


PHASE = ViewKind(phase_view, depends_on)
