"""The register of the tabs below, one line each; window, commands and pictures read the tabs from here."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from koopview.gui.selection import ModeSelection


@dataclass(frozen=True)
class Tab:
    """One tab.

    Attributes
    ----------
    name, title, tip : str
        In code, on the tab, in its tooltip.
    home : str
        ``module:Class`` of its panel, imported on first use, so that the first picture appears sooner.
    kind : str
        The kind of view that it draws, empty for none: such a panel has ``show_view``.
    draws : bool
        Whether it draws results: its panel has ``show_result``, ``set_stale`` and ``set_theme``.
    selects : bool
        Whether its panel is made with the selection of modes.
    """

    name: str
    title: str
    tip: str
    home: str
    kind: str = ""
    draws: bool = True
    selects: bool = False

    def panel(self, selection: ModeSelection) -> Any:
        """Return a new panel of this tab."""
        module, _, name = self.home.partition(":")
        make = getattr(import_module(f"koopview.gui.panels.{module}"), name)
        return make(selection) if self.selects else make()


TABS = (
    Tab(
        "singular_values",
        "Singular values",
        "Singular values of the delay snapshots, with the ranks chosen among them",
        "singular_values:SingularValuePanel",
    ),
    Tab(
        "right_vectors",
        "Vectors",
        "Leading right singular vectors of the delay snapshots along the path, for several delays h",
        "right_vectors:RightVectorsPanel",
        kind="right_vectors",
    ),
    Tab(
        "mode",
        "Mode",
        "Shape, eigenfunction and importance of the selected mode",
        "mode:ModePanel",
        kind="modes",
        selects=True,
    ),
    Tab(
        "boundary",
        "Decision boundary",
        "Classes over a plane of inputs, original beside hybrid",
        "boundary:BoundaryPanel",
        kind="boundary",
    ),
    Tab("sweep", "Sweep", "Hybrid accuracy over delays h and ranks r", "sweep:SweepPanel"),
    Tab(
        "depth",
        "Depth",
        "Blocks of a residual stream replaced by one operator, over start and number",
        "depth:DepthPanel",
    ),
    Tab("confusion", "Confusion", "Which class is taken for which, original beside hybrid", "confusion:ConfusionPanel"),
    Tab("log", "Log", "All fits so far, newest first", "log:LogPanel", draws=False),
)


def index_of(name: str) -> int:
    """Return the index of a tab, by its name."""
    return [tab.name for tab in TABS].index(name)
