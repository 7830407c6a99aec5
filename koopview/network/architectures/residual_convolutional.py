"""A small residual convolutional network (He et al. 2016) for pictures of 28 x 28 pixels."""

from torch import Tensor, nn


class ConvolutionalBlock(nn.Module):
    """Two 3 x 3 convolutions with batch norms, and a sum with the input: ``relu(skip(x) + norm2(conv2(...)))``.

    With `stride` 2 or other `outputs` than inputs, the skip is a 1 x 1 convolution, else the identity.
    """

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        same = stride == 1 and inputs == outputs
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.skip = nn.Identity() if same else nn.Conv2d(inputs, outputs, 1, stride, bias=False)
        self.relu2 = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """Return pictures (samples, outputs, rows / stride, columns / stride) of pictures (samples, inputs, ...)."""
        change = self.norm2(self.conv2(self.relu1(self.norm1(self.conv1(x)))))
        return self.relu2(self.skip(x) + change)


class ResidualConvolutional(nn.Module):
    """A stem with stride 2, `blocks` blocks at 14 x 14, one with stride 2, `blocks` blocks at 7 x 7, and a Linear head.

    Its states are small on purpose: 8 channels x 14 x 14 = 1,568 numbers, then 16 x 7 x 7 = 784.
    """

    def __init__(self, channels: int = 8, blocks: int = 3, classes: int = 10) -> None:
        super().__init__()
        wide = 2 * channels
        self.picture = nn.Unflatten(1, (1, 28, 28))
        self.conv = nn.Conv2d(1, channels, 3, stride=2, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU()
        self.fine = nn.Sequential(*(ConvolutionalBlock(channels, channels) for _ in range(blocks)))
        self.down = ConvolutionalBlock(channels, wide, stride=2)
        self.coarse = nn.Sequential(*(ConvolutionalBlock(wide, wide) for _ in range(blocks)))
        self.flatten = nn.Flatten()
        self.head = nn.Linear(wide * 7 * 7, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits (samples, classes) of pictures as rows (samples, 784)."""
        state = self.relu(self.norm(self.conv(self.picture(x))))
        return self.head(self.flatten(self.coarse(self.down(self.fine(state)))))
