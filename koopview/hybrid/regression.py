"""Ridge regression in two forms, by the smaller of two Gram matrices: of the features or of the samples.

Both are centred, float64, and solved by a Cholesky factorisation. In both forms a ridge is relative to the mean
diagonal of the features' centred Gram matrix. If a factorisation fails (a ridge below rounding)
there is no solution.
"""

from copy import copy

import torch

from koopview.hybrid.accuracy import PATHS_BATCH
from koopview.hybrid.varying_states import Penalty, plain_penalty
from koopview.network.network import Function
from koopview.progress import Progress, silent

Affine = tuple[torch.Tensor, torch.Tensor]
"""Weights (features, outputs) and offsets (outputs,), float64."""

RAISED = 10.0
"""Factor by which a ridge grows if its factorisation worked for four fifths of the samples but fails for all."""


PANEL = 256
"""Rows of a Gram matrix that are summed at once, from their diagonal on."""


class AffineSums:
    """Sums over samples from which affine maps of their features are solved for, for every ridge.

    Products are summed relative to `shifts`, features (1, p) and targets (1, outputs) of some sample, and centred on
    the mean when a map is solved for. A ridge is relative to the mean square of the features of `penalty`, by default
    these p. Of `gram` the upper half is summed.
    """

    def __init__(self, shifts: Affine, penalty: Penalty | None = None) -> None:
        self.shifts, (p, outputs) = shifts, (one.shape[1] for one in shifts)
        self.penalty = penalty or plain_penalty(p, shifts[0])
        zeros = shifts[0].new_zeros
        self.count, self.means = zeros(()), (zeros(1, p), zeros(1, outputs))
        self.gram, self.products = zeros(p, p), zeros(p, outputs)

    @property
    def sums(self) -> dict[str, torch.Tensor]:
        """The tensors that are added to, by name."""
        means = {"inputs": self.means[0], "targets": self.means[1]}
        return {"count": self.count, "gram": self.gram, "products": self.products, **means}

    def add(self, features: torch.Tensor, targets: torch.Tensor) -> None:
        """Add samples: features (samples, p) and targets (samples, outputs), float64."""
        x, y = features - self.shifts[0], targets - self.shifts[1]
        self.count.add_(len(x))
        add_upper(self.gram, x)
        self.products.addmm_(x.T, y)
        for total, of in zip(self.means, (x, y), strict=True):
            total.add_(of.sum(0))

    def leading(self, count: int, penalty: Penalty) -> "AffineSums":
        """Return the sums of the first features alone, with their Penalty; they share memory with these."""
        made = copy(self)
        made.shifts, made.means = (self.shifts[0][:, :count], self.shifts[1]), (self.means[0][:, :count], self.means[1])
        made.gram, made.products, made.penalty = self.gram[:count, :count], self.products[:count], penalty
        return made

    def solved(self, ridge: float) -> Affine | None:
        """Return the map fitted to the samples added, None if the factorisation fails."""
        count = float(self.count)
        x_mean, y_mean = (total / count for total in self.means)
        gram = torch.addmm(self.gram, x_mean.T, x_mean, alpha=-count)
        self.penalty.add(gram, _positive(ridge * self.penalty.mean_square(gram)))
        factor = factorised(gram)
        if factor is None:
            return None
        weight = torch.cholesky_solve(torch.addmm(self.products, x_mean.T, y_mean, alpha=-count), factor)
        return weight, (self.shifts[1] + y_mean - (self.shifts[0] + x_mean) @ weight)[0]

    def raised(self, ridge: float) -> Affine:
        """Return the map of the smallest ridge from this one on, each ten times the last, that can be solved for."""
        found = self.solved(ridge)
        while found is None:
            found = self.solved(ridge := RAISED * ridge)
        return found

    @property
    def mean_target(self) -> torch.Tensor:
        """The mean of the targets (outputs,)."""
        return (self.shifts[1] + self.means[1] / float(self.count))[0]


def mean_of(features: Function, x: torch.Tensor, y: torch.Tensor) -> Affine:
    """Return the mean features (1, p) and targets (1, outputs) of some samples: one alone may lie far out."""
    sums = [features(batch.double()).sum(0, keepdim=True) for batch in x.split(PATHS_BATCH)]
    return torch.cat(sums).sum(0, keepdim=True) / len(x), y.double().mean(0, keepdim=True)


