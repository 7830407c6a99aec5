"""One step of a tour or of a story: settings, what to point at, and sentences whose numbers are those on screen."""

from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from koopview.gui.history import above_best_control, verdict
from koopview.gui.present.sentence import kept, sentence
from koopview.gui.text import count, minus, score
from koopview.hybrid.rows import ROWS
from koopview.study.result import FitResult
from koopview.study.settings import FitSettings
from koopview.words import MISSING, percent

ON_CIRCLE = 0.01
"""How far from the unit circle an eigenvalue still counts as on it."""


@dataclass(frozen=True)
class Step:
    """One step: `changes` to the settings of its tour or story, and the `panel` to point at.

    `text` has the names of :func:`figures` in braces. A `tab` is opened and a `mode` selected if they are given.
    """

    title: str
    text: str
    panel: str
    changes: dict[str, Any] = field(default_factory=dict)
    tab: str = ""
    mode: int | None = None


@dataclass(frozen=True)
class Script:
    """What is told: `steps`, all with the settings `usual` but for a step's own changes; `name` is told in titles."""

    name: str
    steps: tuple[Step, ...]
    usual: dict[str, Any]

    def based_on(self, shown: FitSettings) -> "Script":
        """Return the Script whose usual settings are those `shown`, but for the ones that it names itself."""
        whole = {one.name: getattr(shown, one.name) for one in fields(FitSettings)}
        return replace(self, usual={**whole, "edits": (), **self.usual})

    def settings(self, step: Step, shown: FitSettings) -> FitSettings:
        """Return a step's settings; what neither it nor `usual` names is as in `shown`."""
        return replace(shown, **{"edits": (), **self.usual, **step.changes})

    def said(self, step: Step, result: FitResult | None) -> str:
        """Return a step's sentences with the numbers of `result`, dashes where there is none yet.

        If `result` is of other settings (a slider was moved), it is what the numbers of these say.
        """
        if result is not None and result.settings != self.settings(step, result.settings):
            return sentence(result)
        return step.text.format_map(figures(result))


def figures(result: FitResult | None) -> dict[str, str]:
    """Return every number and every comparison that a step's text may name, as text; dashes for None."""
    if result is None:
        return _Unknown()
    settings = result.settings
    about = "~" if result.preview else ""
    scores = {name: about + score(result.rows[name], result.measure) for name in ROWS}
    return {
        **scores,
        "layer": settings.layer,
        "inputs": count(result.layer_inputs),
        "outputs": count(result.layer_outputs),
        "steps": str(settings.steps),
        "delays": str(settings.delays),
        "taken": str(settings.delays - 1),
        "rank": count(result.rank),
        "pad": minus(f"{settings.pad:g}"),
        "lift": f"{settings.lift_fraction:.2f}",
        "share": percent(settings.lift_fraction, 0),
        "samples": count(result.test_samples),
        "kept": about + kept(result),
        "above": above_best_control(result),
        "verdict": verdict(result),
        "sentence": sentence(result),
        "changed": about + _changed(result),
        "modes": _modes(result),
    }


class _Unknown(dict[str, str]):
    """A dash for every name."""

    def __missing__(self, name: str) -> str:
        return MISSING


def _changed(result: FitResult) -> str:
    """Return how many answers of the original the hybrid changes: "146 of 5,000", a dash if outputs are no answers."""
    if result.agreement is None:
        return MISSING
    changed = result.test_samples - round(result.agreement * result.test_samples)
    return f"{count(changed) if changed else 'none'} of {count(result.test_samples)}"


def _modes(result: FitResult) -> str:
    """Return where the eigenvalues are: "12 of 30 lie inside, 17 on it (to within 0.01), 1 outside"."""
    sizes = np.abs(result.eigenvalues)
    inside, outside = int((sizes < 1 - ON_CIRCLE).sum()), int((sizes > 1 + ON_CIRCLE).sum())
    within, on, beyond = (count(one) if one else "none" for one in (inside, len(sizes) - inside - outside, outside))
    return f"{within} of {count(len(sizes))} lie inside, {on} on it (to within {ON_CIRCLE:g}), {beyond} outside"
