"""Transformers, on pictures and on sequences of vectors, as their best-known implementations write them."""

import math
from functools import partial

import torch
from torch import nn
from torch.nn import functional


class Attention(nn.Module):
    """Self-attention with one Linear for queries, keys and values."""

    def __init__(self, width, heads=2, fused=True):
        super().__init__()
        self.num_heads, self.head_dim, self.fused = heads, width // heads, fused
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.attn_drop, self.proj_drop = nn.Dropout(0.1), nn.Dropout(0.1)

    def forward(self, x):
        B, N, C = x.shape
        qkv = self.qkv(x).reshape(B, N, 3, self.num_heads, self.head_dim).permute(2, 0, 3, 1, 4)
        q, k, v = qkv.unbind(0)
        if self.fused:
            x = functional.scaled_dot_product_attention(q, k, v)
        else:
            attn = (q * self.head_dim**-0.5) @ k.transpose(-2, -1)
            x = self.attn_drop(attn.softmax(dim=-1)) @ v
        x = x.transpose(1, 2).reshape(B, N, C)
        return self.proj_drop(self.proj(x))


class Mlp(nn.Module):
    def __init__(self, width, hidden):
        super().__init__()
        self.fc1, self.act, self.fc2, self.drop = (
            nn.Linear(width, hidden),
            nn.GELU(),
            nn.Linear(hidden, width),
            nn.Dropout(),
        )

    def forward(self, x):
        return self.drop(self.fc2(self.drop(self.act(self.fc1(x)))))


class Block(nn.Module):
    def __init__(self, width, heads=2, fused=True):
        super().__init__()
        self.norm1, self.attn = nn.LayerNorm(width), Attention(width, heads, fused)
        self.norm2, self.mlp = nn.LayerNorm(width), Mlp(width, 4 * width)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class PatchEmbed(nn.Module):
    def __init__(self, patch, width):
        super().__init__()
        self.proj = nn.Conv2d(3, width, patch, stride=patch)

    def forward(self, x):
        return self.proj(x).flatten(2).transpose(1, 2)


class VisionTransformer(nn.Module):
    """Patches with a class token, and with `tokens` of 2 a second one for distillation (Dosovitskiy, Touvron 2020)."""

    def __init__(self, tokens=1, width=16, depth=3, fused=True):
        super().__init__()
        self.patch_embed, self.tokens = PatchEmbed(4, width), tokens
        self.cls_token = nn.Parameter(0.5 * torch.randn(1, tokens, width))
        self.pos_embed = nn.Parameter(0.5 * torch.randn(1, 16 + tokens, width))
        self.pos_drop = nn.Dropout(0.1)
        self.blocks = nn.Sequential(*[Block(width, fused=fused) for _ in range(depth)])
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, 10)
        self.head_dist = nn.Linear(width, 10) if tokens == 2 else None

    def forward(self, x):
        x = self.patch_embed(x)
        x = torch.cat((self.cls_token.expand(x.shape[0], -1, -1), x), dim=1)
        x = self.pos_drop(x + self.pos_embed)
        x = self.norm(self.blocks(x))
        if self.head_dist is None:
            return self.head(x[:, 0])
        return (self.head(x[:, 0]) + self.head_dist(x[:, 1])) / 2


class TorchEncoder(nn.Module):
    """PyTorch's own encoder, norms before (`norm_first`) or after, the mean of the tokens classified."""

    def __init__(self, norm_first=False):
        super().__init__()
        layer = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True, norm_first=norm_first)
        self.embed = nn.Linear(6, 16)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(16, 4)

    def forward(self, x):
        return self.head(self.encoder(self.embed(x)).mean(dim=1))


class MultiheadBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.attn = nn.MultiheadAttention(width, 2, batch_first=True)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.ff = nn.Sequential(nn.Linear(width, 2 * width), nn.ReLU(), nn.Linear(2 * width, width))

    def forward(self, x):
        attended, _ = self.attn(x, x, x, need_weights=False)
        x = self.norm1(x + attended)
        return self.norm2(x + self.ff(x))


class PostNormEncoder(nn.Module):
    """Norms after the sums, sinusoids as positions (Vaswani 2017)."""

    def __init__(self, width=16, length=8):
        super().__init__()
        self.embed = nn.Linear(6, width)
        position = torch.arange(length)[:, None] * torch.exp(torch.arange(0, width, 2) * (-math.log(1e4) / width))
        table = torch.zeros(length, width)
        table[:, 0::2], table[:, 1::2] = torch.sin(position), torch.cos(position)
        self.register_buffer("pe", table)
        self.layers = nn.ModuleList([MultiheadBlock(width) for _ in range(2)])
        self.classifier = nn.Linear(width, 4)

    def forward(self, x):
        x = self.embed(x) * math.sqrt(16) + self.pe[: x.size(1)]
        for layer in self.layers:
            x = layer(x)
        return self.classifier(x.max(dim=1).values)


class CausalSelfAttention(nn.Module):
    def __init__(self, width, heads=2, length=8):
        super().__init__()
        self.c_attn, self.c_proj, self.n_head = nn.Linear(width, 3 * width), nn.Linear(width, width), heads
        self.register_buffer("bias", torch.tril(torch.ones(length, length)).view(1, 1, length, length))

    def forward(self, x):
        B, T, C = x.size()
        q, k, v = self.c_attn(x).split(C, dim=2)
        k, q, v = (one.view(B, T, self.n_head, C // self.n_head).transpose(1, 2) for one in (k, q, v))
        att = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.size(-1)))
        att = att.masked_fill(self.bias[:, :, :T, :T] == 0, float("-inf"))
        y = functional.softmax(att, dim=-1) @ v
        y = y.transpose(1, 2).contiguous().view(B, T, C)
        return self.c_proj(y)


class GptBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.ln_1, self.attn, self.ln_2 = nn.LayerNorm(width), CausalSelfAttention(width), nn.LayerNorm(width)
        self.mlp = nn.ModuleDict(
            {"c_fc": nn.Linear(width, 4 * width), "act": nn.GELU("tanh"), "c_proj": nn.Linear(4 * width, width)}
        )

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        hidden = self.mlp.act(self.mlp.c_fc(self.ln_2(x)))
        return x + self.mlp.c_proj(hidden)


class Gpt(nn.Module):
    """A causal decoder of vectors, which predicts from the last position (Radford 2019)."""

    def __init__(self, width=16, length=8):
        super().__init__()
        self.wte, self.wpe = nn.Linear(6, width), nn.Embedding(length, width)
        self.h = nn.ModuleList([GptBlock(width) for _ in range(2)])
        self.ln_f, self.lm_head = nn.LayerNorm(width), nn.Linear(width, 6, bias=False)

    def forward(self, x):
        pos = torch.arange(0, x.size(1), dtype=torch.long, device=x.device)
        x = self.wte(x) + self.wpe(pos)
        for block in self.h:
            x = block(x)
        return self.lm_head(self.ln_f(x))[:, -1, :]


class RmsNorm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6))


class LlamaBlock(nn.Module):
    def __init__(self, width, length):
        super().__init__()
        self.q, self.k, self.v, self.o = (nn.Linear(width, width, bias=False) for _ in range(4))
        self.gate, self.up, self.down = (
            nn.Linear(*ends, bias=False) for ends in ((width, 24), (width, 24), (24, width))
        )
        self.norm1, self.norm2 = RmsNorm(width), RmsNorm(width)
        angle = torch.outer(torch.arange(length).float(), 1e4 ** (-torch.arange(0, 8, 2) / 8)).repeat(1, 2)
        self.register_buffer("cos", angle.cos())
        self.register_buffer("sin", angle.sin())

    def rotated(self, x):
        half = x.shape[-1] // 2
        turned = torch.cat((-x[..., half:], x[..., :half]), dim=-1)
        return x * self.cos + turned * self.sin

    def forward(self, x):
        h = self.norm1(x)
        q, k, v = (one(h).unflatten(-1, (2, 8)).transpose(1, 2) for one in (self.q, self.k, self.v))
        h = functional.scaled_dot_product_attention(self.rotated(q), self.rotated(k), v, is_causal=True)
        x = x + self.o(h.transpose(1, 2).flatten(2))
        h = self.norm2(x)
        return x + self.down(functional.silu(self.gate(h)) * self.up(h))


class Llama(nn.Module):
    """Rotary positions, RMS norms, gated MLPs (Touvron 2023)."""

    def __init__(self, width=16, length=8):
        super().__init__()
        self.embed, self.norm = nn.Linear(6, width), RmsNorm(width)
        self.layers = nn.ModuleList([LlamaBlock(width, length) for _ in range(2)])
        self.head = nn.Linear(width, 6, bias=False)

    def forward(self, x):
        x = self.embed(x)
        for layer in self.layers:
            x = layer(x)
        return self.head(self.norm(x)[:, -1])


class Albert(nn.Module):
    """One block that is called several times (Lan 2019)."""

    def __init__(self, width=16, times=4):
        super().__init__()
        self.embed, self.block, self.times = nn.Linear(6, width), MultiheadBlock(width), times
        self.pooler, self.classifier = nn.Linear(width, width), nn.Linear(width, 4)

    def forward(self, x):
        x = self.embed(x)
        for _ in range(self.times):
            x = self.block(x)
        return self.classifier(torch.tanh(self.pooler(x[:, 0])))


class Perceiver(nn.Module):
    """A few learned queries read the tokens by cross-attention (Jaegle 2021)."""

    def __init__(self, width=16):
        super().__init__()
        self.embed, self.queries = nn.Linear(6, width), nn.Parameter(torch.randn(3, width))
        self.read, self.block = nn.MultiheadAttention(width, 2, batch_first=True), Block(width)
        self.head = nn.Linear(3 * width, 4)

    def forward(self, x):
        x = self.embed(x)
        queries = self.queries.unsqueeze(0).expand(x.size(0), -1, -1)
        latent = queries + self.read(queries, x, x)[0]
        return self.head(self.block(latent).flatten(1))


TRANSFORMERS = {
    "vit": (VisionTransformer, (3, 16, 16)),
    "vit_unfused": (partial(VisionTransformer, fused=False), (3, 16, 16)),
    "deit": (partial(VisionTransformer, 2), (3, 16, 16)),
    "torch_encoder": (TorchEncoder, (8, 6)),
    "torch_encoder_prenorm": (partial(TorchEncoder, True), (8, 6)),
    "post_norm_encoder": (PostNormEncoder, (8, 6)),
    "gpt": (Gpt, (8, 6)),
    "llama": (Llama, (8, 6)),
    "albert": (Albert, (8, 6)),
    "perceiver": (Perceiver, (8, 6)),
}
