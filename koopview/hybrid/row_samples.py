"""Which rows of states a fit takes, where a sample has several: its tokens, or its positions."""

from dataclasses import dataclass

import torch

from koopview.trajectory.scaled_layer import ScaledLayer

MOST_ROWS = 20_000
"""Most trajectories that a fit takes; samples with many rows then give some of theirs, each position as often."""


@dataclass(frozen=True, eq=False)
class RowSamples:
    """Rows drawn of samples: `each` of the `rows` that every sample has, sample i those that follow row i x each."""

    rows: int
    each: int

    @classmethod
    def of(cls, rows: int, samples: int) -> "RowSamples":
        """Return the RowSamples of that many samples."""
        return cls(rows, min(rows, max(1, MOST_ROWS // max(1, samples))))

    def drawn(self, of_all: torch.Tensor, first: int = 0) -> torch.Tensor:
        """Return the rows drawn (samples x each, ...) of all rows (samples x rows, ...), from sample number `first`."""
        if self.each == self.rows:
            return of_all
        samples = of_all.unflatten(0, (-1, self.rows))
        numbers = torch.arange(len(samples), device=of_all.device)[:, None]
        places = ((first + numbers) * self.each + torch.arange(self.each, device=of_all.device)) % self.rows
        return samples[numbers, places].flatten(0, 1)

    def paths(self, scaled: ScaledLayer, x: torch.Tensor, start: int, stop: int) -> torch.Tensor:
        """Return the paths of drawn rows number `start` to `stop` of inputs x (samples, inputs), float64."""
        first, last = start // self.each, -(-stop // self.each)
        found = self.drawn(scaled.paths(x[first:last].double(), scaled.steps), first)
        return found[start - first * self.each : stop - first * self.each]
