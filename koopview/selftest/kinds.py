"""Everything that comes in kinds is used once: scalings, observables, views, formats of models and data."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from koopview.koopman.observables import OBSERVABLES
from koopview.selftest.check import Check, Unexpected
from koopview.selftest.formats import data_open, models_open
from koopview.selftest.numbers import opened
from koopview.trajectory import SCALINGS
from koopview.trajectory.states import KINDS

if TYPE_CHECKING:
    from koopview.study.fit import Fit
    from koopview.study.study import Study

SMALL: dict[str, Any] = {"layer": "2", "steps": 4, "delays": 2, "rank": 5, "samples": 100}
FINITE = "finite eigenvalues"
DEEP, LEAST = ("mnist-conv", "mnist-vit", "mnist-residual"), 0.985
"""The built-in deep networks, and the least share of test samples that each is right on."""


def checks(studies: dict[str, "Study"], folder: Path) -> Iterable[Check]:
    """Return the checks of all kinds; files are written into `folder`."""
    for scaling in SCALINGS:
        yield Check(f"scaling {scaling}", FINITE, partial(fits, studies, scaling=scaling))
    for kind in OBSERVABLES:
        yield Check(f"observables {kind}", FINITE, partial(fits, studies, observables=kind, steps=1, delays=1))
    for kind in KINDS:
        yield Check(f"states {kind}", FINITE, partial(stage_fits, kind))
    for demo in DEEP:
        yield Check(f"network {demo}", f"at least {100 * LEAST:.1f} % right", partial(right, studies, demo))
    yield Check("data files", "the samples that were written", partial(data_open, folder))
    yield Check("model files", "the outputs of the network written", partial(models_open, folder))


def stage_fits(kind: str) -> str:
    """Fit an attention of a small network with states of a kind, and return its rank; raises Unexpected as `fits`."""
    from koopview.selftest.small_network import small_study

    states = f"{kind}:3" if KINDS[kind].usual else kind
    return finite(small_study().fit(**{**SMALL, "layer": "0", "samples": 40, "states": states}))


def right(studies: dict[str, "Study"], demo: str) -> str:
    """Return the share of test samples that a built-in network is right on; raises Unexpected below LEAST."""
    study = opened(studies, demo)
    share = study.setup.scoring.scored(study.original).score or 0.0
    if share < LEAST:
        raise Unexpected(f"{100 * share:.1f} % of the test samples right")
    return f"{100 * share:.1f} %"


def fits(studies: dict[str, "Study"], **settings: Any) -> str:
    """Fit a small operator, and return its rank and accuracy; raises Unexpected where a number is not finite."""
    return finite(opened(studies, "yinyang").fit(**{**SMALL, **settings}))


def finite(fit: "Fit") -> str:
    """Return the rank and the accuracy of a fit; raises Unexpected where a number is not finite."""
    result = fit.result
    if not np.isfinite(result.eigenvalues).all():
        raise Unexpected("eigenvalues that are not finite")
    return f"rank {len(result.eigenvalues)}, hybrid {100 * (result.accuracy['hybrid'] or 0):.1f} %"
