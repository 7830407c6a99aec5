"""Give each panel what a figure of it draws: one function per way, named in ``koopview.figures``."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from PySide6.QtWidgets import QScrollArea

from koopview.errors import InputError
from koopview.figures import FigureKind
from koopview.gui.exportable import Exportable
from koopview.gui.history import over_delays
from koopview.gui.panels.confusion import words_instead
from koopview.gui.panels.trajectory import HEAT_MAP
from koopview.gui.selection import ModeSelection
from koopview.gui.session.sweeping import swept
from koopview.study.result import FitResult, StudyState
from koopview.study.subject import Subject
from koopview.study.views import NoView


@dataclass(frozen=True)
class Asked:
    """What else a figure is asked for: the index of a mode, and a test sample counted from 1."""

    mode: int | None = None
    sample: int = 1


Fed = tuple[Any, Exportable]
"""A panel, kept for as long as it is drawn, and its picture."""

Feed = Callable[[Any, Subject, Any, Asked], Fed]
"""Called with the class of a panel, the subject, its view and what is asked."""


def fed(kind: FigureKind, subject: Subject, view: Any, asked: Asked) -> Fed:
    """Return a new panel and the Exportable in it that draws a figure of `kind`; raises InputError if there is none."""
    module, _, name = kind.home.partition(":")
    panel = getattr(import_module(f"koopview.gui.panels.{module}"), name)
    return FEEDS[kind.feed](panel, subject, view, asked)


def view_of(kind: FigureKind, subject: Subject) -> Any:
    """Return the view that a figure draws, None for a figure of the result alone.

    Raises
    ------
    InputError
        With the reason where the fit has no such view.
    """
    if not kind.view:
        return None
    view = subject.view(kind.view)
    if isinstance(view, NoView):
        raise InputError(" ".join(view.reason.split()))
    return view


def _panel(make: Any, subject: Subject, view: Any, asked: Asked) -> Fed:
    """Return the picture of a panel that draws a result, and its view if there is one."""
    panel = make()
    panel.show_result(subject.result)
    if view is not None:
        panel.show_view(view)
    return panel, panel.findChildren(Exportable)[0]


def _eigenvalues(make: Any, subject: Subject, view: Any, asked: Asked) -> Fed:
    """Return the eigenvalues in a view of the whole unit circle."""
    panel = make()
    panel.show_result(subject.result)
    panel.plane.show_close_up(False)
    return panel, _titled(panel, "Eigenvalues")


def _accuracy(make: Any, subject: Subject, view: Any, asked: Asked) -> Fed:
    panel = make()
    panel.show_result(subject.result, subject.others)
    exportable = _titled(panel, "Accuracies")
    exportable.parts = (panel.bars, panel.above)
    return panel, exportable


def _curve(make: Any, subject: Subject, view: Any, asked: Asked) -> Fed:
    if curve_points(subject) < 2:
        raise InputError(_too_few("a curve needs fits at two delays or more", subject.result))
    panel = make()
    panel.show_result(subject.result, subject.others)
    return panel, panel.curve.exportable


def _sweep(make: Any, subject: Subject, view: Any, asked: Asked) -> Fed:
    result = subject.result
    settings = result.settings.with_edits(())
    if sweep_cells(subject) < 2:
        raise InputError(_too_few("a sweep's figure needs two cells or more", result))
    panel = make()
    panel.show_state(StudyState(result.model, result.data, subject.layers, (), subject.others), settings)
    panel.show_result(result)
    return panel, panel.map.exportable


def _states(make: Any, subject: Subject, view: Any, asked: Asked) -> Fed:
    panel = _trajectory(make, subject, asked)
    panel.all.setChecked(True)  # the first page of all states, as figure 2 of the paper has them
    return panel, panel.grid.exportable


def _heatmap(make: Any, subject: Subject, view: Any, asked: Asked) -> Fed:
    panel = _trajectory(make, subject, asked)
    panel.views.choose(HEAT_MAP)
    return panel, panel.heat.exportable


def _trajectory(make: Any, subject: Subject, asked: Asked) -> Any:
    paths = len(subject.result.paths)
    if not paths:
        raise InputError("this result holds no paths, as a sweep's cells do not; expected a fit")
    if not 1 <= asked.sample <= paths:
        raise InputError(f"sample is {asked.sample}, expected 1 to {paths}, the samples whose paths a fit holds")
    panel = make()
    panel.show_state(StudyState(subject.result.model, subject.result.data, subject.layers, (), ()))
    panel.show_result(subject.result)
    panel.samples.setCurrentIndex(asked.sample - 1)
    return panel


def _mode(make: Any, subject: Subject, view: Any, asked: Asked) -> Fed:
    """Return a mode's shape and what it separates; the numbers are those of the shape."""
    mode = checked_mode(subject.result, asked.mode)
    selection = ModeSelection()
    panel = make(selection)
    selection.show_result(subject.result)
    panel.show_result(subject.result)
    selection.select((mode,))
    panel.show_view(view)
    exportable = panel.shape.exportable
    exportable.parts = (panel.picture,)
    return panel, exportable


def checked_mode(result: FitResult, mode: int | None) -> int:
    """Return `mode`; raises InputError unless it is the index of an eigenvalue."""
    last = len(result.eigenvalues) - 1
    if mode is None or not 0 <= mode <= last:
        said = "no mode is named" if mode is None else f"mode is {mode}"
        raise InputError(f"{said}, expected the index of an eigenvalue, 0 to {last}", *(("--mode I",) * (mode is None)))
    return mode


def _confusion(make: Any, subject: Subject, view: Any, asked: Asked) -> Fed:
    instead = words_instead(subject.result)
    if instead:
        raise InputError(" ".join(instead.split()))
    panel, exportable = _panel(make, subject, view, asked)
    for area in panel.findChildren(QScrollArea):
        area.takeWidget().setAutoFillBackground(False)  # the area would move and colour what is drawn
    exportable.parts = (exportable.widget,)
    return panel, exportable


def curve_points(subject: Subject) -> int:
    """Return at how many delays the curve of a subject is known."""
    return len(over_delays(subject.others, subject.result))


def sweep_cells(subject: Subject) -> int:
    """Return how many cells of the sweep around a subject are known."""
    return len(swept(subject.others, subject.result.settings.with_edits(())))


def _too_few(what: str, result: FitResult) -> str:
    settings = result.settings
    rank = settings.rank if isinstance(settings.rank, int) else f'"{settings.rank}"'
    way = f'study.sweep("{settings.layer}", delays=range(1, {settings.steps + 1}), ranks=[{rank}])'
    return f"{what}, and one is known; expected {way} before"


def _titled(panel: Any, title: str) -> Exportable:
    return next(one for one in panel.findChildren(Exportable) if one.title == title)


FEEDS: dict[str, Feed] = {
    "panel": _panel,
    "eigenvalues": _eigenvalues,
    "accuracy": _accuracy,
    "curve": _curve,
    "sweep": _sweep,
    "states": _states,
    "heatmap": _heatmap,
    "mode": _mode,
    "confusion": _confusion,
}
