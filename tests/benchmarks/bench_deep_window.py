"""How long the window stands still while R2_lin of a network of 300 layers fills in: a perceptron, and blocks.

``python tests/benchmarks/bench_deep_window.py``; with a folder's name it also saves pictures of both windows there.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import torch
from bench_window import Gaps, rest, settle
from torch import nn

from koopview.gui import create_window

WAIT_SECONDS = 300


class Attention(nn.Module):
    """Attention of two heads between tokens, added to its input."""

    def __init__(self, width=8, heads=2):
        super().__init__()
        self.norm, self.heads = nn.LayerNorm(width), heads
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x):
        """Return tokens (samples, tokens, width)."""
        q, k, v = (part.unflatten(2, (self.heads, -1)).transpose(1, 2) for part in self.qkv(self.norm(x)).chunk(3, 2))
        weights = (q @ k.transpose(2, 3) / q.shape[-1] ** 0.5).softmax(3)
        return x + self.proj((weights @ v).transpose(1, 2).flatten(2))


class Perceptron(nn.Module):
    """Two layers on each token, added to their input."""

    def __init__(self, width=8):
        super().__init__()
        self.norm, self.fc1, self.fc2 = nn.LayerNorm(width), nn.Linear(width, 2 * width), nn.Linear(2 * width, width)

    def forward(self, x):
        """Return tokens (samples, tokens, width)."""
        return x + self.fc2(nn.functional.gelu(self.fc1(self.norm(x))))


class Blocks(nn.Module):
    """An embedding, blocks of attention, perceptron and a linear layer, and a head."""

    def __init__(self, blocks=100, tokens=4, width=8):
        super().__init__()
        parts = lambda: {"attn": Attention(), "mlp": Perceptron(), "scale": nn.Linear(width, width)}  # noqa: E731
        self.embed, self.head = nn.Linear(width, width), nn.Linear(tokens * width, 3)
        self.blocks = nn.Sequential(*(Named(parts()) for _ in range(blocks)))

    def forward(self, x):
        """Return outputs (samples, 3) of tokens (samples, tokens, width)."""
        return self.head(self.blocks(self.embed(x)).flatten(1))


class Named(nn.Sequential):
    """Modules one after another, by their names."""

    def __init__(self, parts):
        super().__init__()
        for name, part in parts.items():
            self.add_module(name, part)


def blocks():
    """Return 302 layers in 100 blocks of a module, seeded."""
    torch.manual_seed(0)
    return Blocks().eval()


def perceptron(layers=300, width=16):
    """Return a perceptron whose signals neither fade nor grow, seeded."""
    torch.manual_seed(0)
    parts = []
    for index in range(layers):
        parts += [nn.Linear(width, 3 if index == layers - 1 else width), nn.ReLU()]
        nn.init.orthogonal_(parts[-2].weight)
    return nn.Sequential(*parts[:-1]).eval()


def measure(make, shape, folder, pictures):
    """Open a network on random samples, wait for R2_lin of every layer, and print the longest gap."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1500, *shape)).astype(np.float32)
    model, data = folder / f"{make.__name__}.pt", folder / f"{make.__name__}.npz"
    torch.save(make().state_dict(), model)
    np.savez(data, x=x, y=rng.integers(0, 3, len(x)))
    window = create_window(["--model", str(model), "--factory", f"{__file__}:{make.__name__}", "--data", str(data)])
    window.show()
    rest(0.1)
    settle(window)
    rest(0.3)
    gaps, engine, started = Gaps(), window.session._fits.engine, time.perf_counter()
    while not engine.explained and time.perf_counter() - started < WAIT_SECONDS:
        rest(0.1)
    seconds, longest = time.perf_counter() - started, gaps.take()
    print(f"{make.__name__}: R2_lin of {len(engine.shares)} layers in {seconds:.1f} s, longest gap {longest:.0f} ms")
    for name, act in (
        ("sorted", window.network.sort_layers),
        ("in network order", window.network.sort_layers),
        ("searched", lambda: window.network.search.line.setText("1")),
    ):
        act()
        rest(0.2)
        print(f"  {name}: longest gap {gaps.take():.0f} ms")
    if pictures is not None:
        window.grab().save(str(pictures / f"{make.__name__}.png"))
    window.close()


def main():
    """Measure both networks."""
    pictures = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory() as folder:
        measure(perceptron, (16,), Path(folder), pictures)
        measure(blocks, (4, 8), Path(folder), pictures)


if __name__ == "__main__":
    main()
