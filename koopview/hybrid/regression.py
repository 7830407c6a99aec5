"""Ridge regression in two forms, by the smaller of two Gram matrices: of the features or of the samples.

Both are centred, float64, and solved by a Cholesky factorisation. In both forms a ridge is relative to the mean
diagonal of the features' centred Gram matrix. If a factorisation fails (a ridge below rounding)
there is no solution.
"""

import torch

from koopview.hybrid.accuracy import PATHS_BATCH
from koopview.network.network import Function
from koopview.progress import Progress, silent

Affine = tuple[torch.Tensor, torch.Tensor]
"""Weights (features, outputs) and offsets (outputs,), float64."""

RAISED = 10.0
"""Factor by which a ridge grows if its factorisation worked for four fifths of the samples but fails for all."""


class Primal:
    """The form for more samples than features; features are computed batch by batch.

    Products are summed relative to the first sample, and centred on the mean when a map is solved for.
    """

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
        self.shifts = features(inputs[:1].double()), targets[:1].double()
        p, outputs = self.shifts[0].shape[1], self.shifts[1].shape[1]
        self.count = 0
        self.sums = torch.zeros_like(self.shifts[0]), torch.zeros_like(self.shifts[1])
        self.gram = self.shifts[0].new_zeros(p, p)
        self.products = self.shifts[0].new_zeros(p, outputs)
        self.add(fitting, progress)

    def add(self, indices: torch.Tensor, progress: Progress) -> None:
        """Add these samples to the sums."""
        for start in range(0, len(indices), PATHS_BATCH):
            progress(start / len(indices), "affine map")
            batch = indices[start : start + PATHS_BATCH]
            x = self.features(self.inputs[batch].double()) - self.shifts[0]
            y = self.targets[batch].double() - self.shifts[1]
            self.count += len(batch)
            self.gram.addmm_(x.T, x)
            self.products.addmm_(x.T, y)
            for total, of in zip(self.sums, (x, y), strict=True):
                total.add_(of.sum(0))

    def solved(self, ridge: float) -> Affine | None:
        """Return the map fitted to the samples added, None if the factorisation fails."""
        x_mean, y_mean = (total / self.count for total in self.sums)
        gram = torch.addmm(self.gram, x_mean.T, x_mean, alpha=-self.count)
        factor = factorised(gram, ridge * float(gram.diagonal().mean()))
        if factor is None:
            return None
        weight = torch.cholesky_solve(torch.addmm(self.products, x_mean.T, y_mean, alpha=-self.count), factor)
        return weight, (self.shifts[1] + y_mean - (self.shifts[0] + x_mean) @ weight)[0]

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
        found = self.solved(ridge)
        while found is None:
            found = self.solved(ridge := RAISED * ridge)
        return found


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
        self.gram, self.features, self.fitting, self.y = gram, features, fitting, targets.double()
        self.y_mean = self.y.mean(0)
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
        y = self.y[self.fitting]
        return torch.addmm(y.mean(0), torch.cholesky_solve(self.across.T, factor).T, y - y.mean(0))

    def whole(self, ridge: float) -> torch.Tensor:
        """Return the shares (samples, outputs) of all samples' centred features in the weights fitted to all."""
        factor = self.factor(self.gram, ridge)
        while factor is None:
            factor = self.factor(self.gram, ridge := RAISED * ridge)
        return torch.cholesky_solve(self.y - self.y_mean, factor)

    def factor(self, gram: torch.Tensor, ridge: float) -> torch.Tensor | None:
        """Return the Cholesky factor of some samples' Gram matrix with the ridge, None if it fails."""
        return factorised(gram, ridge * float(gram.trace()) / self.features)


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


def factorised(gram: torch.Tensor, added: float) -> torch.Tensor | None:
    """Return the Cholesky factor of a Gram matrix with `added` on its diagonal (1 for a zero one), None if it fails."""
    regularised = gram.clone()
    regularised.diagonal().add_(added if added != 0 else 1.0)
    factor, failed = torch.linalg.cholesky_ex(regularised)
    return None if failed else factor
