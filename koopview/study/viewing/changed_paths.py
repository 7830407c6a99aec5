"""Paths of the test samples whose answers a hybrid changes, made when someone asks for one of them."""

import numpy as np

from koopview.koopman.arrays import as_numpy
from koopview.progress import Progress
from koopview.study.fitter import Fitted
from koopview.study.viewing.kind import Keep, ViewKind
from koopview.study.viewing.meaning import meaning_view
from koopview.study.viewing.paths import affordable, scaled_paths
from koopview.study.views import ChangedPathsView, ChangedView

MOST = 500
"""Most samples whose paths are made at once."""


def changed_paths_view(fitted: Fitted, keep: Keep, progress: Progress) -> ChangedPathsView:
    """Return the paths of the first samples of the view "meaning", in its order."""
    view = keep(("meaning", fitted.settings), lambda: meaning_view(fitted, keep, progress))
    own, settings = fitted.own.scaled, fitted.settings
    count = min(MOST, affordable(settings.steps, max(own.entries) * own.rows), len(view.samples))
    samples: np.ndarray = view.samples[:count]
    paths = scaled_paths(fitted, fitted.setup.dataset.x_test[samples])
    labels = view.labels if isinstance(view, ChangedView) else None
    return ChangedPathsView(samples, as_numpy(paths.float()), None if labels is None else labels[:count])


CHANGED_PATHS = ViewKind(changed_paths_view)
