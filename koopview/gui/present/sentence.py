"""What the numbers on screen say, in one sentence; no Qt here."""

from koopview.gui.history import CLEARLY, above_best_control, applied_once
from koopview.gui.text import counted, row_name, score, told_score
from koopview.study.result import FitResult
from koopview.study.settings import FitSettings

_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve")
_LIFTS = {"rbf": ", lifted by radial functions,", "polynomial": ", lifted by products,"}
_STATES = {
    "lift_affine": "the best affine map of the same states",
    "affine": "the best affine map of the layer's input",
}
STRAIGHT = "linear"
"""The scaling whose path is a straight line."""


def headline(result: FitResult) -> str:
    """Return what is shown: "Layer 2, 8 → 6, as one linear operator"."""
    names = result.settings.replaced
    if len(names) > 1:
        return f"Layers {', '.join(names[:-1])} and {names[-1]}, each as one linear operator"
    sizes = f"{result.layer_inputs:,} → {result.layer_outputs:,}"
    return f"Layer {result.settings.layer}, {sizes}, as one linear operator"


def sentence(result: FitResult | None) -> str:
    """Return what the numbers of `result` say; empty for None.

    It claims nothing that :func:`koopview.gui.history.verdict` does not: of a preview, of edited modes, of a path that
    few delays predict whatever the layer does, and without labels it gives the numbers alone.
    """
    if result is None:
        return ""
    settings = result.settings
    if result.preview:
        the = "the " if result.preview.startswith("first") else ""
        return f"A first look, at {the}{result.preview}: the hybrid keeps {kept(result)}. The exact numbers follow."
    if settings.edits:
        return f"With {counted(len(settings.edits), 'mode')} edited the hybrid keeps {kept(result)}."
    if settings.scaling == STRAIGHT and settings.delays > 1:
        return f"{_delays(settings)} of a straight line give its end away{_at_this_rank(result)}: {_beside(result)}."
    if result.smooth:
        much = f"few delays predict most of it whatever the block does{_at_this_rank(result)}"
        return f"The path is nearly smooth, so that {much}: {_beside(result)}."
    if result.task is None:
        return f"{_sight(settings)} From there {_operator(result)} keeps {kept(result)}."
    return f"{_sight(settings)} {_compared(result)}"


def _sight(settings: FitSettings) -> str:
    """Return how much of the path the operator is given: "Six delays see 47 % of the path."."""
    lift = _LIFTS.get(settings.observables, "")
    if settings.delays == 1:
        return f"One delay{lift} sees the layer's input alone."
    return f"{_delays(settings)}{lift} see {100 * settings.lift_fraction:.0f} % of the path."


def _delays(settings: FitSettings) -> str:
    """Return the number of delays in words, "Six delays"; large ones in figures."""
    delays = settings.delays
    return f"{_NUMBERS[delays] if delays < len(_NUMBERS) else delays} delay{'' if delays == 1 else 's'}"


def _at_this_rank(result: FitResult) -> str:
    """Return words for a rank at which an operator falls behind on a path that it could follow exactly."""
    found = result.above_best_control
    behind = found is not None and found.value < -CLEARLY * found.error
    return f", though not to an operator of rank {result.rank:,}" if behind else ""


def _compared(result: FitResult) -> str:
    """Return how the operator does beside its best affine control, in the words that the paired error allows."""
    found, operator = result.above_best_control, _operator(result)
    if found is None:
        waits = "" if result.controls_known else "; what an affine map keeps is not measured yet"
        return f"From there {operator} keeps {kept(result)}{waits}."
    gained, control = _gained(result), _STATES[found.control]
    if applied_once(result):
        return f"Applied once, {operator} is an affine map too; against {control} it has {gained}, no finding."
    if abs(found.value) <= CLEARLY * found.error:
        return f"From there {operator} goes on as well as {control} could: {gained}, so its dynamics add nothing."
    if found.value < 0:
        return f"From there {operator} falls behind {control}: {gained}, so its dynamics are no finding."
    finding = "on these fitting samples its dynamics are a finding"
    return f"From there {operator} goes on better than {control}: {gained}, so {finding}."


def _operator(result: FitResult) -> str:
    return "a linear operator" if len(result.settings.replaced) == 1 else "a chain with linear operators"


def _gained(result: FitResult) -> str:
    return above_best_control(result) + (" in R²" if result.measure == "r2" else "")


def kept(result: FitResult) -> str:
    """Return what the hybrid keeps: "95.5 % (the original has 99.1 %)", without labels how often it answers alike."""
    said = told_score(result.hybrid, result.measure)
    if result.measure == "agreement":
        return f"the original's answer on {said} of {counted(result.test_samples, 'test sample')}"
    return f"{said} (the original has {score(result.rows['original'], result.measure)})"


def _beside(result: FitResult) -> str:
    """Return the hybrid's score beside that of its best affine control."""
    best = result.best_control
    control = "" if best is None else f", {row_name(best)} {told_score(result.rows[best], result.measure)}"
    return f"hybrid {told_score(result.hybrid, result.measure)}{control}"
