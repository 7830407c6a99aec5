"""What goes past a stage inside a block, kept behind the stage's coordinates: a sample's numbers stay together."""

import torch
from torch.nn import functional


def beside(numbers: torch.Tensor, past: torch.Tensor) -> torch.Tensor:
    """Return numbers (samples, columns) or (samples, rows, columns), followed by those that go past (samples, carried).

    Several rows of a sample share them, filled up with zeros.
    """
    if past.shape[1] == 0:
        return numbers
    rows = 1 if numbers.ndim == 2 else numbers.shape[1]
    shared = functional.pad(past, (0, -past.shape[1] % rows))
    return torch.cat([numbers, shared if numbers.ndim == 2 else shared.unflatten(1, (rows, -1))], -1)


def apart(numbers: torch.Tensor, carried: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the two tensors of which :func:`beside` made one, the second of them (samples, carried)."""
    rows = 1 if numbers.ndim == 2 else numbers.shape[1]
    kept = numbers.shape[-1] - -(-carried // rows)
    return numbers[..., :kept], numbers[..., kept:].flatten(1)[:, :carried]
