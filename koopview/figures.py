"""The register of the figures that Python and the command line draw, one line each; no Qt here."""

from dataclasses import dataclass

from koopview.errors import InputError
from koopview.print_widths import ONE_COLUMN, TWO_COLUMNS

ALL = "all"


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
    FigureKind("accuracy", "accuracy:AccuracyPanel", "accuracy"),
    FigureKind("curve", "accuracy:AccuracyPanel", "curve"),
    FigureKind("sweep", "sweep:SweepPanel", "sweep", width=TWO_COLUMNS, shape=0.5),
    FigureKind("states", "trajectory:TrajectoryPanel", "states", width=TWO_COLUMNS, shape=0.42),
    FigureKind("phase", "phase:PhasePanel", view="phase", width=TWO_COLUMNS, shape=0.5),
    FigureKind("heatmap", "trajectory:TrajectoryPanel", "heatmap", width=TWO_COLUMNS, shape=0.42),
    FigureKind("boundary", "boundary:BoundaryPanel", view="boundary", width=TWO_COLUMNS, shape=0.4),
    FigureKind("singular-values", "singular_values:SingularValuePanel"),
    FigureKind("vectors", "right_vectors:RightVectorsPanel", view="right_vectors", width=TWO_COLUMNS, shape=0.42),
    FigureKind("mode", "mode:ModePanel", "mode", view="modes", width=TWO_COLUMNS, shape=0.5),
    FigureKind("confusion", "confusion:ConfusionPanel", "confusion", width=TWO_COLUMNS, shape=1.1),
)
FIGURE_NAMES = tuple(kind.name for kind in FIGURES)


def figure_kind(name: str) -> FigureKind:
    """Return the FigureKind called `name`; raises InputError where there is none."""
    if name not in FIGURE_NAMES:
        raise InputError(f"{name!r} is no figure, expected one of {', '.join(FIGURE_NAMES)}")
    return FIGURES[FIGURE_NAMES.index(name)]
