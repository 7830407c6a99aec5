"""The lifted state z[0] in coordinates that vary: the states of an entry at the first steps differ little."""

import torch

from koopview.network.network import Function

FLOOR = 1e-14
"""Variance of a coordinate, as a share of the features' mean variance, below which it is left out: a hundredth of
the smallest ridge, and nearly the rounding of float64, which would pass for coordinates below it."""


class CompactLift:
    """The function from a layer's inputs to the coordinates of z[0] that vary, in the precision of the inputs.

    Each entry of a state has coordinates of its own, orthonormal combinations of its values at the first h steps. An
    entry whose path is straight has two of them, whatever h. An affine map with a ridge is the same in z[0] and here.

    Parameters
    ----------
    lifted : Function
        From inputs to z[0] (samples, delays * states).
    delays : int
    x : tensor (samples, inputs)
        Some samples, whose coordinates show which ones vary.
    """

    def __init__(self, lifted: Function, delays: int, x: torch.Tensor) -> None:
        self.lifted, self.delays = lifted, delays
        z = torch.cat([self._entries(batch.double()) for batch in x.split(256)], 1)
        z -= z.mean(1, keepdim=True)
        values, vectors = torch.linalg.eigh(z.mT @ z / z.shape[1])
        varies = values.flip(1) > FLOOR * values.sum() / values.numel()
        most = max(1, int(varies.sum(1).max()))
        self.features = values.numel()
        self._bases = vectors.flip(2)[:, :, :most].contiguous()
        self._chosen = varies[:, :most].T.flatten().nonzero()[:, 0]

    @property
    def coordinates(self) -> int:
        """Number of coordinates."""
        return len(self._chosen)

    def _entries(self, x: torch.Tensor) -> torch.Tensor:
        """Return z[0] of inputs (samples, inputs) entry by entry, (states, samples, delays)."""
        return self.lifted(x).unflatten(1, (self.delays, -1)).permute(2, 0, 1)

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Return the coordinates (samples, coordinates) of inputs (samples, inputs), float32 or float64."""
        made = self._entries(x) @ self._bases.to(x.dtype)
        return made.permute(1, 2, 0).flatten(1)[:, self._chosen]
