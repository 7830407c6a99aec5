"""Convolutional networks with residual sums and dense connections."""

from functools import partial

import torch
from torch import nn
from torch.nn import functional


def conv3x3(inputs, outputs, stride=1, groups=1):
    return nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, groups=groups, bias=False)


def conv1x1(inputs, outputs, stride=1):
    return nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False)


class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, inputs, planes, stride=1, downsample=None, groups=1):
        super().__init__()
        self.conv1, self.bn1 = conv3x3(inputs, planes, stride), nn.BatchNorm2d(planes)
        self.relu = nn.ReLU(inplace=True)
        self.conv2, self.bn2 = conv3x3(planes, planes), nn.BatchNorm2d(planes)
        self.downsample = downsample

    def forward(self, x):
        identity = x
        out = self.conv1(x)
        out = self.bn1(out)
        out = self.relu(out)
        out = self.conv2(out)
        out = self.bn2(out)
        if self.downsample is not None:
            identity = self.downsample(x)
        out += identity
        return self.relu(out)


class Bottleneck(nn.Module):
    expansion = 2

    def __init__(self, inputs, planes, stride=1, downsample=None, groups=1):
        super().__init__()
        self.conv1, self.bn1 = conv1x1(inputs, planes), nn.BatchNorm2d(planes)
        self.conv2, self.bn2 = conv3x3(planes, planes, stride, groups), nn.BatchNorm2d(planes)
        self.conv3, self.bn3 = conv1x1(planes, planes * self.expansion), nn.BatchNorm2d(planes * self.expansion)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = downsample

    def forward(self, x):
        identity = x
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        if self.downsample is not None:
            identity = self.downsample(x)
        out += identity
        return self.relu(out)


