"""What original and hybrid answer to single samples, as plain arrays; no torch here."""

from dataclasses import dataclass

import numpy as np


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
