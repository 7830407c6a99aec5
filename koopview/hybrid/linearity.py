"""The linearity score of a step between states, and what flatters it (arXiv 2405.12250)."""

import torch

from koopview.hybrid.ridge import ridge_map
from koopview.hybrid.step_linearity import Linearity
from koopview.progress import Progress, part, silent

Pair = tuple[torch.Tensor, torch.Tensor]
"""States x and y (rows, entries)."""


def linearity(fitting: Pair, test: Pair, rows: int = 1, progress: Progress = silent) -> Linearity:
    """Return the Linearity scores of the step from x to y.

    `fitting` are the pair that maps are fitted to, in-sample by least squares, for other samples with a ridge; `test`
    are other samples' states. Each sample has as many `rows`. An x may be wider than y, by what the step takes beside
    the state, which comes first.
    """
    width = fitting[1].shape[1]
    updates = [(x, y - x[:, :width]) for x, y in (fitting, test)]
    return Linearity(
        in_sample(*fitting),
        score_apart(fitting, test, rows, part(progress, 0.0, 0.5)),
        in_sample(*updates[0]),
        score_apart(updates[0], updates[1], rows, part(progress, 0.5, 1.0)),
        skip_score(fitting[0][:, :width], fitting[1]),
    )


def in_sample(x: torch.Tensor, y: torch.Tensor) -> float | None:
    """Return 1 - min_A ||X A - Y||^2, X and Y centred and divided by their Frobenius norms; None if it says nothing."""
    if len(x) <= x.shape[1] + 1 or (wanted := normalised(y)) is None:
        return None
    given = normalised(x)
    if given is None:
        return 0.0
    return 1 - float((given @ least_squares(given, wanted) - wanted).square().sum())


def least_squares(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Return the A of smallest norm that minimises ||x A - y||, (entries of x, entries of y)."""
    u, s, vh = torch.linalg.svd(x, full_matrices=False)
    known = s > s[0] * max(x.shape) * torch.finfo(x.dtype).eps
    return vh[known].T @ ((u[:, known].T @ y) / s[known, None])


def score_apart(fitting: Pair, test: Pair, rows: int, progress: Progress) -> float | None:
    """Return the score on the test pair, of the affine map fitted to the other one with a ridge."""
    wanted = test[1].double()
    variance = float((wanted - wanted.mean(0)).square().sum())
    if variance == 0:
        return None
    found = ridge_map(*fitting, progress=progress, rows=rows)(test[0].double())
    return 1 - float((found - wanted).square().sum()) / variance


def skip_score(x: torch.Tensor, y: torch.Tensor) -> float | None:
    """Return the in-sample score of the best multiple of x in the place of an affine map of it."""
    given, wanted = normalised(x), normalised(y)
    if wanted is None:
        return None
    return 0.0 if given is None else float((given * wanted).sum()) ** 2


def normalised(states: torch.Tensor) -> torch.Tensor | None:
    """Return states centred and divided by their Frobenius norm, float64; None if they do not vary."""
    centred = states.double() - states.double().mean(0)
    norm = float(centred.norm())
    return None if norm == 0 else centred / norm
