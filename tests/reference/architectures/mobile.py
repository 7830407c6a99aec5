"""Convolutional networks that separate positions from channels: depthwise, grouped, shuffled, scaled."""

import torch
from torch import nn
from torch.nn import functional


class ConvNormActivation(nn.Sequential):
    def __init__(self, inputs, outputs, kernel=3, stride=1, groups=1, activation=nn.ReLU6):
        parts = [
            nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
            nn.BatchNorm2d(outputs),
        ]
        super().__init__(*parts, *([activation(inplace=True)] if activation else []))


class MobileNetV1(nn.Module):
    """Depthwise and pointwise convolutions in turn (Howard 2017)."""

    def __init__(self):
        super().__init__()

        def separable(inputs, outputs, stride):
            return nn.Sequential(
                ConvNormActivation(inputs, inputs, 3, stride, inputs, nn.ReLU),
                ConvNormActivation(inputs, outputs, 1, activation=nn.ReLU),
            )

        self.model = nn.Sequential(
            ConvNormActivation(3, 8, 3, 2, activation=nn.ReLU),
            separable(8, 16, 1),
            separable(16, 24, 2),
            separable(24, 24, 1),
            nn.AvgPool2d(4),
        )
        self.fc = nn.Linear(24, 10)

    def forward(self, x):
        return self.fc(self.model(x).view(-1, 24))


class InvertedResidual(nn.Module):
    def __init__(self, inputs, outputs, stride, expansion):
        super().__init__()
        self.use_res_connect = stride == 1 and inputs == outputs
        hidden = inputs * expansion
        parts = [] if expansion == 1 else [ConvNormActivation(inputs, hidden, 1)]
        parts += [
            ConvNormActivation(hidden, hidden, 3, stride, hidden),
            nn.Conv2d(hidden, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        ]
        self.conv = nn.Sequential(*parts)

    def forward(self, x):
        if self.use_res_connect:
            return x + self.conv(x)
        return self.conv(x)


class MobileNetV2(nn.Module):
    """Inverted residuals whose ends are not rectified (Sandler 2018)."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            ConvNormActivation(3, 8, 3, 2),
            InvertedResidual(8, 8, 1, 1),
            InvertedResidual(8, 12, 2, 4),
            InvertedResidual(12, 12, 1, 4),
            ConvNormActivation(12, 32, 1),
        )
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(32, 10))

    def forward(self, x):
        x = self.features(x)
        x = functional.adaptive_avg_pool2d(x, (1, 1))
        return self.classifier(torch.flatten(x, 1))


class SqueezeExcitation(nn.Module):
    def __init__(self, channels, squeezed, activation, scale):
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1, self.fc2 = nn.Conv2d(channels, squeezed, 1), nn.Conv2d(squeezed, channels, 1)
        self.activation, self.scale_activation = activation(), scale()

    def forward(self, x):
        scale = self.fc2(self.activation(self.fc1(self.avgpool(x))))
        return self.scale_activation(scale) * x


class StochasticDepth(nn.Module):
    """Drops a branch in training, per sample; does nothing at rest."""

    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, x):
        if not self.training or self.p == 0.0:
            return x
        noise = torch.empty([x.shape[0]] + [1] * (x.ndim - 1)).bernoulli_(1 - self.p)
        return x * noise.div_(1 - self.p)


class MBConv(nn.Module):
    def __init__(self, inputs, outputs, stride, expansion, activation, scale, kernel=3):
        super().__init__()
        hidden = inputs * expansion
        self.use_res_connect = stride == 1 and inputs == outputs
        self.block = nn.Sequential(
            ConvNormActivation(inputs, hidden, 1, activation=activation),
            ConvNormActivation(hidden, hidden, kernel, stride, hidden, activation),
            SqueezeExcitation(hidden, 4, nn.SiLU if activation is nn.SiLU else nn.ReLU, scale),
            ConvNormActivation(hidden, outputs, 1, activation=None),
        )
        self.stochastic_depth = StochasticDepth(0.2)

    def forward(self, x):
        result = self.block(x)
        if self.use_res_connect:
            result = self.stochastic_depth(result)
            result += x
        return result


class MobileNetV3(nn.Module):
    """Squeeze and excitation with hard activations (Howard 2019)."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            ConvNormActivation(3, 8, 3, 2, activation=nn.Hardswish),
            MBConv(8, 12, 2, 2, nn.ReLU, nn.Hardsigmoid),
            MBConv(12, 12, 1, 3, nn.Hardswish, nn.Hardsigmoid, 5),
            ConvNormActivation(12, 32, 1, activation=nn.Hardswish),
        )
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(nn.Linear(32, 24), nn.Hardswish(inplace=True), nn.Dropout(), nn.Linear(24, 10))

    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


