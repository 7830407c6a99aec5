"""The results of one fit: plain numbers and arrays, which the window draws and the command line prints.

Nothing here needs torch, so that a saved result can be drawn before torch is imported.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from koopview.hybrid.rows import AFFINE_CONTROLS, ROWS
from koopview.network.info import LayerInfo
from koopview.study.comparison import Apart, Difference, Scores, Spread, measure_of, scores_by
from koopview.study.depth_result import DepthResult
from koopview.study.settings import FitSettings
from koopview.trajectory.states import FLAT

SMOOTH = "nearly smooth in s: few delays predict much of it whatever the stage does; see the affine map of the lift"
"""Told of a path ``(1-s) x0 + s f_s(x0)``: a polynomial in s where one operation is blended, nearly one with more."""

SCHEMA = 3
"""Version of the JSON object of a fit; CHANGELOG lists the keys whose meaning changed."""


@dataclass(frozen=True, eq=False)
class FitResult:
    """One fit, as shown.

    Attributes
    ----------
    rank : int
        Rank used.
    numerical_rank : int or None
        Singular values above the cut-off; None if the decomposition stopped before it.
    kept_rank : int
        Largest rank available without decomposing again.
    auto_rank, gavish_donoho_rank : int or None
        The ranks that these words stand for; None if that needs another decomposition.
    task : str or None
        "classes", "binary", "regression" or "reconstruction"; None without labels.
    accuracy, r2, relative_error : dict
        Scores of ROWS: accuracies for classes, R2 and relative error for real targets. Empty for other tasks.
    agreements, output_errors : dict
        Comparison of each of ROWS with the original network: share of equal predictions (empty if outputs are no
        classes), relative Frobenius error of the outputs.
    intervals : dict
        Wilson intervals (95 %) of the scores that are shares, by ROWS.
    above_best_control : Difference or None
    controls_known : bool
        Whether the scores of CONTROLS are among the rows: they are measured after the hybrid is shown.
    apart : Apart or None
        None if all training samples were fitted to.
    spread : Spread or None
        Over several draws of the fitting samples, if that was asked for.
    per_class : dict
        "original" and "hybrid": one fraction per class; empty unless the task is classes.
    confusion : dict
        "original" and "hybrid": int array (classes, classes), rows the labels, columns the predictions; empty
        unless the task is classes.
    agreement : float or None
        Share of predictions equal to the original's, None if outputs are no classes.
    output_error : float
        Relative Frobenius error of the network's output.
    operator_residual : float
        ``|z_end - U A^p U^H z_0| / |z_end|`` on samples held out from the fit.
    eigenvalues : complex array (rank,)
        Per step, with edits, ordered by falling modulus of the fitted values, conjugates adjacent.
    fitted_eigenvalues : complex array (rank,)
        The same without edits.
    residuals, step_residuals : arrays (rank,)
        One per eigenvalue, over the whole layer and over one step, on samples that took no part in the fit.
    condition_numbers : array (rank,)
        ``1 / |w^H v|`` of each eigenvalue's unit left and right eigenvectors.
    groups : int array (rank,)
        The group of each mode, named by its least index. These arrays and the eigenvalues are empty in a result without
        its spectrum (:meth:`koopview.study.fitter.Fitter.fitted`).
    singular_values : array (kept_rank or more,)
        Falling.
    paths : float32 array (shown samples, steps + 1, states)
        Scaled paths of the first test samples; entries past those of `path_ends` are appended ones.
    path_labels : int array (shown samples,) or None
    seconds : dict of "trajectories", "decomposition", "evaluation"
    class_names : tuple of str
        One per class; empty if the data have none.
    preview : str
        What a result is of that is shown until the exact one is there, "first 500 test samples"; empty for that one.
    smooth : bool
        Whether the path has no or few kinks: few delays then predict most of it whatever the stage computes.
    """

    model: str
    data: str
    settings: FitSettings
    layer_inputs: int
    layer_outputs: int
    rank: int
    numerical_rank: int | None
    kept_rank: int
    auto_rank: int | None
    gavish_donoho_rank: int | None
    fit_samples: int
    test_samples: int
    task: str | None
    accuracy: Scores
    r2: Scores
    relative_error: Scores
    agreements: Scores
    output_errors: Scores
    intervals: dict[str, tuple[float, float] | None]
    above_best_control: Difference | None
    controls_known: bool
    apart: Apart | None
    spread: Spread | None
    per_class: dict[str, list[float]]
    confusion: dict[str, np.ndarray]
    agreement: float | None
    output_error: float
    operator_residual: float
    eigenvalues: np.ndarray
    fitted_eigenvalues: np.ndarray
    residuals: np.ndarray
    step_residuals: np.ndarray
    condition_numbers: np.ndarray
    groups: np.ndarray
    singular_values: np.ndarray
    decomposition: str
    paths: np.ndarray
    path_labels: np.ndarray | None
    seconds: dict[str, float]
    versions: dict[str, str]
    class_names: tuple[str, ...] = ()
    preview: str = ""
    smooth: bool = False
    read: tuple[int, int] | None = None

    @property
    def path_ends(self) -> tuple[int, int]:
        """Entries of a state at the start and at the end: those `read` of the layer, or its inputs and outputs."""
        return self.read or (self.layer_inputs, self.layer_outputs)

    def without_paths(self) -> "FitResult":
        """Return the FitResult without its paths, small enough to keep many."""
        return replace(self, paths=self.paths[:0], path_labels=None)

    @property
    def edited(self) -> tuple[int, ...]:
        """Indices of the eigenvalues that were edited, with conjugates."""
        return tuple(np.flatnonzero(self.eigenvalues != self.fitted_eigenvalues).tolist())

    @property
    def measure(self) -> str:
        """The measure of the rows: "accuracy", "r2", or without labels "agreement"."""
        return measure_of(self.task, self.r2)

    @property
    def rows(self) -> Scores:
        """The scores of ROWS by that measure, in their order."""
        known = {"accuracy": self.accuracy, "r2": self.r2, "agreement": self.agreements}
        return scores_by(self.measure, ROWS, known)

    @property
    def hybrid(self) -> float | None:
        """The hybrid's score."""
        return self.rows["hybrid"]

    @property
    def best_control(self) -> str | None:
        """The affine control that the hybrid is compared with; the higher score if none was chosen on held-out data."""
        if self.above_best_control is not None:
            return self.above_best_control.control
        known = {name: score for name in AFFINE_CONTROLS if (score := self.rows[name]) is not None}
        return max(known, key=lambda name: known[name], default=None)

    def summary(self) -> dict[str, Any]:
        """Return the JSON object of ``koopview fit``."""
        settings, above = self.settings, self.above_best_control
        accuracy = {name: self.accuracy.get(name) for name in ROWS}
        return {
            "schema": SCHEMA,
            "model": self.model,
            "data": self.data,
            "layer": settings.layer,
            "replaced": list(settings.replaced),
            "scaling": settings.scaling,
            "schedule": settings.schedule,
            "steps": settings.steps,
            "observables": settings.observables,
            **({} if settings.states == FLAT else {"states": settings.states}),
            **({"path": SMOOTH} if self.smooth else {}),
            **({"preview": self.preview} if self.preview else {}),
            "delays": settings.delays,
            "rank_asked": settings.rank,
            "rank": self.rank,
            "numerical_rank": self.numerical_rank,
            "lift_fraction": settings.lift_fraction,
            "fit_samples": self.fit_samples,
            "test_samples": self.test_samples,
            "task": self.task,
            "accuracy": accuracy,
            **({"r2": dict(self.r2), "relative_error": dict(self.relative_error)} if self.r2 else {}),
            "agreements": dict(self.agreements),
            "output_errors": dict(self.output_errors),
            "intervals": {name: None if pair is None else list(pair) for name, pair in self.intervals.items()},
            "above_best_control": None if above is None else [above.value, above.error],
            "best_control": self.best_control,
            "apart": None if self.apart is None else asdict(self.apart),
            "repeats": None if self.spread is None else asdict(self.spread),
            "per_class": {name: list(values) for name, values in self.per_class.items()} or None,
            "agreement": self.agreement,
            "output_error": self.output_error,
            "operator_residual": self.operator_residual,
            "eigenvalues": np.column_stack([self.eigenvalues.real, self.eigenvalues.imag]).tolist(),
            "residuals": self.residuals.tolist(),
            "step_residuals": self.step_residuals.tolist(),
            "condition_numbers": self.condition_numbers.tolist(),
            "groups": self.groups.tolist(),
            "singular_values": self.singular_values.tolist(),
            "decomposition": self.decomposition,
            "seconds": dict(self.seconds),
            "versions": dict(self.versions),
        }


