"""Networks of sequences: dilated and causal convolutions, recurrences, convolutions beside attention."""

from functools import partial

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.parametrizations import weight_norm


class Chomp1d(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.chomp_size = size

    def forward(self, x):
        return x[:, :, : -self.chomp_size].contiguous()


class TemporalBlock(nn.Module):
    def __init__(self, inputs, outputs, dilation):
        super().__init__()
        padding = 2 * dilation

        def half(taken):
            conv = weight_norm(nn.Conv1d(taken, outputs, 3, padding=padding, dilation=dilation))
            return [conv, Chomp1d(padding), nn.ReLU(), nn.Dropout(0.2)]

        self.net = nn.Sequential(*half(inputs), *half(outputs))
        self.downsample = nn.Conv1d(inputs, outputs, 1) if inputs != outputs else None
        self.relu = nn.ReLU()

    def forward(self, x):
        out = self.net(x)
        res = x if self.downsample is None else self.downsample(x)
        return self.relu(out + res)


class TemporalConvNet(nn.Module):
    """Dilated causal convolutions in residual blocks, the last position classified (Bai 2018)."""

    def __init__(self):
        super().__init__()
        self.network = nn.Sequential(TemporalBlock(2, 8, 1), TemporalBlock(8, 8, 2), TemporalBlock(8, 10, 4))
        self.linear = nn.Linear(10, 4)

    def forward(self, x):
        return self.linear(self.network(x)[:, :, -1])


class WaveNet(nn.Module):
    """Gated dilated convolutions whose skips are summed (van den Oord 2016)."""

    def __init__(self, width=6, dilations=(1, 2, 4)):
        super().__init__()
        self.start, self.dilations = nn.Conv1d(1, width, 1), dilations
        self.filters = nn.ModuleList([nn.Conv1d(width, width, 2, dilation=d) for d in dilations])
        self.gates = nn.ModuleList([nn.Conv1d(width, width, 2, dilation=d) for d in dilations])
        self.residuals = nn.ModuleList([nn.Conv1d(width, width, 1) for _ in dilations])
        self.skips = nn.ModuleList([nn.Conv1d(width, 8, 1) for _ in dilations])
        self.end1, self.end2 = nn.Conv1d(8, 8, 1), nn.Conv1d(8, 5, 1)

    def forward(self, x):
        x, skip = self.start(x), 0
        for i, dilation in enumerate(self.dilations):
            padded = functional.pad(x, (dilation, 0))
            gated = torch.tanh(self.filters[i](padded)) * torch.sigmoid(self.gates[i](padded))
            skip = skip + self.skips[i](gated)
            x = x + self.residuals[i](gated)
        return self.end2(functional.relu(self.end1(functional.relu(skip)))).mean(-1)


class Residual1d(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv1d(inputs, outputs, 7, stride, 3, bias=False), nn.BatchNorm1d(outputs)
        self.conv2, self.bn2 = nn.Conv1d(outputs, outputs, 7, 1, 3, bias=False), nn.BatchNorm1d(outputs)
        self.shortcut = nn.Identity() if inputs == outputs else nn.Conv1d(inputs, outputs, 1, stride)

    def forward(self, x):
        out = functional.relu(self.bn1(self.conv1(x)))
        return functional.relu(self.bn2(self.conv2(out)) + self.shortcut(x))


def resnet_1d():
    """Residual blocks over time, as for electrocardiograms (Hannun 2019)."""
    blocks = [Residual1d(8, 8, 1), Residual1d(8, 12, 2), Residual1d(12, 12, 1)]
    return nn.Sequential(
        nn.Conv1d(2, 8, 7, padding=3), nn.MaxPool1d(2), *blocks, nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(12, 4)
    )


class RecurrentClassifier(nn.Module):
    """A recurrence over time, of `layers` layers, whose last output is classified."""

    def __init__(self, kind, layers=1, bidirectional=False):
        super().__init__()
        self.rnn = kind(3, 10, layers, batch_first=True, bidirectional=bidirectional)
        self.fc1, self.fc2 = nn.Linear(20 if bidirectional else 10, 12), nn.Linear(12, 4)

    def forward(self, x):
        out, _ = self.rnn(x)
        return self.fc2(torch.relu(self.fc1(out[:, -1, :])))


class CellLoop(nn.Module):
    """A recurrent cell that the forward pass calls at each time step."""

    def __init__(self):
        super().__init__()
        self.cell, self.readout = nn.RNNCell(3, 10), nn.Linear(10, 4)

    def forward(self, x):
        h = torch.zeros(x.size(0), 10, device=x.device)
        for t in range(x.size(1)):
            h = self.cell(x[:, t], h)
        return self.readout(h)


class FeedForward(nn.Sequential):
    def __init__(self, width):
        super().__init__(nn.LayerNorm(width), nn.Linear(width, 2 * width), nn.SiLU(), nn.Linear(2 * width, width))


class ConvolutionModule(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.layer_norm, self.pointwise_conv1 = nn.LayerNorm(width), nn.Conv1d(width, 2 * width, 1)
        self.depthwise_conv = nn.Conv1d(width, width, 3, padding=1, groups=width)
        self.batch_norm, self.pointwise_conv2 = nn.BatchNorm1d(width), nn.Conv1d(width, width, 1)

    def forward(self, x):
        x = self.layer_norm(x).transpose(1, 2)
        x = functional.glu(self.pointwise_conv1(x), dim=1)
        x = functional.silu(self.batch_norm(self.depthwise_conv(x)))
        return self.pointwise_conv2(x).transpose(1, 2)


class ConformerBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.ffn1, self.ffn2, self.conv = FeedForward(width), FeedForward(width), ConvolutionModule(width)
        self.self_attn_norm, self.self_attn = nn.LayerNorm(width), nn.MultiheadAttention(width, 2, batch_first=True)
        self.final_norm = nn.LayerNorm(width)

    def forward(self, x, key_padding_mask=None):
        x = x + 0.5 * self.ffn1(x)
        h = self.self_attn_norm(x)
        h, _ = self.self_attn(h, h, h, key_padding_mask=key_padding_mask, need_weights=False)
        x = x + h
        x = x + self.conv(x)
        return self.final_norm(x + 0.5 * self.ffn2(x))


class Conformer(nn.Module):
    """Attention beside convolutions, between two halves of a perceptron (Gulati 2020)."""

    def __init__(self, width=12):
        super().__init__()
        self.subsample, self.project = nn.Conv1d(4, width, 3, stride=2, padding=1), nn.Linear(width, width)
        self.blocks = nn.ModuleList([ConformerBlock(width) for _ in range(2)])
        self.head = nn.Linear(width, 5)

    def forward(self, x):
        x = self.project(functional.relu(self.subsample(x)).transpose(1, 2))
        for block in self.blocks:
            x = block(x, key_padding_mask=None)
        return self.head(x.mean(dim=1))


class SpeechNet(nn.Module):
    """Convolutions over time, a recurrence after them, classes at its last step (as in deep speech and event nets)."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Sequential(nn.Conv1d(4, 8, 3, padding=1), nn.BatchNorm1d(8), nn.Hardtanh(0, 20), nn.MaxPool1d(2))
        self.gru, self.fc = nn.GRU(8, 10, batch_first=True, bidirectional=True), nn.Linear(20, 5)

    def forward(self, x):
        x = self.conv(x).transpose(1, 2)
        _, h = self.gru(x)
        return self.fc(torch.cat([h[0], h[1]], dim=1))


SEQUENCES = {
    "tcn": (TemporalConvNet, (2, 24)),
    "wavenet": (WaveNet, (1, 24)),
    "resnet_1d": (resnet_1d, (2, 32)),
    "lstm": (partial(RecurrentClassifier, nn.LSTM), (9, 3)),
    "gru": (partial(RecurrentClassifier, nn.GRU, 2, True), (9, 3)),
    "rnn_cell": (CellLoop, (6, 3)),
    "conformer": (Conformer, (4, 16)),
    "speech_net": (SpeechNet, (4, 16)),
}