def efficientnet():
    """SiLU, squeeze and excitation, stochastic depth that is off at rest (Tan 2019)."""
    return nn.Sequential(
        ConvNormActivation(3, 8, 3, 2, activation=nn.SiLU),
        MBConv(8, 12, 2, 3, nn.SiLU, nn.Sigmoid, 5),
        MBConv(12, 12, 1, 3, nn.SiLU, nn.Sigmoid),
        ConvNormActivation(12, 32, 1, activation=nn.SiLU),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Dropout(0.2),
        nn.Linear(32, 10),
    )


def channel_shuffle(x, groups):
    batch, channels, height, width = x.size()
    x = x.view(batch, groups, channels // groups, height, width)
    x = torch.transpose(x, 1, 2).contiguous()
    return x.view(batch, channels, height, width)


class ShuffleUnit(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.stride, half = stride, outputs // 2
        taken = inputs if stride > 1 else half
        if stride > 1:
            self.branch1 = nn.Sequential(
                ConvNormActivation(taken, taken, 3, stride, taken, None),
                ConvNormActivation(taken, half, 1, activation=nn.ReLU),
            )
        self.branch2 = nn.Sequential(
            ConvNormActivation(taken, half, 1, activation=nn.ReLU),
            ConvNormActivation(half, half, 3, stride, half, None),
            ConvNormActivation(half, half, 1, activation=nn.ReLU),
        )

    def forward(self, x):
        if self.stride == 1:
            x1, x2 = x.chunk(2, dim=1)
            out = torch.cat((x1, self.branch2(x2)), dim=1)
        else:
            out = torch.cat((self.branch1(x), self.branch2(x)), dim=1)
        return channel_shuffle(out, 2)


class ShuffleNet(nn.Module):
    """Half of the channels passes by, then the channels are shuffled (Ma 2018)."""

    def __init__(self):
        super().__init__()
        self.conv1 = ConvNormActivation(3, 8, 3, 2, activation=nn.ReLU)
        self.stage2 = nn.Sequential(ShuffleUnit(8, 16, 2), ShuffleUnit(16, 16, 1))
        self.conv5, self.fc = ConvNormActivation(16, 32, 1, activation=nn.ReLU), nn.Linear(32, 10)

    def forward(self, x):
        x = self.conv5(self.stage2(self.conv1(x)))
        return self.fc(x.mean([2, 3]))


class LayerNorm2d(nn.LayerNorm):
    def forward(self, x):
        x = x.permute(0, 2, 3, 1)
        x = functional.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)
        return x.permute(0, 3, 1, 2)


class ConvNeXtBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.dwconv, self.norm = nn.Conv2d(width, width, 7, padding=3, groups=width), nn.LayerNorm(width, eps=1e-6)
        self.pwconv1, self.act, self.pwconv2 = nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        self.gamma = nn.Parameter(0.5 * torch.ones(width))
        self.drop_path = StochasticDepth(0.1)

    def forward(self, x):
        given = x
        x = self.dwconv(x)
        x = self.norm(x.permute(0, 2, 3, 1))
        x = self.pwconv2(self.act(self.pwconv1(x)))
        x = self.gamma * x
        return given + self.drop_path(x.permute(0, 3, 1, 2))


class ConvNeXt(nn.Module):
    """Depthwise 7 x 7, layer norm over channels that stand last, layer scale (Liu 2022)."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 4, stride=4), LayerNorm2d(8, eps=1e-6))
        self.stage1 = nn.Sequential(ConvNeXtBlock(8), ConvNeXtBlock(8))
        self.down = nn.Sequential(LayerNorm2d(8, eps=1e-6), nn.Conv2d(8, 12, 2, stride=2))
        self.stage2 = nn.Sequential(ConvNeXtBlock(12), ConvNeXtBlock(12))
        self.norm, self.head = nn.LayerNorm(12, eps=1e-6), nn.Linear(12, 10)

    def forward(self, x):
        x = self.stage2(self.down(self.stage1(self.stem(x))))
        return self.head(self.norm(x.mean([-2, -1])))


MOBILE = {
    "mobilenet_v1": (MobileNetV1, (3, 16, 16)),
    "mobilenet_v2": (MobileNetV2, (3, 16, 16)),
    "mobilenet_v3": (MobileNetV3, (3, 16, 16)),
    "efficientnet": (efficientnet, (3, 16, 16)),
    "shufflenet_v2": (ShuffleNet, (3, 16, 16)),
    "convnext": (ConvNeXt, (3, 32, 32)),
}
