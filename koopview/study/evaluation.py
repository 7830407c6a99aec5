"""Evaluate a fit's hybrid on the test samples, and gather what it found."""

import platform
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import torch

from koopview import __version__
from koopview.hybrid import accuracy as measure
from koopview.hybrid.controls import CONTROLS
from koopview.hybrid.hybrid_logits import hybrid_logits
from koopview.hybrid.layer_fit import LayerFit
from koopview.koopman.edits import edited_eigenvalues
from koopview.study.result import FitResult
from koopview.study.samples import fitting_samples
from koopview.study.settings import FitSettings

if TYPE_CHECKING:
    from koopview.study.study import Study


def evaluated(
    study: "Study",
    settings: FitSettings,
    fits: Mapping[str, LayerFit],
    reference: Mapping[str, float | None],
    spectrum: bool,
) -> FitResult:
    """Return what a fit found.

    Parameters
    ----------
    fits : mapping from layer name to its fit, in network order
    reference : mapping
        The accuracies beside the original's and the hybrid's.
    spectrum : bool
        Whether eigenvalues and residuals are among it, see :meth:`Study.fitted`.
    """
    fit, dataset, original = fits[settings.layer], study.dataset, study.original
    hybrid, labels = hybrid_logits(study.network, fits), dataset.y_test
    classes = original.shape[1]
    fitted = fit.dmd.eigenvalues if spectrum else np.zeros(0, dtype=complex)
    logits = {"original": original, "hybrid": hybrid}
    accuracy = {name: measure.accuracy(of, labels) for name, of in logits.items()}
    return FitResult(
        model=study.network.name,
        data=dataset.name,
        settings=settings,
        layer_inputs=fit.layer.inputs,
        layer_outputs=fit.layer.outputs,
        rank=fit.dmd.rank,
        numerical_rank=fit.kept.numerical_rank,
        kept_rank=fit.kept.rank,
        auto_rank=fit.auto_rank,
        fit_samples=len(fitting_samples(dataset, settings.samples)),
        test_samples=len(dataset.x_test),
        accuracy={"original": accuracy["original"], "scaled": reference["scaled"], "hybrid": accuracy["hybrid"]}
        | {name: reference[name] for name in CONTROLS[1:]},
        per_class={name: measure.per_class(of, labels, classes) for name, of in logits.items()},
        confusion={name: measure.confusion(of, labels, classes) for name, of in logits.items()},
        agreement=measure.agreement(hybrid, original),
        output_error=measure.output_error(hybrid, original),
        eigenvalues=edited_eigenvalues(fitted, settings.edits) if spectrum else fitted,
        fitted_eigenvalues=fitted,
        residuals=fit.residuals if spectrum else np.zeros(0),
        singular_values=fit.kept.singular_values,
        decomposition=fit.kept.decomposition,
        paths=fit.paths,
        path_labels=None if labels is None else labels[: len(fit.paths)],
        seconds=fit.seconds,
        versions=versions(),
        class_names=dataset.class_names,
    )


def versions() -> dict[str, str]:
    """Return what the numbers were made with."""
    return {
        "koopview": __version__,
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "numpy": np.__version__,
    }
