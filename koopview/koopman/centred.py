"""A pass over trajectories in float32, of what they differ from their chunk's mean by, at twice the rate of float64."""

from typing import Any

from koopview.koopman.arrays import Array, arrays_of
from koopview.koopman.products import products_of
from koopview.koopman.trajectories import Snapshots


class CentredPass:
    """The sum over chunks of ``Z Z^T block``, computed in float32 but for the part of the chunks' means.

    Most of a path's square is that of its mean; what is left takes fewer digits: on MNIST's first layer eigenvalues of
    rank 50 lose 6e-8. Sums over chunks are float64.

    Parameters
    ----------
    snapshots : Snapshots
        Of whose trajectories only the sizes and the place are used.
    block : array (features, columns)
        Float64, orthonormal.
    """

    def __init__(self, snapshots: Snapshots, block: Array) -> None:
        self._single, self._double = products_of(snapshots.in_single()), products_of(snapshots)
        xp = arrays_of(block)
        self._factors = self._single.factor(xp.float32(block)), self._double.factor(block)
        nothing = self._double.prepare(xp.zeros(1, snapshots.steps + 1, snapshots.states))
        self.total: Any = 0 * self._double.apply_adjoint(nothing, self._double.apply(nothing, self._factors[1]))

    def add(self, chunk: Array) -> None:
        """Add the float32 trajectories (samples, steps + 1, states) of a chunk."""
        xp, samples = arrays_of(chunk), int(chunk.shape[0])
        mean = xp.sum(xp.float64(chunk), 0) / samples
        apart = self._single.prepare(chunk - xp.float32(mean))
        self.total += self._single.apply_adjoint(apart, self._single.apply(apart, self._factors[0]))
        means = self._double.prepare(samples**0.5 * mean.reshape((1, *mean.shape)))
        self.total += self._double.apply_adjoint(means, self._double.apply(means, self._factors[1]))

    def product(self) -> Array:
        """Return ``Z Z^T block`` with the last block of ``Z' Z^T block`` below it, ((h + 1) * states, columns)."""
        return self._double.assemble(self.total)
