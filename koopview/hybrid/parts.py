"""Parts of the fitting samples: a fifth, or JUDGING of more, to judge by, the others to fit to: no choice overfits."""

import torch

JUDGING_SHARE = 0.2
"""Share of the fitting samples that judge a choice (a ridge, a rank) made on the others, as long as they are few."""

JUDGING = 2048
"""Most samples that judge a choice."""

LEAST_TO_PART = 10
"""With fewer samples, all of them are in both parts."""

_SEED = 0


def fifth(count: int, rows: int = 1) -> tuple[torch.Tensor, torch.Tensor]:
    """Return indices of the samples to fit to and of those to judge by, a fifth or JUDGING, the same for a `count`.

    int64 tensors of the CPU, in the order of a fixed permutation; they share no sample unless there are fewer than
    LEAST_TO_PART. Where each sample has several `rows`, side by side, the indices are those of its rows.
    """
    if rows > 1:
        samples = fifth(count)
        return _rows_of(samples[0], rows), _rows_of(samples[1], rows)
    order = torch.randperm(count, generator=torch.Generator().manual_seed(_SEED))
    if count < LEAST_TO_PART:
        return order, order
    judging = min(round(JUDGING_SHARE * count), JUDGING)
    return order[judging:], order[:judging]


def _rows_of(samples: torch.Tensor, rows: int) -> torch.Tensor:
    """Return the indices of the rows of samples, those of a sample side by side."""
    return (samples[:, None] * rows + torch.arange(rows)).flatten()
