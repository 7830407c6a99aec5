"""Architectures that are no plain chains, by the name that a file of their weights carries; torch is not imported here.

An architecture is one module of this folder, with a class that needs no arguments.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn

ARCHITECTURES = {
    "residual-convolutional": "ResidualConvolutional",
    "residual-perceptron": "ResidualPerceptron",
    "vision-transformer": "VisionTransformer",
}
"""The class of each; its module has the architecture's name with underscores."""

INPUTS = 28 * 28
"""Numbers that each of them takes a sample."""


def new_module(architecture: str, seed: int = 0) -> "nn.Module":
    """Return a module of an architecture, one of ARCHITECTURES, with the random weights of a seed.

    It takes pictures as rows (samples, 784) and returns logits (samples, classes). PyTorch's own random numbers stay
    as they are.
    """
    import torch

    home = import_module(f"{__name__}.{architecture.replace('-', '_')}")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        made: nn.Module = getattr(home, ARCHITECTURES[architecture])()
    return made
