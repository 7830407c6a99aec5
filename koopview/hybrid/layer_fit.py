"""One layer's operator, with everything that a change of rank needs, so that nothing is computed twice."""

import time
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch

from koopview.hybrid.accuracy import PATHS_BATCH, in_batches
from koopview.hybrid.judging import best_of
from koopview.hybrid.layer_inputs import LayerInputs, Lift
from koopview.hybrid.linearized import LiftedState, LinearizedLayer
from koopview.hybrid.working_memory import check_working_memory
from koopview.koopman import Dmd, fit_dmd
from koopview.koopman.choice import outputs_apart
from koopview.koopman.decomposition import SMALL
from koopview.koopman.dmd import FLOAT32_ROUNDING
from koopview.koopman.edits import Edits
from koopview.koopman.observables import feature_count, observables
from koopview.koopman.observables.kind import Observables
from koopview.koopman.rank import AUTO, GAVISH_DONOHO, NUMERICAL
from koopview.koopman.residuals import HeldOut, held_out_products, operator_residual, residuals
from koopview.koopman.trajectories import CHUNK, Chunks
from koopview.network.network import Layer
from koopview.progress import Progress, part, silent
from koopview.trajectory.scaled_layer import ScaledLayer

KEPT_RANK = 100
"""Least rank that a large decomposition keeps, so that the rank can be raised without decomposing again."""

AUTO_WHOLE = 512
"""Rows h d of a snapshot matrix up to which the automatic rank is the numerical one, unless one is clearly better."""

AUTO_RANKS = (5, 10, 20, 50, 100, 200, 500)
"""Candidates for the automatic rank, besides the numerical rank if that is known."""

AUTO_SHARES = (0.1, 0.2, 0.35, 0.5, 0.75)
"""Shares of the numerical rank that are candidates too."""

SHOWN_PATHS = 32
"""Test samples whose paths are kept for display."""

SEEN = 2000
"""Least number of fitting samples from whose paths centres are drawn."""

RESIDUAL_SAMPLES = 256
"""Samples held out from the fit whose whole paths are computed, for residuals."""


