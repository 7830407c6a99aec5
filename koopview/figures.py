"""The register of the figures that Python and the command line draw, one line each; no Qt here."""

from dataclasses import dataclass
from pathlib import Path

from koopview.errors import InputError
from koopview.print_widths import ONE_COLUMN, TWO_COLUMNS

ALL = "all"
ENDINGS = (".pdf", ".png", ".svg", ".csv")
"""Endings of a figure's file; .csv is for its numbers."""


@dataclass(frozen=True)
class FigureKind:
    """A kind of figure.

    Attributes
    ----------
    name : str
        On the command line, in Python and in the file's name.
    home : str
        ``module:Class`` of the window's panel that draws it, below ``koopview.gui.panels``.
    feed : str
        The function of ``koopview.gui.figures.feeding`` that gives the panel what it draws.
    view : str
        The kind of view that is drawn, empty for a figure of the result alone.
    width : float
        Its usual width in mm.
    shape : float
        Its height as a share of its width.
    """

    name: str
    home: str
    feed: str = "panel"
    view: str = ""
    width: float = ONE_COLUMN
    shape: float = 0.62


FIGURES = (
    FigureKind("eigenvalues", "eigenvalues:EigenvaluePanel", "eigenvalues", shape=0.8),
    FigureKind("accuracy", "accuracy:AccuracyPanel", "accuracy", shape=0.56),
    FigureKind("curve", "accuracy:AccuracyPanel", "curve"),
    FigureKind("sweep", "sweep:SweepPanel", "sweep", width=TWO_COLUMNS, shape=0.5),
    FigureKind("states", "trajectory:TrajectoryPanel", "states", width=TWO_COLUMNS, shape=0.42),
    FigureKind("phase", "phase:PhasePanel", view="phase", width=TWO_COLUMNS, shape=0.5),
    FigureKind("heatmap", "trajectory:TrajectoryPanel", "heatmap", width=TWO_COLUMNS, shape=0.42),
    FigureKind("boundary", "boundary:BoundaryPanel", view="boundary", width=TWO_COLUMNS, shape=0.34),
    FigureKind("singular-values", "singular_values:SingularValuePanel"),
    FigureKind("vectors", "right_vectors:RightVectorsPanel", view="right_vectors", width=TWO_COLUMNS, shape=0.42),
    FigureKind("mode", "mode:ModePanel", "mode", view="modes", width=TWO_COLUMNS, shape=0.62),
    FigureKind("confusion", "confusion:ConfusionPanel", "confusion", width=TWO_COLUMNS, shape=0.48),
    FigureKind("meaning", "meaning:MeaningPages", view="meaning", width=TWO_COLUMNS, shape=0.54),
)
FIGURE_NAMES = tuple(kind.name for kind in FIGURES)


def wanted_figures(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return names of figures, each once; ALL among them stands for all that need no further fits, a mode none.

    Raises
    ------
    InputError
        For a name that is no figure.
    """
    unknown = next((name for name in names if name not in (*FIGURE_NAMES, ALL)), None)
    if unknown is not None:
        raise InputError(f"{unknown!r} is no figure, expected some of {', '.join(FIGURE_NAMES)}, or {ALL}")
    return tuple(dict.fromkeys(names))


def figure_kind(name: str) -> FigureKind:
    """Return the FigureKind called `name`; raises InputError where there is none."""
    if name not in FIGURE_NAMES:
        raise InputError(f"{name!r} is no figure, expected one of {', '.join(FIGURE_NAMES)}")
    return FIGURES[FIGURE_NAMES.index(name)]


def check_figure_ending(path: Path, expected: str = "for a figure") -> None:
    """Raise InputError unless a path's ending is one of ENDINGS."""
    if path.suffix.lower() not in ENDINGS:
        raise InputError(f"{path.name} ends in {path.suffix or 'nothing'}, expected {', '.join(ENDINGS)} {expected}")
