"""Parts of the trajectory panel: its views, the entries of its legend, the button for all states."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton

from koopview.gui.plots.legend import LegendEntry
from koopview.gui.widgets.card import tool_button
from koopview.study.result import FitResult

STATES, PHASE, HEAT_MAP = range(3)
"""The views, in the order of the buttons in the header."""


def legend_entries(result: FitResult, view: int) -> list[LegendEntry]:
    """Return the legend's entries for a view of `result`."""
    lift: LegendEntry = ("lift", "shade", None)
    if view == HEAT_MAP:
        return [lift]
    return [
        ("original", "original", Qt.PenStyle.DashLine),
        ("scaled", "scaled", Qt.PenStyle.SolidLine),
        lift,
    ]


def all_button() -> QToolButton:
    """Return the button that draws all states instead of the most curved ones."""
    button = tool_button("All", "segment", "All states")
    button.setObjectName("allStatesButton")
    button.setCheckable(True)
    button.setToolTip("All states of the sample instead of the most curved ones")
    return button


def same_paths(one: FitResult | None, other: FitResult | None) -> bool:
    """Return whether both results have the same paths to draw, as fits at two ranks do."""
    if one is None or other is None:
        return False
    return one.paths is other.paths and one.settings.delays == other.settings.delays
