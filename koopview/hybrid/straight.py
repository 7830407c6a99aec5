"""Entries of paths that go straight from where they begin to a pad, as appended ones do: multiples of their beginning.

What they add to a product of delay vectors is what they add at the first step, times a number.
"""

import torch

LEFT = 1e-12
"""Largest difference from a multiple that rounding leaves, as a share of where a path begins."""


def others_and_shares(states: torch.Tensor, outputs: int) -> tuple[int, torch.Tensor]:
    """Return how many entries are not straight, the first ones, and the shares of those that are: 0 if none is."""
    shares = straight_shares(states, outputs)
    return (states.shape[2], states.new_zeros(len(states))) if shares is None else (outputs, shares)


def straight_shares(states: torch.Tensor, outputs: int) -> torch.Tensor | None:
    """Return what the entries from number `outputs` on are multiplied with at each step, float64 (steps,).

    `states` are those of centred paths (steps, samples, states), float64. None if the entries are no such multiples, or
    there are none, or none varies.
    """
    appended = states[:, :, outputs:]
    square = appended[0].square().sum()
    if not square > 0:
        return None
    shares = torch.stack([(step * appended[0]).sum() / square for step in appended])
    largest = LEFT * float(appended[0].abs().amax())
    rest = [float((step - share * appended[0]).abs().amax()) for step, share in zip(appended, shares, strict=True)]
    return shares if max(rest) <= largest else None
