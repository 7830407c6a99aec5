"""What mode edits do, in numbers."""

from typing import Any

from koopview.study.result import FitResult


def edit_summary(before: FitResult, after: FitResult) -> dict[str, Any]:
    """Return the JSON object of ``koopview edit``: accuracies without and with edits, and which modes were edited how.

    Parameters
    ----------
    before, after : FitResult
        Of one fit; `edited` lists where their eigenvalues differ, conjugates among them.
    """
    changed = (before.eigenvalues != after.eigenvalues).nonzero()[0]
    return {
        "before": _accuracies(before),
        "after": _accuracies(after),
        "edited": [[int(i), _pair(before.eigenvalues[i]), _pair(after.eigenvalues[i])] for i in changed],
    }


def _accuracies(result: FitResult) -> dict[str, Any]:
    return {
        "accuracy": dict(result.accuracy),
        "per_class": {name: list(values) for name, values in result.per_class.items()},
        "agreement": result.agreement,
        "output_error": result.output_error,
    }


def _pair(value: complex) -> list[float]:
    return [float(value.real), float(value.imag)]
