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

if TYPE_CHECKING:
    from koopview.study.study import Study

SMALL: dict[str, Any] = {"layer": "2", "steps": 4, "delays": 2, "rank": 5, "samples": 100}
FINITE = "finite eigenvalues"


def checks(studies: dict[str, "Study"], folder: Path) -> Iterable[Check]:
    """Return the checks of all kinds; files are written into `folder`."""
    for scaling in SCALINGS:
        yield Check(f"scaling {scaling}", FINITE, partial(fits, studies, scaling=scaling))
    for kind in OBSERVABLES:
        yield Check(f"observables {kind}", FINITE, partial(fits, studies, observables=kind, steps=1, delays=1))
    yield Check("data files", "the samples that were written", partial(data_open, folder))
    yield Check("model files", "the outputs of the network written", partial(models_open, folder))


def fits(studies: dict[str, "Study"], **settings: Any) -> str:
    """Fit a small operator, and return its rank and accuracy; raises Unexpected where a number is not finite."""
    result = opened(studies, "yinyang").fit(**{**SMALL, **settings}).result
    if not np.isfinite(result.eigenvalues).all():
        raise Unexpected("eigenvalues that are not finite")
    return f"rank {len(result.eigenvalues)}, hybrid {100 * (result.accuracy['hybrid'] or 0):.1f} %"
