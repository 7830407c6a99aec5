"""Networks of dense layers in ways that no nn.Sequential has: gates, tuples, arguments, shared parts, bases."""

import itertools

import torch
from torch import nn
from torch.nn import functional


class Highway(nn.Module):
    """Each layer mixes its output with its input by a gate (Srivastava 2015)."""

    def __init__(self, width=16, depth=3):
        super().__init__()
        self.first = nn.Linear(8, width)
        self.nonlinear = nn.ModuleList([nn.Linear(width, width) for _ in range(depth)])
        self.gate = nn.ModuleList([nn.Linear(width, width) for _ in range(depth)])
        self.last = nn.Linear(width, 4)

    def forward(self, x):
        x = functional.relu(self.first(x))
        for nonlinear, gate in zip(self.nonlinear, self.gate, strict=True):
            g = torch.sigmoid(gate(x))
            x = g * functional.relu(nonlinear(x)) + (1 - g) * x
        return self.last(x)


class PointNet(nn.Module):
    """One perceptron for all points, the largest of each feature, a classifier (Qi 2016)."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv1d(3, 8, 1), nn.Conv1d(8, 24, 1)
        self.bn1, self.bn2, self.bn3 = nn.BatchNorm1d(8), nn.BatchNorm1d(24), nn.BatchNorm1d(16)
        self.fc1, self.fc2 = nn.Linear(24, 16), nn.Linear(16, 5)

    def forward(self, x):
        x = x.transpose(2, 1)
        x = functional.relu(self.bn1(self.conv1(x)))
        x = self.bn2(self.conv2(x))
        x = torch.max(x, 2, keepdim=True)[0].view(-1, 24)
        x = functional.relu(self.bn3(self.fc1(x)))
        return functional.log_softmax(self.fc2(x), dim=1)


class PatternBlock(nn.Module):
    """A residual block that gives its output and which units were active."""

    def __init__(self, width):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(width, width), nn.Linear(width, width)

    def forward(self, x):
        hidden = functional.relu(self.fc1(x))
        return x + self.fc2(hidden), hidden > 0


class PatternMlp(nn.Module):
    """A residual network whose blocks, and which itself, give an output and activation patterns."""

    def __init__(self, width=16, depth=4):
        super().__init__()
        self.inputs, self.outputs = nn.Linear(12, width), nn.Linear(width, 4)
        self.blocks = nn.ModuleList([PatternBlock(width) for _ in range(depth)])

    def forward(self, x):
        patterns = []
        x = self.inputs(x)
        for block in self.blocks:
            x, pattern = block(x)
            patterns.append(pattern)
        return self.outputs(x), torch.stack(patterns, 1)


class NormedMlp(nn.Module):
    """Dense layers each followed by a layer norm, an activation, and dropout; a sum around each pair."""

    def __init__(self, width=16, depth=3):
        super().__init__()
        self.inputs, self.outputs = nn.Linear(12, width), nn.Linear(width, 4)
        self.blocks = nn.ModuleList(
            [
                nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))
                for _ in range(depth)
            ]
        )

    def forward(self, x):
        x = self.inputs(x)
        for block in self.blocks:
            x = x + block(x)
        return self.outputs(x)


class Siamese(nn.Module):
    """Two halves of a sample through one branch; their difference and sum decide."""

    def __init__(self):
        super().__init__()
        self.branch = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 8), nn.Tanh())
        self.decide = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 2))

    def forward(self, x):
        a, b = self.branch(x[:, :6]), self.branch(x[:, 6:])
        return self.decide(torch.abs(a - b) + a * b)


class WithArguments(nn.Module):
    """A forward pass with arguments that are None or a truth value, passed on to its blocks."""

    class Inner(nn.Module):
        def __init__(self, width):
            super().__init__()
            self.fc, self.norm = nn.Linear(width, width), nn.LayerNorm(width)

        def forward(self, x, mask=None, normalize=True):
            x = functional.elu(self.fc(x))
            if mask is not None:
                x = x * mask
            return self.norm(x) if normalize else x

    def __init__(self):
        super().__init__()
        self.first, self.second, self.last = nn.Linear(8, 12), self.Inner(12), nn.Linear(12, 3)

    def forward(self, x, mask=None, return_hidden=False):
        hidden = self.second(self.first(x), mask=mask, normalize=True)
        return (self.last(hidden), hidden) if return_hidden else self.last(hidden)


class Sine(nn.Module):
    def __init__(self, inputs, outputs, omega):
        super().__init__()
        self.linear, self.omega_0 = nn.Linear(inputs, outputs), omega

    def forward(self, x):
        return torch.sin(self.omega_0 * self.linear(x))


def siren():
    """Sines as activations, of coordinates (Sitzmann 2020)."""
    return nn.Sequential(Sine(2, 24, 3.0), Sine(24, 24, 1.5), nn.Linear(24, 3))


class SplineLayer(nn.Module):
    """A sum of SiLU and of splines of each input, all with learned weights."""

    def __init__(self, inputs, outputs, count=6):
        super().__init__()
        self.base = nn.Linear(inputs, outputs, bias=False)
        self.spline = nn.Parameter(0.3 * torch.randn(outputs, inputs * count))
        self.register_buffer("grid", torch.linspace(-2, 2, count))

    def forward(self, x):
        basis = torch.exp(-((x.unsqueeze(-1) - self.grid) ** 2) / 0.5)
        return self.base(functional.silu(x)) + functional.linear(basis.flatten(1), self.spline)


def kolmogorov_arnold():
    """Learned functions on the edges (Liu 2024), with radial bases."""
    return nn.Sequential(SplineLayer(4, 8), SplineLayer(8, 8), SplineLayer(8, 3))


class SquaredRelu(nn.Module):
    def forward(self, x):
        return torch.relu(x) ** 2


def squared():
    """Squares of rectified values (So 2021), and a layer norm between a dense layer and its activation."""
    return nn.Sequential(
        nn.Linear(8, 16), SquaredRelu(), nn.Linear(16, 16), nn.LayerNorm(16), nn.ReLU(), nn.Linear(16, 4)
    )


class Prelu(nn.Module):
    """A slope of its own for every channel, of a convolution and of a dense layer (He 2015)."""

    def __init__(self):
        super().__init__()
        self.conv, self.act1, self.pool = nn.Conv2d(1, 6, 3), nn.PReLU(6), nn.AvgPool2d(2)
        self.fc1, self.act2, self.fc2 = nn.Linear(54, 12), nn.PReLU(12), nn.Linear(12, 4)

    def forward(self, x):
        x = self.pool(self.act1(self.conv(x)))
        return self.fc2(self.act2(self.fc1(x.flatten(1))))


class MixtureOfExperts(nn.Module):
    """A softmax weighs the outputs of several perceptrons (Jacobs 1991)."""

    def __init__(self, experts=3):
        super().__init__()
        self.gate = nn.Linear(8, experts)
        self.experts = nn.ModuleList(
            [nn.Sequential(nn.Linear(8, 12), nn.Tanh(), nn.Linear(12, 6)) for _ in range(experts)]
        )
        self.head = nn.Linear(6, 3)

    def forward(self, x):
        weights = torch.softmax(self.gate(x), dim=-1)
        outputs = torch.stack([expert(x) for expert in self.experts], dim=1)
        return self.head((weights.unsqueeze(-1) * outputs).sum(dim=1))


class Snn(nn.Sequential):
    """Self-normalizing layers, whose dropout keeps mean and variance (Klambauer 2017)."""

    def __init__(self):
        widths = (8, 16, 16, 3)
        parts = [part for a, b in itertools.pairwise(widths) for part in self._part(a, b)]
        super().__init__(*parts[:-2])

    @staticmethod
    def _part(inputs, outputs):
        return nn.Linear(inputs, outputs), nn.SELU(), nn.AlphaDropout(0.1)


PERCEPTRONS = {
    "highway": (Highway, (8,)),
    "pointnet": (PointNet, (20, 3)),
    "pattern_mlp": (PatternMlp, (12,)),
    "normed_mlp": (NormedMlp, (12,)),
    "siamese": (Siamese, (12,)),
    "with_arguments": (WithArguments, (8,)),
    "siren": (siren, (2,)),
    "kolmogorov_arnold": (kolmogorov_arnold, (4,)),
    "squared_relu": (squared, (8,)),
    "prelu": (Prelu, (1, 8, 8)),
    "mixture_of_experts": (MixtureOfExperts, (8,)),
    "snn": (Snn, (8,)),
}
