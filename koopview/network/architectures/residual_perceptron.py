"""A residual perceptron: dense blocks on one stream of numbers, for pictures of 28 x 28 pixels."""

from torch import Tensor, nn


class DenseBlock(nn.Module):
    """Two dense layers, summed with their input: ``x + contract(relu(expand(x)))``."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.expand = nn.Linear(width, hidden)
        self.relu = nn.ReLU()
        self.contract = nn.Linear(hidden, width)

    def forward(self, x: Tensor) -> Tensor:
        """Return states (samples, width) of such states."""
        return x + self.contract(self.relu(self.expand(x)))


class ResidualPerceptron(nn.Module):
    """A Linear stem with ReLU, `blocks` dense blocks on a stream of `width` numbers, and a Linear head."""

    def __init__(self, width: int = 128, blocks: int = 5, hidden: int = 128, classes: int = 10) -> None:
        super().__init__()
        self.stem = nn.Linear(28 * 28, width)
        self.relu = nn.ReLU()
        self.blocks = nn.Sequential(*(DenseBlock(width, hidden) for _ in range(blocks)))
        self.head = nn.Linear(width, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits (samples, classes) of pictures as rows (samples, 784)."""
        return self.head(self.blocks(self.relu(self.stem(x))))
