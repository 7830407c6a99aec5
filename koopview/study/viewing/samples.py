"""The first test samples, whose paths a result holds, with what the original and the hybrid answer to each."""

import numpy as np
import torch

from koopview.hybrid.accuracy import in_batches
from koopview.hybrid.hybrid_logits import hybrid_after
from koopview.network.task import BINARY
from koopview.progress import Progress, part
from koopview.study.fitter import Fitted
from koopview.study.sample_answers import Answers, SamplesView
from koopview.study.setup import Setup
from koopview.study.viewing.boundary import extent_of, original_classes
from koopview.study.viewing.kind import Keep, ViewKind


def samples_view(fitted: Fitted, keep: Keep, progress: Progress) -> SamplesView:
    """Return the samples whose paths are drawn, with what original and hybrid answer."""
    setup, data = fitted.setup, fitted.setup.dataset
    count = len(fitted.own.paths)
    first, run = hybrid_after(setup.network, fitted.layer_fits)
    outputs = in_batches(run, fitted.layer_fits[first].coordinates[:count], part(progress, 0.0, 0.5))
    plane = None
    if data.plane is not None and setup.scoring.predicted(setup.original) is not None:
        extent = extent_of(np.concatenate([data.x_train[:, :2], data.x_test[:, :2]]))
        plane = extent, original_classes(setup, extent, keep, part(progress, 0.5, 1.0))
    return SamplesView(
        inputs=data.x_test[:count],
        picture=data.picture,
        plane=plane,
        original=answers(setup, setup.original[:count]),
        hybrid=answers(setup, outputs),
    )


def answers(setup: Setup, outputs: torch.Tensor) -> Answers:
    """Return the Answers that outputs (samples, outputs) stand for."""
    classes, values = setup.scoring.predicted(outputs), outputs.double().cpu().numpy()
    if classes is None:
        return Answers(None, None, values[:, 0])
    if setup.task == BINARY:
        return Answers(classes, np.abs(values[:, 0] - setup.scoring.threshold), values[:, 0])
    two = np.sort(values, axis=1)[:, -2:]
    return Answers(classes, two[:, 1] - two[:, 0], two[:, 1])


SAMPLES = ViewKind(samples_view)