@dataclass(frozen=True, eq=False)
class KnownView:
    """The `view` of a `kind` of the fit of some settings, which need not be made."""

    kind: str
    settings: FitSettings
    view: Any


@dataclass(frozen=True, eq=False)
class StudyState:
    """All data that the window draws: a network's layers and the results so far, the one on screen last.

    `cells` are the results of sweeps, without paths. `views` are views of some results, `depth` cells of tables over
    blocks.
    """

    model: str
    data: str
    layers: tuple[LayerInfo, ...]
    results: tuple[FitResult, ...] = ()
    cells: tuple[FitResult, ...] = ()
    views: tuple[KnownView, ...] = ()
    depth: tuple[DepthResult, ...] = ()

    def with_result(self, result: FitResult, most: int | None = None) -> "StudyState":
        """Return the state with a result at its end, instead of one with the same settings; `most` are kept."""
        results = (*(one for one in self.results if one.settings != result.settings), result)
        return replace(self, results=results if most is None else results[-most:])

    def with_cell(self, cell: FitResult, most: int | None = None) -> "StudyState":
        """Return the state with a cell of a sweep, instead of one with the same settings; `most` are kept."""
        cells = (*(one for one in self.cells if one.settings != cell.settings), cell)
        return replace(self, cells=cells if most is None else cells[-most:])


def best_result(results: Iterable[FitResult]) -> FitResult | None:
    """Return the FitResult that is best on held-out training samples, the first of equals; None if none was measured.

    The test samples take no part in the choice: the chosen one's score on them is no maximum over many.
    """
    measured = [result for result in results if result.apart is not None]
    return max(measured, key=lambda result: result.apart.key if result.apart else (0.0, 0.0), default=None)