class SqueezeExcitation(nn.Module):
    def __init__(self, channels, reduction=4):
        super().__init__()
        self.avg_pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(
            nn.Linear(channels, channels // reduction, bias=False),
            nn.ReLU(inplace=True),
            nn.Linear(channels // reduction, channels, bias=False),
            nn.Sigmoid(),
        )

    def forward(self, x):
        b, c, _, _ = x.size()
        y = self.avg_pool(x).view(b, c)
        y = self.fc(y).view(b, c, 1, 1)
        return x * y.expand_as(x)


class SqueezedBlock(BasicBlock):
    def __init__(self, inputs, planes, stride=1, downsample=None, groups=1):
        super().__init__(inputs, planes, stride, downsample)
        self.se = SqueezeExcitation(planes)

    def forward(self, x):
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.se(self.bn2(self.conv2(out)))
        return self.relu(out + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    """Four stages of residual blocks, the first block of a stage with a convolution in its skip (He 2015)."""

    def __init__(self, block, layers=(2, 2, 2, 2), widths=(8, 8, 12, 16), groups=1):
        super().__init__()
        self.inplanes = widths[0]
        self.conv1, self.bn1 = conv3x3(3, widths[0], 2), nn.BatchNorm2d(widths[0])
        self.relu, self.maxpool = nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, padding=1)
        for index, (count, width) in enumerate(zip(layers, widths, strict=True)):
            stage = self._make_layer(block, width, count, 1 if index == 0 else 2, groups)
            self.add_module(f"layer{index + 1}", stage)
        self.avgpool, self.fc = nn.AdaptiveAvgPool2d((1, 1)), nn.Linear(widths[-1] * block.expansion, 10)

    def _make_layer(self, block, planes, count, stride, groups):
        outputs, downsample = planes * block.expansion, None
        if stride != 1 or self.inplanes != outputs:
            downsample = nn.Sequential(conv1x1(self.inplanes, outputs, stride), nn.BatchNorm2d(outputs))
        blocks = [block(self.inplanes, planes, stride, downsample, groups)]
        self.inplanes = outputs
        return nn.Sequential(*blocks, *[block(outputs, planes, groups=groups) for _ in range(1, count)])

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer1(x)
        x = self.layer2(x)
        x = self.layer3(x)
        x = self.layer4(x)
        return self.fc(torch.flatten(self.avgpool(x), 1))


class PreActBlock(nn.Module):
    def __init__(self, inputs, planes, stride=1):
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(inputs), conv3x3(inputs, planes, stride)
        self.bn2, self.conv2 = nn.BatchNorm2d(planes), conv3x3(planes, planes)
        if stride != 1 or inputs != planes:
            self.shortcut = nn.Sequential(conv1x1(inputs, planes, stride))

    def forward(self, x):
        out = functional.relu(self.bn1(x))
        shortcut = self.shortcut(out) if hasattr(self, "shortcut") else x
        out = self.conv1(out)
        out = self.conv2(functional.relu(self.bn2(out)))
        out += shortcut
        return out


class PreActResNet(nn.Module):
    """Norm and activation before each convolution, so that the stream is never rectified (He 2016)."""

    def __init__(self):
        super().__init__()
        self.conv1 = conv3x3(3, 8)
        self.layer1 = nn.Sequential(PreActBlock(8, 8), PreActBlock(8, 8))
        self.layer2 = nn.Sequential(PreActBlock(8, 12, 2), PreActBlock(12, 12))
        self.linear = nn.Linear(48, 10)

    def forward(self, x):
        out = self.layer2(self.layer1(self.conv1(x)))
        out = functional.avg_pool2d(out, 2)
        return self.linear(out.view(out.size(0), -1))


class DenseLayer(nn.Module):
    def __init__(self, inputs, growth):
        super().__init__()
        self.norm1, self.relu1 = nn.BatchNorm2d(inputs), nn.ReLU(inplace=True)
        self.conv1 = nn.Conv2d(inputs, 2 * growth, 1, bias=False)
        self.norm2, self.relu2 = nn.BatchNorm2d(2 * growth), nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(2 * growth, growth, 3, padding=1, bias=False)

    def forward(self, features):
        joined = torch.cat(features, 1)
        out = self.conv1(self.relu1(self.norm1(joined)))
        return self.conv2(self.relu2(self.norm2(out)))


class DenseBlock(nn.ModuleDict):
    def __init__(self, count, inputs, growth):
        super().__init__()
        for index in range(count):
            self.add_module(f"denselayer{index + 1}", DenseLayer(inputs + index * growth, growth))

    def forward(self, first):
        features = [first]
        for layer in self.values():
            features.append(layer(features))
        return torch.cat(features, 1)


class DenseNet(nn.Module):
    """Every layer of a block sees the outputs of all before it (Huang 2016)."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1, bias=False),
            DenseBlock(3, 8, 4),
            nn.Sequential(nn.BatchNorm2d(20), nn.ReLU(inplace=True), nn.Conv2d(20, 10, 1, bias=False), nn.AvgPool2d(2)),
            DenseBlock(3, 10, 4),
            nn.BatchNorm2d(22),
        )
        self.classifier = nn.Linear(22, 10)

    def forward(self, x):
        features = self.features(x)
        out = functional.relu(features, inplace=True)
        out = functional.adaptive_avg_pool2d(out, (1, 1))
        return self.classifier(torch.flatten(out, 1))


class RegNetBlock(nn.Module):
    def __init__(self, inputs, outputs, stride, group_width):
        super().__init__()
        self.proj = None
        if inputs != outputs or stride != 1:
            self.proj = nn.Sequential(conv1x1(inputs, outputs, stride), nn.BatchNorm2d(outputs))
        self.f = nn.Sequential(
            nn.Sequential(conv1x1(inputs, outputs), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)),
            nn.Sequential(
                conv3x3(outputs, outputs, stride, outputs // group_width),
                nn.BatchNorm2d(outputs),
                nn.ReLU(inplace=True),
            ),
            SqueezeExcitation(outputs),
            nn.Sequential(conv1x1(outputs, outputs), nn.BatchNorm2d(outputs)),
        )
        self.activation = nn.ReLU(inplace=True)

    def forward(self, x):
        x = self.proj(x) + self.f(x) if self.proj is not None else x + self.f(x)
        return self.activation(x)


def regnet():
    """A stem, and stages of grouped bottlenecks with squeeze and excitation (Radosavovic 2020)."""
    blocks = [RegNetBlock(8, 8, 2, 4), RegNetBlock(8, 16, 2, 4), RegNetBlock(16, 16, 1, 4)]
    stem = nn.Sequential(conv3x3(3, 8, 2), nn.BatchNorm2d(8), nn.ReLU(inplace=True))
    return nn.Sequential(stem, *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10))


RESIDUAL_CONVOLUTIONAL = {
    "resnet18": (partial(ResNet, BasicBlock), (3, 32, 32)),
    "resnet_bottleneck": (partial(ResNet, Bottleneck), (3, 32, 32)),
    "resnext": (partial(ResNet, Bottleneck, groups=4), (3, 32, 32)),
    "se_resnet": (partial(ResNet, SqueezedBlock, (1, 1, 1, 1)), (3, 32, 32)),
    "preact_resnet": (PreActResNet, (3, 8, 8)),
    "densenet": (DenseNet, (3, 8, 8)),
    "regnet": (regnet, (3, 16, 16)),
}
