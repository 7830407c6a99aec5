"""The pictures of the handout: the window's own panels, fed with the result, each with its heading."""

from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QWidget

from koopview.gui.handout.contents import Handout
from koopview.gui.history import over_delays
from koopview.gui.looks.pens import lines_times
from koopview.gui.looks.theme import LIGHT
from koopview.gui.panels.accuracy import AccuracyPanel, class_bars
from koopview.gui.panels.boundary import BoundaryPanel
from koopview.gui.panels.eigenvalues import EigenvaluePanel
from koopview.gui.panels.singular_values import SingularValuePanel
from koopview.gui.panels.sweep import SweepPanel
from koopview.gui.panels.trajectory import TrajectoryPanel
from koopview.gui.plots.bars import Bars
from koopview.gui.saving.pictures import prepare_for_paper
from koopview.gui.saving.stage import Stage, end_widgets
from koopview.gui.session.sweeping import swept
from koopview.gui.text import title_of
from koopview.study.result import StudyState

MOST_CLASSES = 10
"""Classes whose bars have room on a page."""


@dataclass(frozen=True, eq=False)
class Picture:
    """What is drawn below a heading: a `stage` with parts of a panel, which is kept for as long as they are drawn."""

    heading: str
    stage: QWidget
    panel: Any

    def end(self) -> None:
        """Delete its widgets once they are drawn."""
        end_widgets(self.stage, self.panel)


def first_pictures(handout: Handout) -> tuple[list[Picture], list[Picture]]:
    """Return the pair of eigenvalues and accuracy, and the trajectory, where there is one."""
    return [_eigenvalues(handout), _accuracy(handout)], _trajectory(handout)


def second_pictures(handout: Handout) -> list[list[Picture]]:
    """Return rows of pictures: singular values, the sweep beside them if there is one, the decision boundary."""
    rows = [[_singular_values(handout), *_sweep(handout)]]
    return [*rows, [_boundary(handout)]] if handout.boundary is not None else rows


def _eigenvalues(handout: Handout) -> Picture:
    panel = EigenvaluePanel()
    panel.show_result(handout.result)
    return _picture("Eigenvalues of one small step", panel, panel.picture)


def _accuracy(handout: Handout) -> Picture:
    """Return the bars, and below them the curve over delays, or, of a study without one, the classes."""
    panel, result = AccuracyPanel(), handout.result
    results = (*handout.cells, *handout.results)
    panel.show_result(result, results)
    below: tuple[QWidget, ...] = ()
    if len(over_delays(results, result)) > 1:
        below = panel.curve.exportable.parts
    elif 0 < len(result.per_class.get("hybrid", ())) <= MOST_CLASSES:
        classes = Bars("Accuracies per class", group=2)  # the panel's own are moved by what they are scrolled in
        classes.set_theme(LIGHT)
        classes.show_bars(class_bars(result))
        below = (classes,)
    heading = f"{title_of(result.measure)} and its controls"
    return _picture(heading, panel, panel.bars, panel.above, *below, fills=len(below) > 1)


def _trajectory(handout: Handout) -> list[Picture]:
    if not len(handout.result.paths):
        return []
    panel = TrajectoryPanel()
    panel.show_result(handout.result)
    heading = f"The way of a test sample through the layer: {panel.samples.currentText()}"
    return [_picture(heading, panel, panel.legend, panel.grid)]


def _singular_values(handout: Handout) -> Picture:
    panel = SingularValuePanel()
    panel.show_result(handout.result)
    return _picture("Singular values of the snapshots", panel, panel)


def _sweep(handout: Handout) -> list[Picture]:
    settings, result = handout.result.settings.with_edits(()), handout.result
    if len(swept(handout.cells, settings)) < 2:
        return []
    panel = SweepPanel()
    panel.show_state(StudyState(result.model, result.data, (), (), tuple(handout.cells)), settings)
    return [_picture("Sweep over delays h and ranks r", panel, panel.caption, panel.best, panel.map)]


def _boundary(handout: Handout) -> Picture:
    panel = BoundaryPanel()
    panel.show_result(handout.result)
    panel.show_view(handout.boundary)
    return _picture("Decision boundary: what original and hybrid predict", panel, panel.picture)


def _picture(heading: str, panel: Any, *parts: QWidget, fills: bool = True) -> Picture:
    """Return parts of a panel one below the other, in the colours of paper; what does not fill its room lies above."""
    with lines_times(1.0):
        panel.set_theme(LIGHT)
    stage = Stage(parts, panel.set_theme, fills=fills)
    prepare_for_paper(stage)
    return Picture(heading, stage, panel)
