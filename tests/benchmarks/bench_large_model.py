"""A network of 100 million parameters: memory to open its file, and that of a fit beside the memory announced for it.

.venv/bin/python tests/benchmarks/bench_large_model.py [BLOCKS]
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

import koopview
from koopview.memory import GIB, give_back

TOKENS, WIDTH = 4, 1024


class Block(nn.Module):
    """A residual block of 4.2 million parameters."""

    def __init__(self):
        super().__init__()
        self.norm, self.up, self.down = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 2 * WIDTH), nn.Linear(2 * WIDTH, WIDTH)

    def forward(self, x):
        return x + self.down(nn.functional.gelu(self.up(self.norm(x))))


class Net(nn.Module):
    """Tokens through many blocks to ten classes."""

    def __init__(self, blocks):
        super().__init__()
        self.into, self.head = nn.Linear(8, WIDTH), nn.Linear(WIDTH, 10)
        self.blocks = nn.Sequential(*[Block() for _ in range(blocks)])

    def forward(self, x):
        return self.head(self.blocks(self.into(x)).mean(1))


def held():
    """Return the bytes that this process has in memory."""
    return 4096 * int(Path("/proc/self/statm").read_text().split()[1])


def peak_from_here():
    """Let the system count the largest memory of this process from now on."""
    Path("/proc/self/clear_refs").write_text("5")


def large():
    """Return the network; a factory for the files."""
    return Net(int(os.environ.get("BLOCKS", "24"))).eval()


OPENING = """
import resource, sys, time
from koopview.network.modelfiles.load import load_network

peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
held = lambda: 4096 * int(open("/proc/self/statm").read().split()[1]) / 2**30
before, started = held(), time.perf_counter()
network = load_network(sys.argv[1], factory=sys.argv[2], trust=True)
print(f"held {held() - before:.2f} GiB, at most {peak() - before:.2f} GiB, {time.perf_counter() - started:.1f} s")
"""


def open_files(net):
    """Print the memory that opening the network's file takes, in a process of its own."""
    import safetensors.torch

    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / name for name in ("net.pt", "net.safetensors", "half.pt")]
        torch.save(net.state_dict(), files[0])
        safetensors.torch.save_file(net.state_dict(), files[1])
        torch.save({key: one.half() for key, one in net.state_dict().items()}, files[2])
        for file in files:
            command = [sys.executable, "-c", OPENING, str(file), f"{__file__}:large"]
            told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            print(f"{file.name} of {file.stat().st_size / GIB:.2f} GiB: {told}", end="")


def main():
    torch.manual_seed(0)
    torch.set_num_threads(1)
    if len(sys.argv) > 1:
        os.environ["BLOCKS"] = sys.argv[1]
    net = large()
    open_files(net)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(400, TOKENS, 8)).astype("float32"), rng.integers(0, 10, 400)
    started = time.perf_counter()
    study = koopview.Study(net, x, y)
    del net
    print(f"{sum(one.parameters for one in study.layers) / 1e6:.1f} million parameters, opened in "
          f"{time.perf_counter() - started:.1f} s, {len(study.layers)} stages")  # fmt: skip
    for name, settings in (("blocks.3", {"samples": 100}), ("blocks.7", {"samples": 200}), ("head", {})):
        give_back()
        announced, before = study.memory(name, **settings), held()
        peak_from_here()
        started = time.perf_counter()
        result = study.fit(name, **settings).result
        peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
        taken = 1024 * int(peak.split()[1]) - before
        print(f"{name} {settings or ''} states {result.settings.states}: announced {announced / GIB:.2f} GiB, "
              f"taken {taken / GIB:.2f} GiB, {time.perf_counter() - started:.1f} s, rank {result.rank}")  # fmt: skip
    print(f"process, largest: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")


if __name__ == "__main__":
    main()
