"""The effect of mode edits, in numbers."""

from collections.abc import Sequence
from typing import Any

from koopview.hybrid.rows import ROWS
from koopview.study.result import FitResult


def edit_summary(
    before: FitResult, after: FitResult, note: str = "", probe: Sequence[float] | None = None
) -> dict[str, Any]:
    """Return the JSON object of ``koopview edit``: accuracies without and with edits, and the edits of modes.

    Parameters
    ----------
    before, after : FitResult
        Of one fit; `edited` lists the indices at which their eigenvalues differ, with conjugates.
    note : str
        Why nothing was edited, or a remark on the edit.
    probe : pair of float, optional
        For an unlearning: the accuracy of a linear probe on the class, before and after.
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


FALL, CLASS_FALL, GROWTH = 0.1, 0.2, 0.5
"""A loss of score or of one class's accuracy, or a growth of output error, above these is reported after an edit."""


def fall(before: FitResult, after: FitResult) -> str:
    """Return sentences, a str, if an edit costs much; else an empty one.

    The score is measured on held-out training samples, or on the test samples if there are none.
    """
    sentences = (_fall_of_score(before, after), _fall_of_class(before, after), _growth_of_error(before, after))
    return " ".join(sentence for sentence in sentences if sentence)


def _fall_of_score(before: FitResult, after: FitResult) -> str:
    if before.apart is not None and after.apart is not None:
        scores, where = (before.apart.score, after.apart.score), f"{after.apart.samples:,} training samples apart"
    elif before.hybrid is not None and after.hybrid is not None:
        scores, where = (before.hybrid, after.hybrid), f"the {after.test_samples:,} test samples"
    else:
        return ""
    if scores[0] - scores[1] <= FALL:
        return ""
    left, right = (f"{one:.3g}" if after.measure == "r2" else f"{100 * one:.1f} %" for one in scores)
    measured = "R2 of the hybrid" if after.measure == "r2" else "hybrid"
    return f"On {where} the {measured} falls from {left} to {right}."


def _fall_of_class(before: FitResult, after: FitResult) -> str:
    none: list[float] = []
    pairs = zip(before.per_class.get("hybrid", none), after.per_class.get("hybrid", none), strict=False)
    lost = {index: (one, other) for index, (one, other) in enumerate(pairs) if one - other > CLASS_FALL}
    if not lost:
        return ""
    index = max(lost, key=lambda index: lost[index][0] - lost[index][1])
    left, right = (f"{100 * share:.1f} %" for share in lost[index])
    others = f", {len(lost) - 1} more by over {100 * CLASS_FALL:.0f} points" if len(lost) > 1 else ""
    return f"Class {index} falls from {left} to {right} on the test samples{others}."


def _growth_of_error(before: FitResult, after: FitResult) -> str:
    if not after.output_error - before.output_error > GROWTH:
        return ""
    return f"The error of the network's outputs grows from {before.output_error:.3g} to {after.output_error:.3g}."


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
