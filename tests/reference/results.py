"""A fit's result of given accuracies, for tests of what is told about results."""

import numpy as np

from koopview.study.result import ACCURACIES, FitResult


def plain_result(settings, accuracy, samples=1000):
    """Return a result with these accuracies, the others 0.5, and one eigenvalue."""
    one = np.ones(1)
    return FitResult(
        model="model",
        data="data",
        settings=settings,
        layer_inputs=4,
        layer_outputs=4,
        rank=1,
        numerical_rank=1,
        kept_rank=1,
        auto_rank=1,
        fit_samples=samples,
        test_samples=samples,
        accuracy=dict.fromkeys(ACCURACIES, 0.5) | accuracy,
        per_class={"original": [], "hybrid": []},
        confusion={"original": np.zeros((0, 0), int), "hybrid": np.zeros((0, 0), int)},
        agreement=1.0,
        output_error=0.0,
        eigenvalues=one.astype(complex),
        fitted_eigenvalues=one.astype(complex),
        residuals=one,
        singular_values=one,
        decomposition="gram",
        paths=np.zeros((1, settings.steps + 1, 4), np.float32),
        path_labels=None,
        seconds={"trajectories": 0.0, "decomposition": 0.0, "evaluation": 0.0},
        versions={},
    )