@dataclass(frozen=True, eq=False)
class LayerFit:
    """A layer's operator at the rank in use, and the data kept to change the rank.

    Attributes
    ----------
    kept : Dmd
        The operator at the largest rank that was decomposed.
    dmd : Dmd
        Its leading block in use.
    whole : bool
        Whether the decomposition reached the end of the spectrum, so that no other could find a larger rank.
    auto_rank : int or None
        The automatic rank, chosen on a fifth of the fitting samples; None if it was not asked for and would need
        another decomposition.
    coordinates, apart_coordinates : tensors (test samples or held-out samples, kept rank)
        Their z[0] in the kept basis; float32, like the rest of the network.
    held_out : HeldOut
        Products of the paths of held-out samples.
    paths : array (shown samples, steps + 1, states)
    seconds : dict
        "trajectories", "decomposition", "evaluation".
    fitted : LayerFit or None
        For an edited fit, the unedited one, which holds what edits do not change.
    """

    scaled: ScaledLayer
    lift: Lift
    observables: Observables
    kept: Dmd
    dmd: Dmd
    whole: bool
    auto_rank: int | None
    coordinates: torch.Tensor
    apart_coordinates: torch.Tensor
    held_out: HeldOut
    paths: np.ndarray
    seconds: dict[str, float]
    fitted: "LayerFit | None" = None

    @property
    def layer(self) -> Layer:
        """The layer, in the precision of its paths."""
        return self.scaled.layer

    @property
    def numerical_rank(self) -> int | None:
        """Number of singular values above rounding, None if the decomposition stopped before it."""
        return self.kept.numerical_rank if self.whole else None

    def rank_of(self, rank: int | str) -> int | None:
        """Return the rank that a number or word asks for, None if it would need another decomposition."""
        words = {AUTO: self.auto_rank, NUMERICAL: self.numerical_rank, GAVISH_DONOHO: self.kept.optimal_rank}
        return rank if isinstance(rank, int) else words[rank]

    def at_rank(self, rank: int | str) -> "LayerFit | None":
        """Return the unedited fit at another rank, or None if that needs another decomposition."""
        wanted = self.rank_of(rank)
        if wanted is None or (wanted > self.kept.rank and not self._holds_all()):
            return None
        same = min(wanted, self.kept.rank) == self.dmd.rank
        return self.unedited if same else replace(self, dmd=self.kept.truncate(wanted), fitted=None)

    def _holds_all(self) -> bool:
        """Return whether no decomposition could find a larger rank: the kept spectrum ends where rounding begins."""
        return self.whole and self.kept.rank == self.kept.numerical_rank

    def edited(self, edits: Edits) -> "LayerFit":
        """Return the fit with some eigenvalues replaced (METHOD section 6); raises InputError for a wrong index."""
        fitted = self.unedited
        return replace(fitted, dmd=fitted.dmd.edited(edits), fitted=fitted) if edits else fitted

    @property
    def unedited(self) -> "LayerFit":
        """The fit without edits."""
        return self.fitted or self

    @property
    def power(self) -> int:
        """Steps that the operator takes, p = N - h + 1."""
        return self.scaled.steps - self.lift.delays + 1

    def module(self) -> LinearizedLayer:
        """Return the torch module that takes the layer's place."""
        return self._module

    @cached_property
    def _module(self) -> LinearizedLayer:
        return LinearizedLayer(self.scaled, self.observables, self.dmd)

    @cached_property
    def lifted(self) -> LiftedState:
        """The function from the layer's inputs to z[0], which the operator starts from."""
        return LiftedState(self.scaled, self.observables, self.lift.delays)

    def scaled_output(self, x: torch.Tensor) -> torch.Tensor:
        """Return the scaled, not linearized, layer's output (samples, outputs) in the precision of `x`."""
        return self.scaled.output(x.double()).to(x.dtype)

    def test_outputs(self) -> torch.Tensor:
        """Return the replaced layer's outputs (test samples, outputs), float32."""
        return self.module().outputs(self.coordinates)

    @cached_property
    def residuals(self) -> np.ndarray:
        """Residual of each eigenpair over the layer, on held-out samples, in the order of the unedited eigenvalues."""
        return self.fitted.residuals if self.fitted else residuals(self.dmd, self.held_out.ends, self.power)

    @cached_property
    def step_residuals(self) -> np.ndarray:
        """The same over one step, which makes every eigenpair look better than it is."""
        return self.fitted.step_residuals if self.fitted else residuals(self.dmd, self.held_out.steps)

    @cached_property
    def operator_residual(self) -> float:
        """The whole operator's residual over the layer, with its edits, on held-out samples."""
        return operator_residual(self.dmd, self.held_out, self.power, self.lift.exact)


def fit_layer(scaled: ScaledLayer, inputs: LayerInputs, lift: Lift, rank: int | str, progress: Progress) -> LayerFit:
    """Fit a scaled layer's operator on `inputs.fit` and prepare its evaluation on the other inputs.

    The rank in use is `rank`, a number or a word, lowered to the numerical rank; a larger rank is kept if cheap.
    """
    clock, steps = time.perf_counter, scaled.steps
    features = feature_count(lift.observables, scaled.layer.states, lift.centres)
    limit = rank_to_keep(rank, lift, features, len(inputs.fit) * (steps - lift.delays + 1))
    check_working_memory(len(inputs.fit), steps, lift.delays, features, limit, lift.observables)
    started = clock()
    progress(0.0, "trajectories")
    seen = lift_observables(scaled, lift, inputs.fit)
    trajectories = lifted_trajectories(scaled, seen, inputs.fit)
    made = clock()
    kept = fit_dmd(trajectories, lift.delays, limit, cutoff=FLOAT32_ROUNDING, progress=part(progress, 0.05, 0.65))
    del trajectories
    whole = kept.optimal_rank is not None or limit is None or kept.rank < limit
    told = rank == AUTO or (whole and is_small(kept, lift))
    chosen = automatic_rank(kept, scaled, seen, inputs, lift) if told else None
    decomposed = clock()
    progress(0.7, "evaluation")
    module = LinearizedLayer(scaled, seen, kept)
    unseen = inputs.apart if len(inputs.apart) else inputs.test  # residuals choose nothing: test samples will do
    held_out = seen(scaled(unseen[:RESIDUAL_SAMPLES].double(), steps))
    fit = LayerFit(
        scaled=scaled,
        lift=lift,
        observables=seen,
        kept=kept,
        dmd=kept,
        whole=whole,
        auto_rank=chosen,
        coordinates=coordinates_of(module, inputs.test, part(progress, 0.7, 0.9)),
        apart_coordinates=coordinates_of(module, inputs.apart),
        held_out=held_out_products(kept, held_out, lift.exact),
        paths=scaled(inputs.test[:SHOWN_PATHS].double(), steps).float().cpu().numpy(),
        seconds={"trajectories": made - started, "decomposition": decomposed - made, "evaluation": 0.0},
    )
    seconds = fit.seconds | {"evaluation": clock() - decomposed}
    return replace(fit, dmd=kept.truncate(fit.rank_of(rank) or kept.rank), seconds=seconds)


