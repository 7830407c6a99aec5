"""The linearity scores of one step between states, plain numbers; no torch here."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Linearity:
    """Linearity scores of one step, 1 for a step that is affine; None where a score means nothing.

    Attributes
    ----------
    score : float or None
        The score of arXiv 2405.12250, in-sample; None where an affine map has as many unknowns as there are rows, so
        that it meets any y whatever.
    apart : float or None
        The same on samples that the map was not fitted to: it is below 0 where the mean does better.
    update, update_apart : float or None
        Both scores of the update y - x alone. A residual block hands x on, which makes the first two near 1 by itself.
    skip : float or None
        The score that a multiple of x itself has: what there is without any map.
    """

    score: float | None
    apart: float | None
    update: float | None
    update_apart: float | None
    skip: float | None
