"""Networks that mix tokens without attention over all of them: windows, perceptrons, gates, Fourier transforms."""

import torch
from torch import nn
from torch.nn import functional


class WindowAttention(nn.Module):
    """Attention inside windows, with a learned bias for each relative position."""

    def __init__(self, width, window, heads=2):
        super().__init__()
        self.num_heads, self.scale = heads, (width // heads) ** -0.5
        self.relative_position_bias_table = nn.Parameter(0.5 * torch.randn((2 * window - 1) ** 2, heads))
        rows, columns = torch.meshgrid(torch.arange(window), torch.arange(window), indexing="ij")
        coords = torch.stack([rows, columns]).flatten(1)
        relative = (coords[:, :, None] - coords[:, None, :]).permute(1, 2, 0) + window - 1
        self.register_buffer("relative_position_index", relative[..., 0] * (2 * window - 1) + relative[..., 1])
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.softmax = nn.Softmax(dim=-1)

    def forward(self, x, mask=None):
        B_, N, C = x.shape
        qkv = self.qkv(x).reshape(B_, N, 3, self.num_heads, C // self.num_heads).permute(2, 0, 3, 1, 4)
        q, k, v = qkv[0], qkv[1], qkv[2]
        attn = (q * self.scale) @ k.transpose(-2, -1)
        bias = self.relative_position_bias_table[self.relative_position_index.view(-1)].view(N, N, -1)
        attn = attn + bias.permute(2, 0, 1).contiguous().unsqueeze(0)
        if mask is not None:
            windows = mask.shape[0]
            attn = attn.view(B_ // windows, windows, self.num_heads, N, N) + mask.unsqueeze(1).unsqueeze(0)
            attn = attn.view(-1, self.num_heads, N, N)
        attn = self.softmax(attn)
        return self.proj((attn @ v).transpose(1, 2).reshape(B_, N, C))


class SwinBlock(nn.Module):
    def __init__(self, width, side, window, shift):
        super().__init__()
        self.window, self.shift = window, shift
        self.norm1, self.attn, self.norm2 = nn.LayerNorm(width), WindowAttention(width, window), nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))
        self.register_buffer("attn_mask", self._mask(side) if shift else None)

    def _mask(self, side):
        regions, count = torch.zeros(1, side, side, 1), 0
        parts = (slice(0, -self.window), slice(-self.window, -self.shift), slice(-self.shift, None))
        for rows in parts:
            for columns in parts:
                regions[:, rows, columns, :] = count
                count += 1
        flat = self.partitioned(regions).squeeze(-1)
        return (flat.unsqueeze(1) - flat.unsqueeze(2)).ne(0) * -100.0

    def partitioned(self, x):
        B, H, W, C = x.shape
        x = x.view(B, H // self.window, self.window, W // self.window, self.window, C)
        return x.permute(0, 1, 3, 2, 4, 5).contiguous().view(-1, self.window * self.window, C)

    def joined(self, windows, H, W):
        B = int(windows.shape[0] / (H * W / self.window / self.window))
        x = windows.view(B, H // self.window, W // self.window, self.window, self.window, -1)
        return x.permute(0, 1, 3, 2, 4, 5).contiguous().view(B, H, W, -1)

    def forward(self, x):
        _, H, W, _ = x.shape
        h = self.norm1(x)
        if self.shift > 0:
            h = torch.roll(h, shifts=(-self.shift, -self.shift), dims=(1, 2))
        h = self.joined(self.attn(self.partitioned(h), self.attn_mask), H, W)
        if self.shift > 0:
            h = torch.roll(h, shifts=(self.shift, self.shift), dims=(1, 2))
        x = x + h
        return x + self.mlp(self.norm2(x))


class PatchMerging(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm, self.reduction = nn.LayerNorm(4 * width), nn.Linear(4 * width, 2 * width, bias=False)

    def forward(self, x):
        x = torch.cat([x[:, 0::2, 0::2], x[:, 1::2, 0::2], x[:, 0::2, 1::2], x[:, 1::2, 1::2]], -1)
        return self.reduction(self.norm(x))


class Swin(nn.Module):
    """Attention in windows that are shifted in every second block, patches merged between stages (Liu 2021)."""

    def __init__(self, width=8):
        super().__init__()
        self.proj, self.norm0 = nn.Conv2d(3, width, 2, stride=2), nn.LayerNorm(width)
        self.stage1 = nn.Sequential(SwinBlock(width, 8, 4, 0), SwinBlock(width, 8, 4, 2))
        self.merge, self.stage2 = PatchMerging(width), SwinBlock(2 * width, 4, 4, 0)
        self.norm, self.avgpool, self.head = nn.LayerNorm(2 * width), nn.AdaptiveAvgPool1d(1), nn.Linear(2 * width, 10)

    def forward(self, x):
        x = self.norm0(self.proj(x).permute(0, 2, 3, 1))
        x = self.norm(self.stage2(self.merge(self.stage1(x))))
        x = self.avgpool(x.flatten(1, 2).transpose(1, 2))
        return self.head(torch.flatten(x, 1))


class MixerBlock(nn.Module):
    def __init__(self, tokens, width):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.token_mix = nn.Sequential(nn.Linear(tokens, 24), nn.GELU(), nn.Linear(24, tokens))
        self.channel_mix = nn.Sequential(nn.Linear(width, 32), nn.GELU(), nn.Linear(32, width))

    def forward(self, x):
        x = x + self.token_mix(self.norm1(x).transpose(1, 2)).transpose(1, 2)
        return x + self.channel_mix(self.norm2(x))


class MlpMixer(nn.Module):
    """Perceptrons over tokens and over channels in turn (Tolstikhin 2021)."""

    def __init__(self, width=12):
        super().__init__()
        self.stem = nn.Conv2d(3, width, 4, stride=4)
        self.blocks = nn.Sequential(MixerBlock(16, width), MixerBlock(16, width))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, 10)

    def forward(self, x):
        x = self.stem(x).flatten(2).transpose(1, 2)
        return self.head(self.norm(self.blocks(x)).mean(1))


class SpatialGatingUnit(nn.Module):
    def __init__(self, tokens, width):
        super().__init__()
        self.norm, self.spatial_proj = nn.LayerNorm(width), nn.Conv1d(tokens, tokens, 1)

    def forward(self, x):
        u, v = x.chunk(2, dim=-1)
        return u * self.spatial_proj(self.norm(v))


class GatedBlock(nn.Module):
    def __init__(self, tokens, width):
        super().__init__()
        self.norm, self.channel_proj1 = nn.LayerNorm(width), nn.Linear(width, 4 * width)
        self.sgu, self.channel_proj2 = SpatialGatingUnit(tokens, 2 * width), nn.Linear(2 * width, width)

    def forward(self, x):
        residual = x
        x = functional.gelu(self.channel_proj1(self.norm(x)))
        return self.channel_proj2(self.sgu(x)) + residual


class GatedMlp(nn.Module):
    """One half of the channels gates the other across tokens (Liu 2021)."""

    def __init__(self, width=12):
        super().__init__()
        self.embed, self.blocks = nn.Linear(6, width), nn.Sequential(GatedBlock(8, width), GatedBlock(8, width))
        self.head = nn.Linear(width, 4)

    def forward(self, x):
        return self.head(self.blocks(self.embed(x)).mean(dim=1))


class FourierBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.ff = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, x):
        x = self.norm1(x + torch.fft.fft(torch.fft.fft(x, dim=-1), dim=-2).real)
        return self.norm2(x + self.ff(x))


class FNet(nn.Module):
    """The real part of a Fourier transform mixes the tokens (Lee-Thorp 2021)."""

    def __init__(self, width=12):
        super().__init__()
        self.embed, self.blocks = nn.Linear(6, width), nn.ModuleList([FourierBlock(width) for _ in range(2)])
        self.head = nn.Linear(width, 4)

    def forward(self, x):
        x = self.embed(x)
        for block in self.blocks:
            x = block(x)
        return self.head(x[:, 0])


class Residual(nn.Module):
    def __init__(self, fn):
        super().__init__()
        self.fn = fn

    def forward(self, x):
        return self.fn(x) + x


def convmixer(width=8):
    """A depthwise convolution in a residual sum, then one over channels (Trockman 2022)."""
    blocks = [
        nn.Sequential(
            Residual(
                nn.Sequential(
                    nn.Conv2d(width, width, 3, groups=width, padding="same"), nn.GELU(), nn.BatchNorm2d(width)
                )
            ),
            nn.Conv2d(width, width, 1),
            nn.GELU(),
            nn.BatchNorm2d(width),
        )
        for _ in range(2)
    ]
    stem = [nn.Conv2d(3, width, 2, stride=2), nn.GELU(), nn.BatchNorm2d(width)]
    return nn.Sequential(*stem, *blocks, nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten(), nn.Linear(width, 10))


MIXERS = {
    "swin": (Swin, (3, 16, 16)),
    "mlp_mixer": (MlpMixer, (3, 16, 16)),
    "gmlp": (GatedMlp, (8, 6)),
    "fnet": (FNet, (8, 6)),
    "convmixer": (convmixer, (3, 16, 16)),
}