def coordinates_of(module: LinearizedLayer, x: torch.Tensor, progress: Progress = silent) -> torch.Tensor:
    """Return the coordinates of z[0] (samples, rank), float32, of inputs x (samples, inputs); 0 samples are allowed."""
    if len(x) == 0:
        return x.new_zeros(0, module.basis.shape[1], dtype=torch.float32)
    return in_batches(module.coordinates, x, progress, PATHS_BATCH).float()


def lift_observables(scaled: ScaledLayer, lift: Lift, x: torch.Tensor) -> Observables:
    """Return the Observables of a state; centres are drawn from the paths of the first inputs x."""
    drawn_from = x[: max(SEEN, lift.centres)] if lift.observables == "rbf" else x[:1]
    return observables(lift.observables, scaled(drawn_from.double(), scaled.steps), lift.centres, lift.seed)


def lifted_trajectories(scaled: ScaledLayer, seen: Observables, x: torch.Tensor) -> torch.Tensor | Chunks:
    """Return the observables along the paths of inputs x (samples, inputs), float64 (samples, steps + 1, features).

    They are computed at once if they fit into one chunk, else chunk by chunk at every pass, so that memory does not
    grow with the samples.
    """

    def make(start: int, stop: int) -> torch.Tensor:
        return seen(scaled(x[start:stop].double(), scaled.steps))

    features = make(0, 1).shape[2]
    shape = (len(x), scaled.steps + 1, features)
    return make(0, len(x)) if len(x) * (scaled.steps + 1) * features <= CHUNK else Chunks(shape, make)


def automatic_rank(kept: Dmd, scaled: ScaledLayer, seen: Observables, inputs: LayerInputs, lift: Lift) -> int | None:
    """Return the automatic rank (METHOD section 4), chosen by the judge among operators fitted without its samples.

    Computed trajectories carry no noise, so a small problem takes the numerical rank unless another is clearly better.
    In 114 fits of 19 layers (h = 1, 4, 8, both schedules) the numerical rank was up to 9.7 points below the best of
    six ranks, in 12 fits by more than 1.5 points and two standard errors; this choice 4.6 points, in 2 fits. Other
    observables overfit once they are as many as the samples, so that for them no rank is preferred.
    """
    if inputs.judge is None:
        return None
    small = is_small(kept, lift)
    shares = [max(1, round(share * kept.rank)) for share in AUTO_SHARES] if small else []
    judging = seen(scaled(inputs.fit[inputs.judge.indices].double(), scaled.steps))
    outputs = outputs_apart(kept, judging, scaled.layer.outputs, (*AUTO_RANKS, *shares, kept.rank), lift.exact)
    return best_of(inputs.judge, outputs, kept.rank if small else None)


def is_small(kept: Dmd, lift: Lift) -> bool:
    """Return whether the automatic rank is the numerical one unless another is clearly better."""
    return len(kept.basis) <= AUTO_WHOLE and not lift.exact


def rank_to_keep(rank: int | str, lift: Lift, features: int, snapshots: int) -> int | None:
    """Return the rank to decompose for, None for the optimal hard threshold's rank of a large problem.

    It is the whole rank of a small problem; for a large one, some more than asked for.
    """
    rows = lift.delays * features
    size = min(rows, snapshots)
    if size <= SMALL or rank == NUMERICAL or (rank == AUTO and lift.exact):
        return size
    if isinstance(rank, int):
        return max(rank, KEPT_RANK)
    return max(AUTO_RANKS) if rank == AUTO else None
