"""One layer's operator, with everything that a change of rank needs, so that nothing is computed twice."""

import time
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch

from koopview.hybrid.accuracy import PATHS_BATCH, in_batches
from koopview.hybrid.automatic_rank import LEAST_SAMPLES, RESIDUAL_SAMPLES, automatic_rank, is_small
from koopview.hybrid.decomposed import decomposed
from koopview.hybrid.kept_rank import rank_to_keep
from koopview.hybrid.layer_inputs import LayerInputs, Lift
from koopview.hybrid.linearized import LiftedState, LinearizedLayer
from koopview.hybrid.row_samples import RowSamples
from koopview.hybrid.shared_fits import SharedFit
from koopview.hybrid.working_memory import check_working_memory
from koopview.koopman import Dmd
from koopview.koopman.edits import Edits
from koopview.koopman.observables import feature_count, observables
from koopview.koopman.observables.kind import Observables
from koopview.koopman.rank import AUTO, GAVISH_DONOHO, NUMERICAL
from koopview.koopman.residuals import HeldOut, held_out_products, operator_residual, residuals
from koopview.koopman.trajectories import CHUNK, Chunks
from koopview.network.network import Layer
from koopview.progress import Progress, part, silent
from koopview.trajectory.scaled_layer import ScaledLayer

SHOWN_PATHS = 32
"""Test samples whose paths are kept for display."""

