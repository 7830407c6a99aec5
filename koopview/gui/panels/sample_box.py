"""The picker of the test sample whose path and answers are shown."""

from koopview.gui.looks.theme import UNIT
from koopview.gui.text import spoken_class
from koopview.gui.widgets.fields import Choice
from koopview.study.result import FitResult


def sample_names(result: FitResult) -> list[str]:
    """Return the sample picker's names for the paths of `result`."""
    if result.path_labels is None:
        return [f"sample {index + 1}" for index in range(len(result.paths))]
    names = [spoken_class(result.class_names, value) for value in result.path_labels]
    return [f"sample {index + 1} · {name}" for index, name in enumerate(names)]


def sample_box() -> Choice:
    """Return the picker, empty."""
    box = Choice("sampleBox", "Test sample", "The test sample whose path and answers are shown")
    box.setProperty("role", "compact")
    box.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToContents)  # the next network's classes have longer names
    box.setMaximumWidth(22 * UNIT)
    return box
