"""The guided tour's steps: settings, the panel to point at, and sentences, whose numbers are those on screen."""

from typing import Any

from koopview.gui.present.step import Script, Step
from koopview.koopman.rank import AUTO
from koopview.study.settings import DEFAULT_DELAYS
from koopview.trajectory.schedule import DEFAULT

STUDY = "yinyang"
LAYER = "2"
_USUAL: dict[str, Any] = {
    "layer": LAYER,
    "replaced": (LAYER,),
    "edits": (),
    "scaling": "homotopy",
    "schedule": DEFAULT,
    "steps": 20,
    "observables": "delay",
    "delays": DEFAULT_DELAYS,
    "rank": AUTO,
    "pad": -1.0,  # which the first step names
}
"""The default settings except samples and seed."""


STEPS = (
    Step(
        "A layer is one step",
        "This network tells the parts of a yin-yang sign apart. Its layer {layer} takes {inputs} numbers to "
        "{outputs}: an affine operation, then ReLU. The network knows no path between them: each dashed orange line "
        "is one state going from input to output in a single step. Where the output has fewer numbers, it ends at "
        "{pad}, appended so that both ends have {inputs}.",
        "trajectory",
    ),
    Step(
        "Stretching it",
        "A path can be studied where a jump cannot. The green line goes the same way in N = {steps} steps, the first "
        "ones the longest, blending the layer in bit by bit. It ends exactly where the layer does, so the network "
        "with the stretched layer is as good as before: {scaled} beside {original}.",
        "trajectory",
    ),
    Step(
        "A linear operator, from one state",
        "Now one matrix is fitted that moves every sample one small step on. With h = {delays} it sees the layer's "
        "input alone. Put in the layer's place it keeps {hybrid} of {original}; one affine map straight from input "
        "to output keeps {affine}.",
        "accuracy",
        {"delays": 1},
    ),
    Step(
        "Delays give it more to see",
        "With h = {delays} the operator sees so many states in a row, and a bent path can be linear in those. The "
        "hybrid now keeps {hybrid}. It has a price: the first {taken} steps are still the layer's own. Their share "
        "of the path is the lift fraction, {lift}, and it stands beside every accuracy.",
        "fit_panel",
    ),
    Step(
        "The unit circle",
        "The operator's eigenvalues say what it does. On the circle a mode keeps its size, inside it decays, and its "
        "angle is how far it turns in a step. Bright ones have a small residual over the whole layer, on samples "
        "apart from the fit. Badly conditioned ones say nothing alone: they go together in groups.",
        "eigenvalues",
    ),
    Step(
        "The hybrid",
        "Eigenvalues and accuracy always stand side by side. Move the rank r in the Fit panel: fewer eigenvalues, "
        "and the accuracy follows at once, for nothing is decomposed again. Here r = {rank} of the same fit keeps "
        "{hybrid}.",
        "accuracy",
        {"rank": 8},
    ),
    Step(
        "What the controls say",
        "An accuracy means nothing alone. An affine map of the layer's input keeps {affine}, one of the states that "
        "the operator is given {lift_affine}. Against the better of them the hybrid, {hybrid}, gains {above}: "
        "{verdict}.",
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
        "A mode can be removed, scaled or dragged, and its conjugate goes with it. At r = {rank} modes stand nearly "
        "alone: without the selected mode the hybrid keeps {hybrid}. At larger ranks many say nothing alone, and go "
        "together in one group. Undo (Ctrl+Z) puts a mode back.",
        "eigenvalues",
        {"rank": 12, "edits": ((0, 0j),)},
        "Mode",
        0,
    ),
    Step(
        "Your own network",
        "That is all of it. Open your model and its data under Open, press Fit, and save what you find as pictures, "
        "numbers or a study. Help, The method explains every word of this tour in two pages.",
        "network",
    ),
)

TOUR = Script("tour", STEPS, _USUAL)
