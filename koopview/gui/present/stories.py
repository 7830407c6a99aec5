"""The stories of three minutes that are told of the built-in studies, and one for every other study; no Qt here."""

from typing import Any

from koopview.gui.present.step import Script, Step
from koopview.network.demos import demo_name, is_demo
from koopview.study.result import StudyState

_FORMULA: dict[str, Any] = {"scaling": "homotopy", "steps": 20, "observables": "delay"}


def _steps(about: str, meaning: str, rank: int, straight: bool = True) -> tuple[Step, ...]:
    """Return the steps of a story: what the network does, what its changed answers show, and a small rank."""
    line = Step(
        "The control experiment",
        "Draw the path as a straight line instead, and nothing of the layer is left to learn. {sentence}",
        "accuracy",
        {"scaling": "linear", "delays": 2},
    )
    return (
        Step("A layer is a jump", about, "meaning"),
        Step(
            "One matrix for many small steps",
            "Now the jump is stretched to {steps} small steps, and one matrix moves every sample one step on. "
            "Given the layer's input alone, it keeps {kept}.",
            "accuracy",
            {"delays": 1},
        ),
        Step("Delays give it more to see", "{sentence} In all the hybrid keeps {kept}.", "curve"),
        Step("What it means", meaning, "meaning"),
        Step(
            "The unit circle",
            "Inside the unit circle a mode decays, on it a mode keeps its size, outside it grows. Of the operator's "
            "eigenvalues {modes}. Steps that shrink from one to the next move them inwards too.",
            "eigenvalues",
        ),
        Step(
            "Fewer eigenvalues",
            "The same fit with {rank} eigenvalues keeps {kept}. Nothing is decomposed again: move the rank, and "
            "the room sees the accuracy follow.",
            "rank",
            {"rank": rank},
        ),
        Step(
            "What the controls say",
            "A score means nothing alone: affine maps keep {affine} (of the layer's input) and {lift_affine} (of the "
            "operator's states). Beside the better one the operator has {above}: {verdict}.",
            "accuracy",
        ),
        *((line,) if straight else ()),
        Step(
            "Your turn",
            "{sentence} Move the delays (H) and the rank (R), and go from layer to layer.",
            "chooser",
        ),
    )


_DIGITS = (
    "With the operator in the layer's place {changed} answers change. Their pictures stand here, the most surprising "
    "first, each with its answer before and after."
)
YINYANG = Script(
    "Yin-Yang",
    _steps(
        "This network tells the parts of a yin-yang sign apart, {original} of {samples} points correctly. Its layer "
        "{layer} takes {inputs} numbers to {outputs} in a single jump, which nobody can look into.",
        "With the operator in the layer's place {changed} answers change. Rings mark them, as many as have room; the "
        "line drawn over the hybrid's answers is the original's border.",
        8,
    ),
    {**_FORMULA, "layer": "2", "replaced": ("2",), "delays": 6, "rank": 30},
)
MNIST = Script(
    "MNIST",
    _steps(
        "This network reads handwritten digits, {original} of {samples} correctly. Its layer {layer} takes {inputs} "
        "pixels to {outputs} numbers in a single jump, which nobody can look into.",
        _DIGITS,
        10,
    ),
    {**_FORMULA, "layer": "0", "replaced": ("0",), "delays": 10, "rank": 50},
)
DIGITS = Script(
    "Handwritten digits",
    _steps(
        "This network reads handwritten digits, {original} of {samples} correctly. Its stage {layer} takes {inputs} "
        "numbers to {outputs} in a single jump, which nobody can look into.",
        _DIGITS,
        10,
        straight=False,
    ),
    {},
)
ANY = Script(
    "This network",
    _steps(
        "Layer {layer} of this network takes {inputs} numbers to {outputs} in a single jump, which nobody can look "
        "into.",
        "This is what changes on {samples} test samples with the operator in the layer's place.",
        8,
        straight=False,
    ),
    {},
)
_STORIES = {"yinyang": YINYANG, "mnist": MNIST}


def story_of(state: StudyState) -> Script:
    """Return the story to tell of a study: a built-in one has its own."""
    if not is_demo(state.model):
        return ANY
    return _STORIES.get(demo_name(state.model), DIGITS)
