"""Architectures of built-in networks that are no plain chains, by the name that their files carry."""

from collections.abc import Callable

from torch import nn

from koopview.network.architectures.residual_convolutional import ResidualConvolutional
from koopview.network.architectures.residual_perceptron import ResidualPerceptron
from koopview.network.architectures.vision_transformer import VisionTransformer

ARCHITECTURES: dict[str, Callable[[], nn.Module]] = {
    "residual-convolutional": ResidualConvolutional,
    "residual-perceptron": ResidualPerceptron,
    "vision-transformer": VisionTransformer,
}
"""What makes a module of each architecture, with random weights; it takes pictures as rows (samples, 784)."""
