"""A fit's result with given accuracies, for tests of texts about results."""

import numpy as np

from koopview.hybrid.rows import ROWS
from koopview.study.comparison import Apart, Difference
from koopview.study.result import FitResult


def plain_result(settings, accuracy, samples=1000):
    """Return a result with these accuracies, the others 0.5, and one eigenvalue."""
    one = np.ones(1)
    scores = dict.fromkeys(ROWS, 0.5) | accuracy
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
        gavish_donoho_rank=1,
        fit_samples=samples,
        test_samples=samples,
        task="classes",
        accuracy=scores,
        r2={},
        relative_error={},
        agreements={},
        output_errors={},
        intervals={name: (max(0.0, score - 0.02), min(1.0, score + 0.02)) for name, score in scores.items()},
        above_best_control=Difference("affine", scores["hybrid"] - scores["affine"], 0.004),
        controls_known=True,
        apart=Apart(256, scores["hybrid"], 0.1),
        spread=None,
        per_class={"original": [], "hybrid": []},
        confusion={"original": np.zeros((0, 0), int), "hybrid": np.zeros((0, 0), int)},
        agreement=1.0,
        output_error=0.0,
        operator_residual=0.0,
        eigenvalues=one.astype(complex),
        fitted_eigenvalues=one.astype(complex),
        residuals=one,
        step_residuals=one,
        condition_numbers=one,
        groups=np.zeros(1, int),
        singular_values=one,
        decomposition="gram",
        paths=np.zeros((1, settings.steps + 1, 4), np.float32),
        path_labels=None,
        seconds={"trajectories": 0.0, "decomposition": 0.0, "evaluation": 0.0},
        versions={},
    )
