"""Bring a layer's input and output to one number of entries (METHOD section 1, the paper's figure 2)."""

import torch
from torch.nn import functional


def padded(x: torch.Tensor, states: int, value: float) -> torch.Tensor:
    """Append `value` to (..., n) until it has `states` entries."""
    return functional.pad(x, (0, states - x.shape[-1]), value=value)
