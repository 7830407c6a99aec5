"""Entries of paths that go straight from where they begin to a pad, as appended ones do: multiples of their beginning.

What they add to a product of delay vectors is what they add at the first step, times a number.
"""

import torch

LEFT, TINY = 1e-12, 1e-300
"""Largest difference from a multiple that rounding leaves, as a share of where a path begins."""


def straight_shares(states: torch.Tensor, outputs: int) -> torch.Tensor | None:
    """Return what the entries from number `outputs` on are multiplied with at each step, float64 (steps,).

    `states` are those of centred paths (steps, samples, states), float64. None if the entries are no such multiples, or
    there are none.
    """
    appended = states[:, :, outputs:]
    if not appended.numel():
        return None
    first = appended[0]
    shares = (appended * first).sum((1, 2)) / first.square().sum().clamp_min(TINY)
    rest = (appended - shares[:, None, None] * first).abs().amax()
    return shares if rest <= LEFT * first.abs().amax() else None
