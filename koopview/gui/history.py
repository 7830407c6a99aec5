"""Find the results that belong together in one plot; no Qt here."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from koopview.gui.text import count, gain, row_name
from koopview.koopman.rank import AUTO, GAVISH_DONOHO, NUMERICAL
from koopview.study.result import FitResult
from koopview.study.settings import FitSettings
from koopview.words import MISSING


@dataclass(frozen=True)
class Change:
    """A setting of a fit as text, and whether it is `new`: another than in the fit before."""

    text: str
    new: bool


CLEARLY = 2.0
"""Standard errors from which on a difference is told as one."""


def hybrid_measure(result: FitResult) -> float:
    """Return the hybrid's score: accuracy, R2, or, without labels, agreement with the original."""
    return math.nan if result.hybrid is None else result.hybrid


def has_labels(result: FitResult) -> bool:
    """Return whether the data have labels."""
    return result.task is not None


def gain_of(result: FitResult) -> float | None:
    """Return the hybrid's score minus that of its best affine control, None if it is not known."""
    if result.above_best_control is not None:
        return result.above_best_control.value
    hybrid, control = result.hybrid, None if result.best_control is None else result.rows[result.best_control]
    return None if hybrid is None or control is None else hybrid - control


def above_best_control(result: FitResult) -> str:
    """Return the hybrid's lead over the better affine control as text, a dash if it is not known."""
    found = result.above_best_control
    return MISSING if found is None else gain(found.value, found.error, result.measure)


def above_named_control(result: FitResult) -> str:
    """Return the same with the control's name: "−2.5 ± 0.3 points (affine of lift)"."""
    found = result.above_best_control
    return MISSING if found is None else f"{above_best_control(result)} ({row_name(found.control)})"


def verdict(result: FitResult | None) -> str:
    """Return what the gain over the better affine control says of the linear dynamics, a dash where it is not known."""
    found = None if result is None else result.above_best_control
    if result is None or found is None:
        return MISSING
    if applied_once(result):
        return "applied once, the operator is an affine map too, so the difference says nothing of linear dynamics"
    if abs(found.value) <= CLEARLY * found.error:
        return "they do as well, so the linear dynamics add nothing"
    if found.value < 0:
        return "what was gained is the lift's doing, and the linear dynamics are no finding"
    return "the linear dynamics are a finding on these fitting samples"


def applied_once(result: FitResult) -> bool:
    """Return whether the operator takes a single step: it is then an affine map of what it is given itself."""
    return result.settings.delays == result.settings.steps


def numerical_rank(result: FitResult) -> str:
    """Return the numerical rank as text, "≥ 100" if a decomposition stopped at rank 100 before it."""
    return f"≥ {count(result.kept_rank)}" if result.numerical_rank is None else count(result.numerical_rank)


def over_delays(results: Sequence[FitResult], shown: FitResult) -> list[FitResult]:
    """Return the results that differ from `shown` only in h, by rising h, the newest for each h.

    `shown` is among them unless its modes are edited: the curve is for unedited operators.
    """
    found: dict[int, FitResult] = {}
    rank, wanted = shown.settings.rank, replace(shown.settings, delays=1, edits=())
    for result in (*results, shown):
        if result.settings.rank != rank or not _same_study(result, shown):  # the cheap comparison first: there are many
            continue
        if replace(result.settings, delays=1) == wanted:
            found[result.settings.delays] = result
    return [found[delays] for delays in sorted(found)]


def newest_alone(results: Sequence[FitResult]) -> dict[str, FitResult]:
    """Return of each layer the newest FitResult with only it replaced, by its name; `results` are the oldest first."""
    return {result.settings.layer: result for result in results if result.settings.replaced == (result.settings.layer,)}


def same_decomposition(result: FitResult, other: FitResult) -> bool:
    """Return whether two results are of one decomposition, at any rank and with any edits."""
    return result.settings.with_rank(AUTO).with_edits(()) == other.settings.with_rank(AUTO).with_edits(())


def is_cheap(settings: FitSettings, drawn: FitResult) -> bool:
    """Return whether `settings` differ from those of `drawn` only in edits, or in a rank that is available."""
    if settings.with_rank(AUTO) != drawn.settings.with_rank(AUTO):
        return False
    words = {AUTO: drawn.auto_rank, NUMERICAL: drawn.numerical_rank, GAVISH_DONOHO: drawn.gavish_donoho_rank}
    rank = settings.rank if isinstance(settings.rank, int) else words[settings.rank]
    holds_all = drawn.kept_rank == drawn.numerical_rank
    return rank is not None and (rank <= drawn.kept_rank or holds_all)


def changes(result: FitResult, before: FitResult | None) -> tuple[Change, ...]:
    """Return the settings of `result` as Changes: what else than h and r is new since `before` first, then h and r."""
    if before is None:
        return Change(f"h {result.settings.delays}", False), Change(f"r {result.rank}", False)
    now, old = result.settings, before.settings
    differing = [name for name in _told(now) if getattr(now, name) != getattr(old, name)]
    told, same = _told(now), _told(old)
    again = {"edits"} if told["edits"] == same["edits"] else set()  # other edits, as many as before
    new = [Change(f"{told[name]}{' otherwise' if name in again else ''}", True) for name in differing if told[name]]
    delays = now.delays
    return (
        *new,
        Change(f"h {delays}", delays != before.settings.delays),
        Change(f"r {result.rank}", result.rank != before.rank),
    )


def _told(settings: FitSettings) -> dict[str, str]:
    """Return every setting but h and r as a short text, by name."""
    return {
        "replaced": f"layer {' + '.join(settings.replaced)}",
        "edits": f"{count(len(settings.edits))} edited" if settings.edits else "unedited",
        "scaling": settings.scaling,
        "schedule": settings.schedule or "",
        "observables": settings.observables,
        "states": settings.states,
        "steps": f"N {settings.steps}",
        "samples": "all samples" if settings.samples is None else f"B {count(settings.samples)}",
        "pad": f"pad {settings.pad:g}",
        "seed": f"seed {settings.seed}",
    }


def _same_study(one: FitResult, other: FitResult) -> bool:
    return (one.model, one.data, has_labels(one)) == (other.model, other.data, has_labels(other))
