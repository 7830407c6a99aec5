"""Fits of the built-in studies, held against the numbers that stand in ``resources/self_test.json``."""

import json
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from koopview.resources import resource_path
from koopview.selftest.check import Check, Unexpected
from koopview.study.source import Source

if TYPE_CHECKING:
    from koopview.study.result import FitResult
    from koopview.study.study import Study

STORED = "self_test.json"
FITS: dict[str, dict[str, dict[str, Any]]] = {
    "yinyang": {
        "layer 2": {"layer": "2", "delays": 6, "rank": 12},
        "layer 0, uniform": {"layer": "0", "delays": 10, "rank": 8, "schedule": "uniform"},
        "layer 4, edited": {"layer": "4", "delays": 4, "rank": 10, "edits": ((0, 0.5 + 0j),)},
    },
    "mnist": {"layer 0": {"layer": "0", "delays": 10, "rank": 50}, "layer 4": {"layer": "4", "rank": 50}},
}
"""The settings of the fits, by study and by the name of each."""

SAMPLES_OFF = 2
"""So many test samples may be classified otherwise on another processor, whose float32 is rounded otherwise."""

EIGENVALUES_OFF = 1e-6
"""Of the largest eigenvalues. Measured between one thread and two, SSE, AVX2 and the processor's own: at most 4e-13."""

LARGEST = 5


def checks(studies: dict[str, "Study"]) -> Iterable[Check]:
    """Return one check a fit; each opens its study on first use, and keeps it in `studies`."""
    expected = f"within {SAMPLES_OFF} test samples and {EIGENVALUES_OFF:g} of the stored numbers"
    for demo, fits in FITS.items():
        for name in fits:
            yield Check(f"fit {demo}, {name}", expected, partial(compared, studies, demo, name))


def opened(studies: dict[str, "Study"], demo: str) -> "Study":
    """Return the study of a built-in network, opened once; raises FileError."""
    if demo not in studies:
        from koopview.opening import open_study

        studies[demo] = open_study(Source(model=f"demo:{demo}"), device="cpu")
    return studies[demo]


def compared(studies: dict[str, "Study"], demo: str, name: str) -> str:
    """Fit, and return how far the numbers are from those stored; raises Unexpected where that is too far."""
    stored = json.loads(resource_path(STORED).read_text(encoding="utf-8"))[demo][name]
    result = fitted(opened(studies, demo), FITS[demo][name])
    found = numbers_of(result)
    samples = max(
        abs(found["accuracy"][row] - share) * result.test_samples for row, share in stored["accuracy"].items()
    )
    apart = float(np.abs(np.subtract(found["eigenvalues"], stored["eigenvalues"])).max())
    said = f"{samples:.0f} samples, {apart:.0e} apart, hybrid {100 * found['accuracy']['hybrid']:.1f} %"
    if not (samples <= SAMPLES_OFF + 0.5 and apart <= EIGENVALUES_OFF):
        raise Unexpected(said)
    return said


def fitted(study: "Study", settings: dict[str, Any]) -> "FitResult":
    """Return the result of settings, as the command line asks for them."""
    return study.fit_settings(study.settings(**settings)).result


def numbers_of(result: "FitResult") -> dict[str, Any]:
    """Return what is stored of a result: all accuracies, and its largest eigenvalues as [real part, imaginary part].

    Of each conjugate pair the one above the real axis stands for both.
    """
    above = [value for value in result.eigenvalues.tolist() if value.imag >= 0]
    largest = sorted(above, key=lambda value: (-round(abs(value), 6), value.real))[:LARGEST]
    return {
        "accuracy": {row: share for row, share in result.accuracy.items() if share is not None},
        "eigenvalues": [[value.real, value.imag] for value in largest],
    }
