"""The views that the further panels draw of one fit, each made on first use: plain arrays, no torch here."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class NoView:
    """Stands for a view that a fit does not have; its panel shows `reason` instead."""

    reason: str


@dataclass(frozen=True, eq=False)
class PhaseView:
    """Paths of many test samples, for phase portraits.

    Attributes
    ----------
    paths : float32 array (samples, steps + 1, states)
    components : float32 array (samples, steps + 1, components)
        Coordinates along the principal components of all these states, the largest first.
    shares : array (components,)
        Share of the variance along each.
    labels : int array (samples,) or None
    class_names : tuple of str
        One per class; empty if there are none.
    """

    paths: np.ndarray
    components: np.ndarray
    shares: np.ndarray
    labels: np.ndarray | None
    class_names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class ModesView:
    """Every mode of the operator shown, in the order of its eigenvalues.

    Attributes
    ----------
    shapes : complex array (states, rank)
        The newest state's part of the exact modes, each of norm 1.
    eigenfunctions : complex array (samples, rank)
        Of z[0] of test samples.
    labels : int array (samples,) or None
    importance, importance_errors : arrays (rank,)
        Score (accuracy, R2, agreement without labels) lost when only the mode's group is removed, and the standard
        error of that paired difference.
    class_importance : array (rank, classes)
        Accuracy lost of each class; no columns unless the task is classes.
    groups : int array (rank,)
        The group of each mode, named by its least index.
    picture : tuple of int or None
        Rows and columns if a shape is a picture or a table (tokens and their widths), channels before them if it has
        channels; None if it is a row of numbers. It is made of the first entries.
    class_names : tuple of str
    axes : str
        What a table's rows and columns are, "tokens × width"; empty if a shape is no table.
    """

    shapes: np.ndarray
    eigenfunctions: np.ndarray
    labels: np.ndarray | None
    importance: np.ndarray
    importance_errors: np.ndarray
    class_importance: np.ndarray
    groups: np.ndarray
    picture: tuple[int, ...] | None
    class_names: tuple[str, ...]
    axes: str = ""


@dataclass(frozen=True, eq=False)
class BoundaryView:
    """Predictions over a plane of inputs (figure 3 of the paper).

    Attributes
    ----------
    extent : (x low, x high, y low, y high)
    original, hybrid : int arrays (rows, columns)
        Predicted classes, the first row the lowest y.
    class_names : tuple of str
    """

    extent: tuple[float, float, float, float]
    original: np.ndarray
    hybrid: np.ndarray
    class_names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class RightVectorsView:
    """Right singular vectors of the delay snapshots along the path (figure 5 of the paper), for several delays.

    Attributes
    ----------
    delays : tuple of int
    vectors : tuple of arrays (vectors, samples, steps - delays + 1), one per number of delays
        v_i at each window of each sample's path, scaled by its root mean square.
    labels : int array (samples,) or None
    """

    delays: tuple[int, ...]
    vectors: tuple[np.ndarray, ...]
    labels: np.ndarray | None


@dataclass(frozen=True, eq=False)
class Answers:
    """What a network answers to some samples.

    Attributes
    ----------
    classes : int array (samples,) or None
        None if outputs are no classes.
    margins : float array (samples,) or None
        How far the answer's output is above the next one's, or a single output from its threshold.
    outputs : float array (samples,)
        The answer's output, or the first of real outputs.
    """

    classes: np.ndarray | None
    margins: np.ndarray | None
    outputs: np.ndarray


@dataclass(frozen=True, eq=False)
class SamplesView:
    """The first test samples, those whose paths a result holds.

    Attributes
    ----------
    inputs : array (samples, ...)
    picture : tuple of int or None
        Rows and columns if an input is a picture of one channel.
    plane : tuple or None
        The extent (x low, x high, y low, y high) of a plane of inputs, and the original's classes over it, int array
        (rows, columns), the first row at the bottom; a sample's first two numbers are its place there.
    original, hybrid : Answers
    """

    inputs: np.ndarray
    picture: tuple[int, int] | None
    plane: tuple[tuple[float, float, float, float], np.ndarray] | None
    original: Answers
    hybrid: Answers
