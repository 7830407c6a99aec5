"""The automatic rank of a layer's operator (METHOD section 4)."""

import torch

from koopview.hybrid.judging import best_of
from koopview.hybrid.layer_inputs import LayerInputs, Lift
from koopview.hybrid.linearized import LinearizedLayer
from koopview.koopman import Dmd
from koopview.koopman.choice import outputs_apart
from koopview.koopman.observables.kind import Observables
from koopview.trajectory.scaled_layer import ScaledLayer

AUTO_WHOLE = 512
"""Rows h d of a snapshot matrix up to which the automatic rank is the numerical one, unless one is clearly better."""

AUTO_RANKS = (5, 10, 20, 50, 100, 200, 500)
"""Candidates for the automatic rank, besides the numerical rank if that is known."""

AUTO_SHARES = (0.1, 0.2, 0.35, 0.5, 0.75)
"""Shares of the numerical rank that are candidates too."""

RESIDUAL_SAMPLES, LEAST_SAMPLES = 256, 8
"""Samples held out from the fit whose whole paths are computed, for residuals; the least number of those with rows."""


def automatic_rank(kept: Dmd, scaled: ScaledLayer, seen: Observables, inputs: LayerInputs, lift: Lift) -> int | None:
    """Return the automatic rank (METHOD section 4), chosen by the judge among operators fitted without its samples.

    Computed trajectories carry no noise, so a small problem takes the numerical rank unless another is clearly better.
    In 114 fits of 19 layers (h = 1, 4, 8, both schedules) the numerical rank was up to 9.7 points below the best of
    six ranks, in 12 fits by more than 1.5 points and two standard errors; this choice 4.6 points, in 2 fits. Other
    observables overfit once they are as many as the samples, so that for them no rank is preferred.
    """
    if inputs.judge is None:
        return None
    if scaled.rows > 1:
        return rank_by_rows(kept, scaled, seen, inputs, lift)
    small = is_small(kept, lift)
    shares = [max(1, round(share * kept.rank)) for share in AUTO_SHARES] if small else []
    judging = seen(scaled.paths(inputs.fit[inputs.judge.indices].double(), scaled.steps))
    outputs = outputs_apart(kept, judging, scaled.entries[2], (*AUTO_RANKS, *shares, kept.rank), lift.exact)
    whole = {one: scaled.assembled(made[:, None]) if scaled.reading else made for one, made in outputs.items()}
    return best_of(inputs.judge, whole, kept.rank if small else None)


def rank_by_rows(kept: Dmd, scaled: ScaledLayer, seen: Observables, inputs: LayerInputs, lift: Lift) -> int:
    """Return the automatic rank of rows of states: that of the smallest error of the stage's outputs.

    It is measured on the fifth of the fitting samples that judges the controls' ridges too.
    """
    assert inputs.judge is not None
    x = inputs.fit[inputs.judge.indices][: max(LEAST_SAMPLES, RESIDUAL_SAMPLES // scaled.rows)].double()
    wanted = scaled.layer(x)
    ranks = sorted({min(one, kept.rank) for one in (*AUTO_RANKS, kept.rank)})
    modules = {one: LinearizedLayer(scaled, seen, kept.truncate(one)) for one in ranks}
    return min(ranks, key=lambda one: float((modules[one](x) - wanted).square().sum().nan_to_num(torch.inf)))


def is_small(kept: Dmd, lift: Lift) -> bool:
    """Return whether the automatic rank is the numerical one unless another is clearly better."""
    return len(kept.basis) <= AUTO_WHOLE and not lift.exact
