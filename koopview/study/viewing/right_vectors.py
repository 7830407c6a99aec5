"""Right singular vectors of the delay snapshots (figure 5 of the paper), for several delays."""

import numpy as np
import torch

from koopview.koopman import fit_dmd
from koopview.koopman.arrays import as_numpy
from koopview.koopman.delays import delay_windows
from koopview.koopman.dmd import FLOAT32_ROUNDING
from koopview.progress import Progress, part
from koopview.study.fitter import Fitted
from koopview.study.samples import class_labels, fitting_samples
from koopview.study.viewing.kind import Keep, ViewKind
from koopview.study.viewing.paths import affordable, scaled_paths, without_operator
from koopview.study.views import RightVectorsView

VECTORS, SAMPLES = 3, 40
DELAYS = (1, 10, 50)
"""Delays of the paper's figure 5."""

SPARE = 5
"""Singular vectors computed in addition to those shown: the last of a truncated decomposition are the least exact."""


def right_vectors_view(fitted: Fitted, keep: Keep, progress: Progress) -> RightVectorsView:
    """Return right singular vectors ``V = Z^T U S^-1`` of the fitting samples' snapshots, for several delays.

    They use as many fitting samples as memory allows: all for a narrow layer, so that the vectors at the fit's own
    delays are those of the fit.
    """
    setup, dataset, settings = fitted.setup, fitted.setup.dataset, fitted.settings
    seen = fitted.own.observables
    chosen = fitting_samples(dataset, settings.samples, settings.draw)
    width = seen(scaled_paths(fitted, dataset.x_train[chosen[:1]])).shape[-1]
    chosen = chosen[: affordable(settings.steps, width)]
    progress(0.0, "paths")
    states = seen(scaled_paths(fitted, dataset.x_train[chosen]))
    delays = sorted({h for h in (*DELAYS, settings.delays) if h <= settings.steps})
    vectors = [
        right_vectors(states, h, part(progress, 0.1 + 0.9 * i / len(delays), 0.1 + 0.9 * (i + 1) / len(delays)))
        for i, h in enumerate(delays)
    ]
    labels = class_labels(setup.task, None if dataset.y_train is None else dataset.y_train[chosen], SAMPLES)
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
        The sign of each vector makes the largest entry of its mean positive.
    """
    dmd = fit_dmd(states, delays, VECTORS + SPARE, cutoff=FLOAT32_ROUNDING, progress=progress)
    count = min(VECTORS, dmd.rank)
    windows = torch.stack(delay_windows(states[:SAMPLES], delays)[:-1], dim=1)
    snapshots = len(states) * windows.shape[1]
    vectors = as_numpy(windows @ dmd.basis[:, :count]) / dmd.singular_values[:count] * np.sqrt(snapshots)
    means = vectors.mean(axis=0)
    farthest = np.take_along_axis(means, np.abs(means).argmax(axis=0)[None], axis=0)[0]
    return np.moveaxis(vectors * np.where(farthest < 0, -1, 1), 2, 0).astype(np.float32)


RIGHT_VECTORS = ViewKind(right_vectors_view, without_operator)
