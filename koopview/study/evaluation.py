"""Evaluate a fit's hybrid, and collect its results."""

import platform
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from koopview import __version__
from koopview.hybrid.accuracy import in_batches
from koopview.hybrid.hybrid_logits import hybrid_after
from koopview.hybrid.layer_fit import LayerFit
from koopview.hybrid.rows import ROWS
from koopview.hybrid.scoring import Scored, Scoring
from koopview.koopman.edits import edited_eigenvalues
from koopview.network.network import Network
from koopview.network.task import CLASSES, REAL
from koopview.study.comparison import Apart, Scores
from koopview.study.measuring import Measured, difference
from koopview.study.result import FitResult
from koopview.study.samples import class_labels
from koopview.study.settings import FitSettings
from koopview.study.setup import Setup

BLOCKED = 100
"""Largest rank at which the groups of modes are computed with every fit; above it only on request."""


def evaluated(
    setup: Setup,
    settings: FitSettings,
    fits: Mapping[str, LayerFit],
    outputs: torch.Tensor,
    scaled: Scored,
    controls: Mapping[str, Measured] | None,
    apart: Scoring | None,
    spectrum: bool,
    blocked: int = BLOCKED,
) -> tuple[FitResult, dict[str, Scored]]:
    """Return the FitResult of a fit, and the Scored measures of its rows by name, with the terms of every sample.

    Parameters
    ----------
    fits : mapping from layer name to its fit, in network order
    outputs : tensor (test samples, outputs)
        The hybrid's.
    scaled : Scored
    controls : mapping or None
        None if they are still to be measured.
    apart : Scoring or None
        Of held-out training samples, None if all were fitted to.
    spectrum : bool
        Whether to include eigenvalues and their properties, see :meth:`koopview.study.fitter.Fitter.fitted`.
    blocked : int
        Largest rank at which the groups of modes are computed.
    """
    dataset, scoring, fit = setup.dataset, setup.scoring, fits[settings.layer]
    hybrid = scoring.scored(outputs)
    rows = measured_rows(scoring.of_original, scaled, hybrid, controls)
    result = FitResult(
        model=setup.network.name,
        data=dataset.name,
        settings=settings,
        **of_operator(fit),
        fit_samples=settings.samples or len(dataset.x_train),
        test_samples=len(dataset.x_test),
        task=scoring.task,
        **scores(rows, scoring.task),
        intervals=intervals(rows, scoring.task),
        above_best_control=None if controls is None else difference(hybrid, controls),
        controls_known=controls is not None,
        apart=None if apart is None else measured_apart(setup.network, fits, apart),
        spread=None,
        **by_class(scoring, outputs),
        agreement=hybrid.agreement,
        output_error=hybrid.output_error,
        operator_residual=fit.operator_residual if spectrum else float("nan"),
        **spectrum_of(fit, settings, spectrum, blocked),
        path_labels=class_labels(scoring.task, scoring.labels, len(fit.paths)),
        versions=versions(),
        class_names=dataset.class_names,
        smooth=fit.scaled.smooth and settings.delays > 1,
    )
    return result, rows


def of_operator(fit: LayerFit) -> dict[str, Any]:
    """Return what a result tells of a layer's fit, whatever samples it is measured on: sizes, ranks, paths, seconds."""
    return {
        "layer_inputs": fit.layer.inputs,
        "layer_outputs": fit.layer.outputs,
        "read": None if fit.scaled.reading is None else fit.scaled.entries[:2],
        "rank": fit.dmd.rank,
        "numerical_rank": fit.numerical_rank,
        "kept_rank": fit.kept.rank,
        "auto_rank": fit.auto_rank,
        "gavish_donoho_rank": fit.kept.optimal_rank,
        "singular_values": fit.kept.singular_values,
        "decomposition": fit.kept.decomposition,
        "paths": fit.paths,
        "seconds": fit.seconds,
    }


def measured_rows(
    original: Scored, scaled: Scored, hybrid: Scored, controls: Mapping[str, Measured] | None
) -> dict[str, Scored]:
    """Return the Scored measures of those ROWS that are known so far, by name."""
    others = {name: one.test for name, one in (controls or {}).items()}
    return {"original": original, "scaled": scaled, "hybrid": hybrid, **others}


def scores(rows: Mapping[str, Scored], task: str | None, names: Sequence[str] = ROWS) -> dict[str, Any]:
    """Return the scores of `names`, a dict by measure; a measure without meaning for the task is empty."""

    def told(of: Callable[[Scored], float | None], means_something: bool, original: bool = True) -> Scores:
        known = {name: rows[name] for name in names if name in rows and (original or name != "original")}
        return {name: of(known[name]) if name in known else None for name in names} if means_something else {}

    classes = any(one.agreement is not None for one in rows.values())
    return {
        "accuracy": told(lambda one: one.score, task is not None and task not in REAL),
        "r2": told(lambda one: one.score, task in REAL),
        "relative_error": told(lambda one: one.relative_error, task in REAL),
        "agreements": told(lambda one: one.agreement, classes, original=False),
        "output_errors": told(lambda one: one.output_error, True, original=False),
    }


def intervals(
    rows: Mapping[str, Scored], task: str | None, names: Sequence[str] = ROWS
) -> dict[str, tuple[float, float] | None]:
    """Return the Wilson interval of each of `names`; None for a score that is no share, and an unlabelled original."""
    found = {name: rows[name].interval if name in rows else None for name in names}
    return found | ({"original": None} if task is None else {})


def by_class(scoring: Scoring, outputs: torch.Tensor) -> dict[str, Any]:
    """Return accuracy and confusion of each class, of original and hybrid; empty unless the task is classes."""
    if scoring.task != CLASSES:
        return {"per_class": {}, "confusion": {}}
    found = {"original": scoring.classes_of_original, "hybrid": scoring.classes(outputs)}
    return {
        "per_class": {name: shares for name, (shares, _) in found.items()},
        "confusion": {name: counts for name, (_, counts) in found.items()},
    }


def measured_apart(network: Network, fits: Mapping[str, LayerFit], apart: Scoring) -> Apart | None:
    """Return the hybrid's Apart scores on held-out training samples, None if nothing is measured."""
    first, run = hybrid_after(network, fits)
    outputs = in_batches(run, fits[first].apart_coordinates)
    score = apart.scored(outputs).score
    return None if score is None else Apart(len(outputs), score, apart.output_error(outputs))


def spectrum_of(fit: LayerFit, settings: FitSettings, wanted: bool, blocked: int = BLOCKED) -> dict[str, Any]:
    """Return the eigenvalues and their properties, arrays (rank,) by name; empty arrays unless `wanted`."""
    if not wanted:
        none = np.zeros(0)
        real = dict.fromkeys(("residuals", "step_residuals", "condition_numbers"), none)
        whole = dict.fromkeys(("eigenvalues", "fitted_eigenvalues"), none.astype(complex))
        return real | whole | {"groups": none.astype(int)}
    pairs = fit.dmd.pairs
    labels = fit.dmd.pairs.blocks.labels if fit.dmd.rank <= blocked or settings.edits else None
    return {
        "eigenvalues": edited_eigenvalues(pairs.values, settings.edits, labels),
        "fitted_eigenvalues": pairs.values,
        "residuals": fit.residuals,
        "step_residuals": fit.step_residuals,
        "condition_numbers": pairs.condition_numbers,
        "groups": np.zeros(0, dtype=int) if labels is None else labels,
    }


def versions() -> dict[str, str]:
    """Return the versions of the software that computed the numbers."""
    return {
        "koopview": __version__,
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "numpy": np.__version__,
    }