class Primal:
    """The form for more samples than features; features are computed batch by batch."""

    def __init__(
        self,
        inputs: torch.Tensor,
        targets: torch.Tensor,
        features: Function,
        fitting: torch.Tensor,
        judging: torch.Tensor,
        progress: Progress = silent,
    ) -> None:
        self.inputs, self.targets, self.features, self.judging = inputs, targets, features, judging
        self.rest = judging[: len(inputs) - len(fitting)]  # empty if all samples are in both parts
        self.total = AffineSums((features(inputs[:1].double()), targets[:1].double()))
        self.add(fitting, progress)

    def add(self, indices: torch.Tensor, progress: Progress) -> None:
        """Add these samples to the sums."""
        for start in range(0, len(indices), PATHS_BATCH):
            progress(start / len(indices), "affine map")
            batch = indices[start : start + PATHS_BATCH]
            self.total.add(self.features(self.inputs[batch].double()), self.targets[batch].double())

    def solved(self, ridge: float) -> Affine | None:
        """Return the map fitted to the samples added, None if the factorisation fails."""
        return self.total.solved(ridge)

    def judged(self, ridge: float) -> torch.Tensor | None:
        """Return the outputs (judging samples, outputs) of the map fitted to the others, None where there is none."""
        found = self.solved(ridge)
        if found is None:
            return None
        batches = self.judging.split(PATHS_BATCH)
        return torch.cat([torch.addmm(found[1], self.features(self.inputs[b].double()), found[0]) for b in batches])

    def whole(self, ridge: float, progress: Progress = silent) -> Affine:
        """Return the map fitted to all samples; it adds the judging samples, so call `judged` before."""
        self.add(self.rest, progress)
        return self.total.raised(ridge)


class Samples:
    """The dual form, of centred features known by their scalar products: the weights are combinations of the samples'.

    Parameters
    ----------
    gram : tensor (samples, samples), float64
        Scalar products of the samples' features, from which the mean of all has been taken.
    targets : tensor (samples, outputs)
    features : int
        Of a sample.
    fitting, judging : int64 tensors
        Indices of the samples to fit to, and of those to judge by.
    """

    def __init__(
        self, gram: torch.Tensor, targets: torch.Tensor, features: int, fitting: torch.Tensor, judging: torch.Tensor
    ) -> None:
        self.gram, self.features, self.y = gram, features, targets.double()
        self.y_mean = self.y.mean(0)
        fitted_y = self.y[fitting]
        self._fitted_mean = fitted_y.mean(0)
        self._fitted_y = fitted_y - self._fitted_mean
        fitted = gram[fitting[:, None], fitting]
        means = fitted.mean(0)
        self.fitted = fitted - means - means[:, None] + means.mean()
        across = gram[judging[:, None], fitting] - means
        self.across = across - across.mean(1, keepdim=True)

    def judged(self, ridge: float) -> torch.Tensor | None:
        """Return the outputs (judging samples, outputs) of the map fitted to the others, None where there is none."""
        factor = self.factor(self.fitted, ridge)
        if factor is None:
            return None
        return torch.addmm(self._fitted_mean, torch.cholesky_solve(self.across.T, factor).T, self._fitted_y)

    def whole(self, ridge: float) -> torch.Tensor:
        """Return the shares (samples, outputs) of all samples' centred features in the weights fitted to all."""
        factor = self.factor(self.gram, ridge)
        while factor is None:
            factor = self.factor(self.gram, ridge := RAISED * ridge)
        return torch.cholesky_solve(self.y - self.y_mean, factor)

    def factor(self, gram: torch.Tensor, ridge: float) -> torch.Tensor | None:
        """Return the Cholesky factor of some samples' Gram matrix with the ridge, None if it fails."""
        matrix = gram.clone()
        matrix.diagonal().add_(_positive(ridge * float(gram.trace()) / self.features))
        return factorised(matrix)


class Dual:
    """The form for more features than samples, which holds the features of all samples."""

    def __init__(
        self,
        inputs: torch.Tensor,
        targets: torch.Tensor,
        features: Function,
        fitting: torch.Tensor,
        judging: torch.Tensor,
        progress: Progress = silent,
    ) -> None:
        progress(0.0, "affine map")
        self.x = torch.cat([features(batch.double()) for batch in inputs.split(PATHS_BATCH)])
        self.x_mean = self.x.mean(0)
        self.x -= self.x_mean
        self.samples = Samples(self.x @ self.x.T, targets, self.x.shape[1], fitting, judging)

    def judged(self, ridge: float) -> torch.Tensor | None:
        """Return the outputs (judging samples, outputs) of the map fitted to the others, None where there is none."""
        return self.samples.judged(ridge)

    def whole(self, ridge: float, progress: Progress = silent) -> Affine:
        """Return the map fitted to all samples."""
        progress(0.0, "affine map")
        weight = self.x.T @ self.samples.whole(ridge)
        return weight, self.samples.y_mean - self.x_mean @ weight


def add_upper(gram: torch.Tensor, x: torch.Tensor) -> None:
    """Add the upper half of ``x^T x`` to a matrix (columns, columns), of rows x (rows, columns)."""
    for start in range(0, x.shape[1], PANEL):
        gram[start : start + PANEL, start:].addmm_(x[:, start : start + PANEL].T, x[:, start:])


def _positive(ridge: float) -> float:
    """Return what is added to a diagonal: 1 where all features are constant."""
    return ridge if ridge != 0 else 1.0


def factorised(gram: torch.Tensor) -> torch.Tensor | None:
    """Return the lower Cholesky factor of a symmetric matrix whose upper half is given, None if it fails.

    The factor takes the matrix's memory.
    """
    matrix = gram.mT  # by columns, as LAPACK has them
    failed = torch.empty((), dtype=torch.int32, device=gram.device)
    torch.linalg.cholesky_ex(matrix, out=(matrix, failed))
    return None if failed else matrix
