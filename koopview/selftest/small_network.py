"""A small network with an attention, and data, made at once; torch is imported when it is used."""

import numpy as np
import torch
from torch import nn

from koopview.study.study import Study


class Attention(nn.Module):
    """Three words that attend to each other."""

    def __init__(self) -> None:
        super().__init__()
        self.queries, self.values = nn.Linear(4, 4), nn.Linear(4, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the words (samples, 3, 4), each with what it takes from the others."""
        return x + torch.softmax(self.queries(x) @ x.transpose(1, 2), -1) @ self.values(x)


@torch.random.fork_rng(devices=[])
def small_study() -> Study:
    """Return the Study of a small network with random weights on random words."""
    torch.manual_seed(0)
    network = nn.Sequential(Attention(), nn.Flatten(), nn.Linear(12, 3))
    words = np.random.default_rng(0).normal(size=(80, 3, 4)).astype(np.float32)
    return Study(network, words, np.arange(80) % 3)
