"""A small vision transformer (Dosovitskiy et al. 2021) for pictures of 28 x 28 pixels."""

import torch
from torch import Tensor, nn


class Attention(nn.Module):
    """Self-attention of several heads; queries, keys and values have a Linear each."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads, self.scale = heads, (width // heads) ** -0.5
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.softmax = nn.Softmax(dim=-1)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Return tokens (samples, tokens, width) of such tokens."""
        query, key, value = self._by_head(self.query(x)), self._by_head(self.key(x)), self._by_head(self.value(x))
        shares = self.softmax(self.scale * (query @ key.transpose(-2, -1)))
        return self.out((shares @ value).transpose(1, 2).flatten(2))

    def _by_head(self, x: Tensor) -> Tensor:
        """Return (samples, heads, tokens, width / heads) of (samples, tokens, width)."""
        return x.unflatten(2, (self.heads, -1)).transpose(1, 2)


class Mlp(nn.Module):
    """Two dense layers for each token: ``contract(gelu(expand(x)))``."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.expand = nn.Linear(width, hidden)
        self.gelu = nn.GELU()
        self.contract = nn.Linear(hidden, width)

    def forward(self, x: Tensor) -> Tensor:
        """Return tokens (samples, tokens, width) of such tokens."""
        return self.contract(self.gelu(self.expand(x)))


class TransformerBlock(nn.Module):
    """A pre-norm block: ``x + attention(norm1(x))``, then ``x + mlp(norm2(x))``."""

    def __init__(self, width: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.norm2 = nn.LayerNorm(width)
        self.mlp = Mlp(width, hidden)

    def forward(self, x: Tensor) -> Tensor:
        """Return tokens (samples, tokens, width) of such tokens."""
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Positions(nn.Module):
    """Adds to each token a vector that is learned for its place.

    The vectors are those of an Embedding, so that the forward pass reads as calls of modules alone.
    """

    def __init__(self, tokens: int, width: int) -> None:
        super().__init__()
        self.learned = nn.Embedding.from_pretrained(0.02 * torch.randn(tokens, width), freeze=False)
        self.register_buffer("places", torch.arange(tokens), persistent=False)
        self.places: Tensor

    def forward(self, x: Tensor) -> Tensor:
        """Return tokens (samples, tokens, width) of such tokens."""
        return x + self.learned(self.places)


class VisionTransformer(nn.Module):
    """Patches of 7 x 7 pixels as 16 tokens, each with a learned position; blocks; the mean token; a Linear head.

    Its states are small on purpose: 16 tokens x 48 = 768 numbers, and 16 x 96 = 1,536 inside a block's perceptron.
    """

    def __init__(self, width: int = 48, blocks: int = 6, heads: int = 4, hidden: int = 96, classes: int = 10) -> None:
        super().__init__()
        self.picture = nn.Unflatten(1, (1, 28, 28))
        self.patches = nn.Conv2d(1, width, 7, stride=7)
        self.positions = Positions(16, width)
        self.blocks = nn.Sequential(*(TransformerBlock(width, heads, hidden) for _ in range(blocks)))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits (samples, classes) of pictures as rows (samples, 784)."""
        tokens = self.positions(self.patches(self.picture(x)).flatten(2).transpose(1, 2))
        return self.head(self.norm(self.blocks(tokens)).mean(1))
