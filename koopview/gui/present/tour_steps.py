"""The guided tour's steps: settings, the panel to point at, and sentences, whose numbers are those on screen."""

from dataclasses import dataclass, field, replace
from typing import Any

from koopview.gui.history import above_best_control, verdict
from koopview.gui.text import score
from koopview.hybrid.rows import ROWS
from koopview.koopman.rank import AUTO
from koopview.study.result import FitResult
from koopview.study.settings import DEFAULT_DELAYS, FitSettings
from koopview.trajectory.schedule import DEFAULT
from koopview.words import MISSING

STUDY = "yinyang"
LAYER = "2"
_USUAL: dict[str, Any] = {
    "scaling": "homotopy",
    "schedule": DEFAULT,
    "steps": 20,
    "observables": "delay",
    "delays": DEFAULT_DELAYS,
    "rank": AUTO,
    "pad": -1.0,  # which the first step names
}
"""The default settings except samples and seed."""


@dataclass(frozen=True)
class Step:
    """One step: `changes` to the tour's own settings, and the `panel` to point at.

    A `tab` is opened and a `mode` selected if they are given.
    """

    title: str
    text: str
    panel: str
    changes: dict[str, Any] = field(default_factory=dict)
    tab: str = ""
    mode: int | None = None

    def settings(self, shown: FitSettings) -> FitSettings:
        """Return the step's settings, with samples and seed as in `shown`."""
        layer: dict[str, Any] = {"layer": LAYER, "replaced": (LAYER,), "edits": ()}
        return replace(shown, **{**layer, **_USUAL, **self.changes})

    def said(self, result: FitResult | None) -> str:
        """Return the step's sentences with the numbers of `result`, dashes until there is one."""
        known = {} if result is None else {name: score(value, result.measure) for name, value in result.rows.items()}
        figures = {name: known.get(name, MISSING) for name in ROWS}
        lift = MISSING if result is None else f"{result.settings.lift_fraction:.2f}"
        above = MISSING if result is None else above_best_control(result)
        return self.text.format(**figures, lift=lift, above=above, verdict=verdict(result))


STEPS = (
    Step(
        "A layer is one step",
        "This network tells the parts of a yin-yang sign apart. Its layer 2 takes 8 numbers to 6: an affine "
        "operation, then ReLU. The network knows no path between them: each dashed orange line is one state going "
        "from input to output in a single step. Two states end at −1, appended so that both ends have 8.",
        "trajectory",
    ),
    Step(
        "Stretching it",
        "A path can be studied where a jump cannot. The green line goes the same way in N = 20 steps, the first "
        "ones the longest, blending the layer in bit by bit. It ends exactly where the layer does, so the network "
        "with the stretched layer is as good as before: {scaled} beside {original}.",
        "trajectory",
    ),
    Step(
        "A linear operator, from one state",
        "Now one matrix is fitted that moves every sample one small step on. With h = 1 it sees the layer's input "
        "alone. Put in the layer's place it keeps {hybrid} of {original}; one affine map straight from input to "
        "output keeps {affine}.",
        "accuracy",
        {"delays": 1},
    ),
    Step(
        "Delays give it more to see",
        "With h = 6 the operator sees six states in a row, and a bent path can be linear in those. The hybrid now "
        "keeps {hybrid}. It has a price: the first 5 steps are still the layer's own. Their share of the path is the "
        "lift fraction, {lift}, and it stands beside every accuracy.",
        "fit_panel",
    ),
    Step(
        "The unit circle",
        "The operator's eigenvalues say what it does. On the circle a mode keeps its size, inside it decays, and "
        "its angle is how far it turns in a step. Bright ones have a small residual over the whole layer, on samples "
        "apart from the fit. Badly conditioned ones say nothing alone: they go together in groups.",
        "eigenvalues",
    ),
    Step(
        "The hybrid",
        "Eigenvalues and accuracy always stand side by side. Move the rank r in the Fit panel: fewer eigenvalues, "
        "and the accuracy follows at once, for nothing is decomposed again. Here r = 8 of the same fit keeps "
        "{hybrid}.",
        "accuracy",
        {"rank": 8},
    ),
    Step(
        "What the controls say",
        "An accuracy means nothing alone. An affine map of the layer's input keeps {affine}, one of the same six "
        "states that the operator is given {lift_affine}. Against the better of them the hybrid, {hybrid}, gains "
        "{above}: {verdict}.",
        "accuracy",
    ),
    Step(
        "The control experiment",
        "Drawn as a straight line instead (scaling linear), two delays predict the path whatever the layer does: "
        "{hybrid} of {original}. Nothing was learned about the layer, and the affine map of the lift says so: "
        "{lift_affine}.",
        "accuracy",
        {"scaling": "linear", "delays": 2},
    ),
    Step(
        "Surgery",
        "A mode can be removed, scaled or dragged, and its conjugate goes with it. At r = 12 modes stand nearly alone: "
        "without mode 0 the hybrid keeps {hybrid}. At larger ranks many say nothing alone, and go together in one "
        "group. Undo (Ctrl+Z) puts a mode back.",
        "eigenvalues",
        {"rank": 12, "edits": ((0, 0j),)},
        "Mode",
        0,
    ),
    Step(
        "Your own network",
        "That is all of it. Open your model and its data under Open, press Fit, and save what you find as "
        "pictures, numbers or a study. Help, The method explains every word of this tour in two pages.",
        "network",
    ),
)
