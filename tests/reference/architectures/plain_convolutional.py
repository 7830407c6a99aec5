"""Convolutional networks without residual sums: chains, branches that are joined, encoders with decoders."""

import torch
from torch import nn
from torch.nn import functional


class AlexNet(nn.Module):
    """Large strides first, three convolutions in a row, a classifier of three layers (Krizhevsky 2012)."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 11, stride=4, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, 2),
            nn.Conv2d(8, 12, 5, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, 2),
            nn.Conv2d(12, 16, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(16, 12, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(12, 12, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, 2),
        )
        self.avgpool = nn.AdaptiveAvgPool2d((2, 2))
        self.classifier = nn.Sequential(
            nn.Dropout(),
            nn.Linear(48, 32),
            nn.ReLU(inplace=True),
            nn.Dropout(),
            nn.Linear(32, 32),
            nn.ReLU(inplace=True),
            nn.Linear(32, 10),
        )

    def forward(self, x):
        x = self.avgpool(self.features(x))
        return self.classifier(torch.flatten(x, 1))


def vgg_bn():
    """Pairs of 3 x 3 convolutions with batch norms between poolings (Simonyan 2014)."""
    parts, channels = [], 3
    for width in (8, 8, "pool", 12, 12, "pool", 16, 16, "pool"):
        if width == "pool":
            parts.append(nn.MaxPool2d(2, 2))
            continue
        parts += [nn.Conv2d(channels, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU(inplace=True)]
        channels = width
    head = [nn.Flatten(), nn.Linear(64, 24), nn.ReLU(True), nn.Dropout(), nn.Linear(24, 10)]
    return nn.Sequential(nn.Sequential(*parts), *head)


class Fire(nn.Module):
    def __init__(self, channels, squeezed, expanded):
        super().__init__()
        self.squeeze, self.squeeze_activation = nn.Conv2d(channels, squeezed, 1), nn.ReLU(inplace=True)
        self.expand1x1, self.expand1x1_activation = nn.Conv2d(squeezed, expanded, 1), nn.ReLU(inplace=True)
        self.expand3x3, self.expand3x3_activation = nn.Conv2d(squeezed, expanded, 3, padding=1), nn.ReLU(inplace=True)

    def forward(self, x):
        x = self.squeeze_activation(self.squeeze(x))
        return torch.cat(
            [self.expand1x1_activation(self.expand1x1(x)), self.expand3x3_activation(self.expand3x3(x))], 1
        )


class SqueezeNet(nn.Module):
    """Fire modules, and a convolution as the classifier (Iandola 2016)."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 8, 3, stride=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, 2, ceil_mode=True),
            Fire(8, 4, 8),
            Fire(16, 4, 8),
            nn.MaxPool2d(3, 2, ceil_mode=True),
            Fire(16, 6, 12),
        )
        self.classifier = nn.Sequential(
            nn.Dropout(0.5), nn.Conv2d(24, 10, 1), nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d((1, 1))
        )

    def forward(self, x):
        return torch.flatten(self.classifier(self.features(x)), 1)


class BasicConv2d(nn.Module):
    def __init__(self, inputs, outputs, **options):
        super().__init__()
        self.conv, self.bn = nn.Conv2d(inputs, outputs, bias=False, **options), nn.BatchNorm2d(outputs, eps=0.001)

    def forward(self, x):
        return functional.relu(self.bn(self.conv(x)), inplace=True)


class Inception(nn.Module):
    def __init__(self, inputs):
        super().__init__()
        self.branch1 = BasicConv2d(inputs, 6, kernel_size=1)
        self.branch2 = nn.Sequential(BasicConv2d(inputs, 4, kernel_size=1), BasicConv2d(4, 8, kernel_size=3, padding=1))
        self.branch3 = nn.Sequential(BasicConv2d(inputs, 3, kernel_size=1), BasicConv2d(3, 6, kernel_size=5, padding=2))
        self.branch4 = nn.Sequential(
            nn.MaxPool2d(3, 1, padding=1, ceil_mode=True), BasicConv2d(inputs, 4, kernel_size=1)
        )

    def forward(self, x):
        branches = [self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)]
        return torch.cat(branches, 1)


class GoogLeNet(nn.Module):
    """Inception modules: four branches side by side (Szegedy 2014)."""

    def __init__(self):
        super().__init__()
        self.conv1, self.maxpool1 = BasicConv2d(3, 8, kernel_size=3, stride=2, padding=1), nn.MaxPool2d(3, 2)
        self.inception3a, self.inception3b = Inception(8), Inception(24)
        self.maxpool3, self.inception4a = nn.MaxPool2d(2, 2, ceil_mode=True), Inception(24)
        self.avgpool, self.dropout, self.fc = nn.AdaptiveAvgPool2d((1, 1)), nn.Dropout(0.2), nn.Linear(24, 10)

    def forward(self, x):
        x = self.maxpool1(self.conv1(x))
        x = self.inception3b(self.inception3a(x))
        x = self.inception4a(self.maxpool3(x))
        x = torch.flatten(self.avgpool(x), 1)
        return self.fc(self.dropout(x))