SEEN = 2000
"""Least number of fitting samples from whose paths centres are drawn."""


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
        Their z[0] in the kept basis, followed by what goes past the layer; float32, like the rest of the network.
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
        if self.scaled.reading is not None:
            return self.lifted.scaled[x.dtype].output(x)
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

    The rank in use is `rank`, a number or a word, lowered to the numerical rank; a larger rank is kept if cheap. Where
    several numbers of delays share their fits, nothing is decomposed unless the rank needs digits that these lack.
    """
    clock, steps = time.perf_counter, scaled.steps
    features = feature_count(lift.observables, max(scaled.entries), lift.centres)
    draw = RowSamples.of(scaled.rows, len(inputs.fit))
    count = draw.each * len(inputs.fit)
    limit = rank_to_keep(rank, lift, features, count * (steps - lift.delays + 1))
    check_working_memory(count, steps, lift.delays, features, limit, lift.observables)
    started = clock()
    progress(0.0, "trajectories")
    seen = lift_observables(scaled, lift, inputs.fit)
    made, within, asked = clock(), part(progress, 0.05, 0.65), rank if isinstance(rank, int) else limit
    shared = None if inputs.shared is None else inputs.shared.fit(lift.delays, asked)
    kept = None if shared is None else shared.operator
    if kept is None and inputs.sums is not None:
        kept = inputs.sums.fit(lift.delays, asked, within)
    if kept is not None:
        limit = asked
    else:
        trajectories, made = lifted_trajectories(scaled, seen, inputs.fit, draw), clock()
        kept = decomposed(trajectories, scaled, seen, inputs.fit, lift.delays, limit, within)
        del trajectories
    whole = kept.optimal_rank is not None or limit is None or kept.rank < limit
    seconds = {"trajectories": made - started, "decomposition": clock() - made}
    return measured_fit(scaled, seen, kept, inputs, lift, rank, whole, seconds, progress, shared)


def measured_fit(
    scaled: ScaledLayer,
    seen: Observables,
    kept: Dmd,
    inputs: LayerInputs,
    lift: Lift,
    rank: int | str,
    whole: bool,
    seconds: dict[str, float],
    progress: Progress,
    shared: SharedFit | None = None,
) -> LayerFit:
    """Return the LayerFit of an operator `kept` that is decomposed, prepared for its evaluation, at a rank or word.

    `whole` says whether no other decomposition could find a larger rank, `seconds` what has been spent so far;
    what is `shared` by fits of several numbers of delays is not computed again.
    """
    began, told = time.perf_counter(), rank == AUTO or (whole and is_small(kept, lift))
    chosen = automatic_rank(kept, scaled, seen, inputs, lift) if told else None
    decomposed = time.perf_counter()
    progress(0.7, "evaluation")
    module = LinearizedLayer(scaled, seen, kept)
    held_out = unseen_paths(scaled, seen, inputs) if shared is None or inputs.shared is None else inputs.shared.unseen
    fit = LayerFit(
        scaled=scaled,
        lift=lift,
        observables=seen,
        kept=kept,
        dmd=kept,
        whole=whole,
        auto_rank=chosen,
        coordinates=shared.coordinates if shared else coordinates_of(module, inputs.test, part(progress, 0.7, 0.9)),
        apart_coordinates=shared.apart_coordinates if shared else coordinates_of(module, inputs.apart),
        held_out=held_out_products(kept, held_out, lift.exact),
        paths=shown_paths(scaled, inputs.test[:SHOWN_PATHS]) if inputs.shown is None else inputs.shown,
        seconds={**seconds, "decomposition": seconds["decomposition"] + decomposed - began, "evaluation": 0.0},
    )
    spent = fit.seconds | {"evaluation": time.perf_counter() - decomposed}
    return replace(fit, dmd=kept.truncate(fit.rank_of(rank) or kept.rank), seconds=spent)


def unseen_paths(scaled: ScaledLayer, seen: Observables, inputs: LayerInputs) -> torch.Tensor:
    """Return the observables along paths of samples held out from the fit, float64 (rows, steps + 1, features)."""
    unseen = inputs.apart if len(inputs.apart) else inputs.test  # residuals choose nothing: test samples will do
    few = max(LEAST_SAMPLES, RESIDUAL_SAMPLES // scaled.rows)
    return seen(scaled.paths(scaled.layer.own(unseen[:few]).double(), scaled.steps))


def shown_paths(scaled: ScaledLayer, x: torch.Tensor) -> np.ndarray:
    """Return the paths of inputs x (samples, inputs) to be drawn, float32 (samples, steps + 1, states)."""
    paths: np.ndarray = scaled.shown(scaled.layer.own(x).double()).float().cpu().numpy()
    return paths


def coordinates_of(module: LinearizedLayer, x: torch.Tensor, progress: Progress = silent) -> torch.Tensor:
    """Return the coordinates of z[0], float32, of inputs x (samples, inputs); 0 samples are allowed.

    (samples, rank), or (samples, rows, rank) where a sample has several rows of states.
    """
    if len(x) == 0:
        rows = () if module.scaled.rows == 1 else (module.scaled.rows,)
        return x.new_zeros(0, *rows, module.basis.shape[1], dtype=torch.float32)
    return in_batches(module.coordinates, x, progress, min(PATHS_BATCH, module.scaled.most_samples)).float()


def lift_observables(scaled: ScaledLayer, lift: Lift, x: torch.Tensor) -> Observables:
    """Return the Observables of a state; centres are drawn from the paths of the first inputs x."""
    drawn_from = x[: max(SEEN, lift.centres) // scaled.rows + 1] if lift.observables == "rbf" else x[:1]
    return observables(lift.observables, scaled(drawn_from.double(), scaled.steps), lift.centres, lift.seed)


def lifted_trajectories(
    scaled: ScaledLayer, seen: Observables, x: torch.Tensor, draw: RowSamples
) -> torch.Tensor | Chunks:
    """Return the observables along the paths of inputs x (samples, inputs), float64 (rows drawn, steps + 1, features).

    They are computed at once if they fit into one chunk, else chunk by chunk at every pass, so that memory does not
    grow with the samples.
    """

    def make(start: int, stop: int) -> torch.Tensor:
        return seen(draw.paths(scaled, x, start, stop))

    count = draw.each * len(x)
    features = make(0, 1).shape[2]
    shape = (count, scaled.steps + 1, features)
    return make(0, count) if count * (scaled.steps + 1) * features <= CHUNK else Chunks(shape, make)
