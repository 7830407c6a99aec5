"""What mode edits do, in numbers."""

from collections.abc import Sequence
from typing import Any

from koopview.hybrid.rows import ROWS
from koopview.study.result import FitResult


def edit_summary(
    before: FitResult, after: FitResult, note: str = "", probe: Sequence[float] | None = None
) -> dict[str, Any]:
    """Return the JSON object of ``koopview edit``: accuracies without and with edits, and which modes were edited how.

    Parameters
    ----------
    before, after : FitResult
        Of one fit; `edited` lists where their eigenvalues differ, conjugates among them.
    note : str
        Why nothing was edited, or what to know of what was.
    probe : pair of float, optional
        Of an unlearning: the accuracy of a linear probe on the class, before and after.
    """
    changed = (before.eigenvalues != after.eigenvalues).nonzero()[0]
    return {
        "before": _accuracies(before),
        "after": _accuracies(after),
        "edited": [[int(i), _pair(before.eigenvalues[i]), _pair(after.eigenvalues[i])] for i in changed],
        "group": [int(after.groups[i]) for i in changed],
        **({"note": note} if note else {}),
        **({} if probe is None else {"linear_probe": {"before": probe[0], "after": probe[1]}}),
    }


FALL = 0.1
"""By so much less on samples apart an edit is told to have cost."""


def fall(before: FitResult, after: FitResult) -> str:
    """Return a sentence where an edit costs much on training samples apart from the fit, else nothing."""
    if before.apart is None or after.apart is None or before.apart.score - after.apart.score <= FALL:
        return ""
    left, right = (f"{100 * one.apart.score:.1f} %" for one in (before, after) if one.apart is not None)
    return f"On {after.apart.samples:,} training samples apart the hybrid falls from {left} to {right}."


def _accuracies(result: FitResult) -> dict[str, Any]:
    return {
        "accuracy": {name: result.accuracy.get(name) for name in ROWS},
        **({"r2": dict(result.r2)} if result.r2 else {}),
        "per_class": {name: list(values) for name, values in result.per_class.items()} or None,
        "agreement": result.agreement,
        "output_error": result.output_error,
    }


def _pair(value: complex) -> list[float]:
    return [float(value.real), float(value.imag)]
