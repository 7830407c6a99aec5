"""What one fit found: plain numbers and arrays, all that the window draws and the command line prints.

Nothing here needs torch, so that a saved result can be drawn before torch is imported.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from koopview.network.info import LayerInfo
from koopview.study.settings import FitSettings

ACCURACIES = ("original", "scaled", "hybrid", "affine", "mean", "identity")
"""The six accuracies that always stand together, in the order in which they are shown."""


@dataclass(frozen=True, eq=False)
class FitResult:
    """One fit, as shown.

    Attributes
    ----------
    rank, numerical_rank, kept_rank : int
        Rank used; singular values above the cut-off; largest rank available without decomposing again.
    auto_rank : int or None
        The optimal hard threshold's rank (Gavish and Donoho 2014), None where the spectrum is not whole.
    accuracy : dict
        The six accuracies named by ACCURACIES, fractions of 1, None without labels.
    per_class : dict
        "original" and "hybrid": one fraction a class, empty without labels.
    confusion : dict
        "original" and "hybrid": int array (classes, classes), rows the labels, columns the predictions; empty
        without labels.
    agreement, output_error : float
        Share of predictions equal to the original's; relative Frobenius error of the network's output.
    eigenvalues : complex array (rank,)
        Per step, by falling modulus as they were fitted, conjugates side by side; edited ones in their places.
    fitted_eigenvalues : complex array (rank,)
        The same without edits.
    residuals : array (rank,)
        One an eigenvalue, measured on samples that took no part in the fit. Empty, as the eigenvalues are, in a
        result that was asked for without its spectrum (:meth:`Study.fitted`).
    singular_values : array (kept_rank or more,)
        Falling.
    paths : float32 array (shown samples, steps + 1, states)
        Scaled paths of the first test samples; entries past `layer_inputs` at the start and past
        `layer_outputs` at the end are appended ones.
    path_labels : int array (shown samples,) or None
    seconds : dict
        "trajectories", "decomposition", "evaluation".
    class_names : tuple of str
        One a class; empty where the data have none.
    """

    model: str
    data: str
    settings: FitSettings
    layer_inputs: int
    layer_outputs: int
    rank: int
    numerical_rank: int
    kept_rank: int
    auto_rank: int | None
    fit_samples: int
    test_samples: int
    accuracy: dict[str, float | None]
    per_class: dict[str, list[float]]
    confusion: dict[str, np.ndarray]
    agreement: float
    output_error: float
    eigenvalues: np.ndarray
    fitted_eigenvalues: np.ndarray
    residuals: np.ndarray
    singular_values: np.ndarray
    decomposition: str
    paths: np.ndarray
    path_labels: np.ndarray | None
    seconds: dict[str, float]
    versions: dict[str, str]
    class_names: tuple[str, ...] = ()

    @property
    def edited(self) -> tuple[int, ...]:
        """Places of the eigenvalues that were edited, conjugates among them."""
        return tuple(np.flatnonzero(self.eigenvalues != self.fitted_eigenvalues).tolist())

    def summary(self) -> dict[str, Any]:
        """Return the JSON object of ``koopview fit``."""
        settings = self.settings
        return {
            "model": self.model,
            "data": self.data,
            "layer": settings.layer,
            "replaced": list(settings.replaced),
            "scaling": settings.scaling,
            "steps": settings.steps,
            "observables": settings.observables,
            "delays": settings.delays,
            "rank_asked": "auto" if settings.rank is None else settings.rank,
            "rank": self.rank,
            "numerical_rank": self.numerical_rank,
            "lift_fraction": settings.lift_fraction,
            "fit_samples": self.fit_samples,
            "test_samples": self.test_samples,
            "accuracy": dict(self.accuracy),
            "per_class": {name: list(values) for name, values in self.per_class.items()},
            "agreement": self.agreement,
            "output_error": self.output_error,
            "eigenvalues": np.column_stack([self.eigenvalues.real, self.eigenvalues.imag]).tolist(),
            "residuals": self.residuals.tolist(),
            "singular_values": self.singular_values.tolist(),
            "decomposition": self.decomposition,
            "seconds": dict(self.seconds),
            "versions": dict(self.versions),
        }


@dataclass(frozen=True, eq=False)
class StudyState:
    """All that the window draws: a network's layers and the results so far, the one on screen last.

    `cells` are what sweeps found, without paths.
    """

    model: str
    data: str
    layers: tuple[LayerInfo, ...]
    results: tuple[FitResult, ...] = ()
    cells: tuple[FitResult, ...] = ()


def standard_error(share: float | None, samples: int) -> float | None:
    """Return the standard error sqrt(p (1 - p) / n) of a share p of n samples; None where there is none to estimate.

    That is so for a share that is not known, and for one of 0 or 1: the samples then do not tell how near it is.
    """
    if share is None or not 0 < share < 1 or samples < 1:
        return None
    return math.sqrt(share * (1 - share) / samples)
