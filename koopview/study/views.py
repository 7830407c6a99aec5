"""The views that the further panels draw of one fit, each made on first use: plain arrays, no torch here."""

from dataclasses import dataclass, field
from functools import cached_property

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
class ModeInputs:
    """Every mode in the space of the network's inputs, in the order of the eigenvalues.

    Attributes
    ----------
    gradients : complex array (features, rank) or None
        Of each eigenfunction with respect to the inputs, the mean over `averaged` test samples; None if the stages
        before the layer have none.
    common : array (rank,) or None
        Norm of the mean gradient as a share of the root mean square one, each input counted by its spread. 1: the same
        gradient at all samples, as that of an affine map.
    averaged : int
    patterns : complex array (features, rank)
        Covariance of each input with the eigenfunction over the samples, in standard deviations of the eigenfunction:
        what goes along with it (Haufe et al. 2014), where the gradient says what it reads.
    spreads : array (features,)
        Standard deviation of each input over the samples.
    picture : tuple of int or None
        Rows and columns of an input, channels before them if it has channels; None if it is no picture.
    most, least : int arrays (rank, samples shown)
        Test samples at which the real part of the eigenfunction is largest and smallest, the extreme one first.
    samples : int array (samples,)
        All test samples among these, rising.
    inputs : float32 array (samples, features)
        Their inputs.
    plane : complex array (rows, columns, rank) or None
        The eigenfunctions over the plane of inputs, the first row the lowest y, NaN far from all samples; None for
        inputs that are no plane.
    extent : tuple of float
        x low, x high, y low, y high of the plane, empty without one.
    """

    gradients: np.ndarray | None
    common: np.ndarray | None
    averaged: int
    patterns: np.ndarray
    spreads: np.ndarray
    picture: tuple[int, ...] | None
    most: np.ndarray
    least: np.ndarray
    samples: np.ndarray
    inputs: np.ndarray
    plane: np.ndarray | None
    extent: tuple[float, ...]


def neighbours_alike(entries: np.ndarray, picture: tuple[int, ...]) -> float:
    """Return the correlation of neighbouring pixels in a picture of its first entries: near 0 it looks like noise."""
    pixels = entries[: int(np.prod(picture))].reshape(-1, *picture[-2:])
    across, down = pixels[:, :, 1:] * pixels[:, :, :-1], pixels[:, 1:] * pixels[:, :-1]
    mean = (across.sum() + down.sum()) / max(1, across.size + down.size)
    return float(mean / max((pixels**2).mean(), 1e-300))


@dataclass(frozen=True, eq=False)
class ModesView:
    """Every mode of the operator shown, in the order of its eigenvalues.

    A group of more than a pair of ill-conditioned modes is one thing: all its members show the direction within its
    invariant subspace along which samples differ most.

    Attributes
    ----------
    shapes : complex array (states, rank)
        The newest state's part of the exact modes, each of norm 1.
    eigenfunctions : complex array (samples, rank)
        Of z[0] of test samples, each turned so that the real part of its gradient is largest.
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
    score : float
        The hybrid's score with all modes, which importance is measured from.
    class_scores : array (classes,)
        Its accuracy of each class.
    inputs : ModeInputs or None
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
    score: float = float("nan")
    class_scores: np.ndarray = field(default_factory=lambda: np.zeros(0))
    inputs: ModeInputs | None = None


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
class ChangedView:
    """The test samples whose answer (class) the hybrid changes, the most surprising first.

    Attributes
    ----------
    test_samples : int
        All test samples, changed or not.
    samples : int array (changed,)
        Index of each among the test samples, by falling swing.
    original, hybrid : int arrays (changed,)
        Answers of both networks.
    labels : int array (changed,) or None
    swings : array (changed,)
        How far the outputs swing: the lead of the old answer over the new one in the original network, plus that of
        the new one over the old one in the hybrid. Large where both are sure, so that the change is surprising.
    class_names : tuple of str
    pictures : float32 array (first of changed, rows, columns, 1 or 3) or None
        Inputs, if they are pictures.
    plane : BoundaryView or None
        If inputs have two dimensions.
    points : float32 array (changed, 2) or None
        Places of the changed samples in the plane.
    """

    test_samples: int
    samples: np.ndarray
    original: np.ndarray
    hybrid: np.ndarray
    labels: np.ndarray | None
    swings: np.ndarray
    class_names: tuple[str, ...]
    pictures: np.ndarray | None
    plane: BoundaryView | None
    points: np.ndarray | None

    @cached_property
    def became_wrong(self) -> np.ndarray:
        """Whether each changed sample's answer was right and is wrong, bool (changed,); nowhere without labels."""
        return np.zeros(len(self.samples), dtype=bool) if self.labels is None else self.original == self.labels

    @cached_property
    def became_right(self) -> np.ndarray:
        """Whether each changed sample's answer was wrong and is right, bool (changed,); nowhere without labels."""
        return np.zeros(len(self.samples), dtype=bool) if self.labels is None else self.hybrid == self.labels


@dataclass(frozen=True, eq=False)
class MovedView:
    """Real outputs of both networks on the test samples, those that the hybrid moves farthest first.

    Attributes
    ----------
    samples : int array (samples,)
        Index of each among the test samples, by falling change.
    changes : array (samples,)
        Root mean square of the changes of a sample's outputs.
    targets : array (samples,) or None
        Of networks with one output.
    original, hybrid : arrays (samples,)
        The one output of each network; of several outputs, the root mean square of a sample's errors.
    errors : bool
        Whether these are errors.
    """

    samples: np.ndarray
    changes: np.ndarray
    targets: np.ndarray | None
    original: np.ndarray
    hybrid: np.ndarray
    errors: bool


@dataclass(frozen=True, eq=False)
class ChangedPathsView:
    """Paths of the first samples of a ChangedView or a MovedView.

    Attributes
    ----------
    samples : int array (samples,)
        Index of each among the test samples.
    paths : float32 array (samples, steps + 1, states)
    labels : int array (samples,) or None
        Classes.
    """

    samples: np.ndarray
    paths: np.ndarray
    labels: np.ndarray | None

    def path(self, sample: int) -> tuple[np.ndarray, int | None] | None:
        """Return the path (steps + 1, states) and the label of a test sample, None if it is not among these."""
        found = np.flatnonzero(self.samples == sample)
        if not len(found):
            return None
        return self.paths[found[0]], None if self.labels is None else int(self.labels[found[0]])