class DoubleConv(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.double_conv = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )

    def forward(self, x):
        return self.double_conv(x)


class Up(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.up = nn.ConvTranspose2d(inputs, inputs // 2, 2, stride=2)
        self.conv = DoubleConv(inputs, outputs)

    def forward(self, x1, x2):
        x1 = self.up(x1)
        rows, columns = x2.size(2) - x1.size(2), x2.size(3) - x1.size(3)
        x1 = functional.pad(x1, [columns // 2, columns - columns // 2, rows // 2, rows - rows // 2])
        return self.conv(torch.cat([x2, x1], dim=1))


class UNet(nn.Module):
    """Skips from the encoder to the decoder, each position's classes averaged at the end (Ronneberger 2015)."""

    def __init__(self):
        super().__init__()
        self.inc = DoubleConv(1, 4)
        self.down1 = nn.Sequential(nn.MaxPool2d(2), DoubleConv(4, 8))
        self.down2 = nn.Sequential(nn.MaxPool2d(2), DoubleConv(8, 16))
        self.up1, self.up2 = Up(16, 8), Up(8, 4)
        self.outc = nn.Conv2d(4, 5, 1)
        self.head = nn.Linear(5, 5)

    def forward(self, x):
        x1 = self.inc(x)
        x2 = self.down1(x1)
        x3 = self.down2(x2)
        x = self.up1(x3, x2)
        x = self.up2(x, x1)
        return self.head(self.outc(x).mean(dim=(2, 3)))


class Autoencoder(nn.Module):
    """A picture through a narrow layer and back, by transposed convolutions; its outputs are one row a sample."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 4, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(4, 8, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(128, 6),
        )
        self.decoder = nn.Sequential(
            nn.Linear(6, 128),
            nn.ReLU(),
            nn.Unflatten(1, (8, 4, 4)),
            nn.ConvTranspose2d(8, 4, 3, stride=2, padding=1, output_padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(4, 1, 3, stride=2, padding=1, output_padding=1),
            nn.Sigmoid(),
        )

    def forward(self, x):
        return self.decoder(self.encoder(x))


class VolumeNet(nn.Module):
    """Convolutions over volumes, as for clips and scans (Tran 2015)."""

    def __init__(self):
        super().__init__()
        self.conv1, self.pool1 = nn.Conv3d(1, 6, 3, padding=1), nn.MaxPool3d((1, 2, 2))
        self.conv2, self.norm2, self.pool2 = nn.Conv3d(6, 8, 3, padding=1), nn.BatchNorm3d(8), nn.MaxPool3d(2)
        self.fc6, self.fc7 = nn.Linear(64, 16), nn.Linear(16, 5)

    def forward(self, x):
        x = self.pool1(torch.relu(self.conv1(x)))
        x = self.pool2(torch.relu(self.norm2(self.conv2(x))))
        x = x.view(x.size(0), -1)
        return self.fc7(functional.dropout(torch.relu(self.fc6(x)), training=self.training))


class FullyConvolutional(nn.Module):
    """Strided convolutions in the place of pooling, leaky activations, global average (Springenberg 2014)."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, padding=1, padding_mode="reflect")
        self.conv2 = nn.Conv2d(8, 12, 3, stride=2, padding="valid", dilation=1)
        self.norm = nn.GroupNorm(3, 12)
        self.conv3 = nn.Conv2d(12, 10, 1)

    def forward(self, x):
        x = functional.leaky_relu(self.conv1(x), 0.1)
        x = functional.leaky_relu(self.norm(self.conv2(x)), 0.1)
        return functional.adaptive_avg_pool2d(self.conv3(x), 1).squeeze(-1).squeeze(-1)


PLAIN_CONVOLUTIONAL = {
    "alexnet": (AlexNet, (1, 64, 64)),
    "vgg_bn": (vgg_bn, (3, 16, 16)),
    "squeezenet": (SqueezeNet, (3, 32, 32)),
    "googlenet": (GoogLeNet, (3, 24, 24)),
    "unet": (UNet, (1, 16, 16)),
    "autoencoder": (Autoencoder, (1, 16, 16)),
    "volume_net": (VolumeNet, (1, 4, 8, 8)),
    "fully_convolutional": (FullyConvolutional, (3, 12, 12)),
}
