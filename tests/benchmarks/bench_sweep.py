"""A sweep over all delays of MNIST's first layer beside fits one by one: processor seconds, and what accuracies lose.

    python packaging/bootstrap.py bench

20 numbers of delays times 9 ranks, B = 1,000, measured on the first 2,000 test images. A sweep of a single number of
delays decomposes the samples themselves: these are the fits that the sweep of all is compared with. Times are of one
thread on this machine and in this run. ``bench_sweep.py 60000`` takes as many fitting samples, and then compares with
one number of delays (h = 10) alone.
"""

import sys
import time

import numpy as np
import torch

from koopview.arguments import Source
from koopview.opening import open_study

DELAYS, RANKS, TESTS = range(1, 21), (5, 10, 15, 20, 30, 40, 50, 75, 100), 2000

SURE = 50
"""Largest rank for which one image of TESTS may be answered otherwise; above it four."""


def swept(delays, samples):
    """Return the accuracies (delays, ranks), processor seconds and decompositions of a new study's sweep."""
    study = open_study(Source(model="demo:mnist"))
    began = time.process_time()
    cells = study.sweep("0", delays, RANKS, samples=samples, tests=TESTS).results
    seconds = time.process_time() - began
    return np.array([cell.hybrid for cell in cells]).reshape(-1, len(RANKS)), seconds, {c.decomposition for c in cells}


def fit_seconds(samples, tests=None):
    """Return the processor seconds of three fits of new studies, h = 4, 10 and 16, r = 50."""
    total = 0.0
    for delays in (4, 10, 16):
        study = open_study(Source(model="demo:mnist"))
        began = time.process_time()
        study.sweep("0", [delays], [50], samples=samples, tests=tests)
        total += time.process_time() - began
    return total


def main():
    """Print the price of the sweep in fits, and how many images its hybrids answer otherwise than exact ones."""
    samples = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    torch.set_num_threads(1)
    found, seconds, ways = swept(DELAYS, samples)
    print(f"B = {samples:,}: {found.size} cells in {seconds:.1f} processor s, by {', '.join(sorted(ways))}", flush=True)
    if samples > 1000:
        exact, alone, ways = swept([10], samples)
        changed = np.rint(TESTS * abs(found[9:10] - exact))
        print(f"h = 10 alone: {alone:.1f} s, by {', '.join(ways)}; all 20 cost {seconds / alone:.2f} times as much")
    else:
        few, whole = fit_seconds(samples, TESTS), fit_seconds(samples)
        print(f"three fits: {few:.1f} s on {TESTS:,} images, {whole:.1f} s on all: {seconds / few:.2f}, ", end="")
        print(f"{seconds / whole:.2f} times as much", flush=True)
        each = [swept([h], samples) for h in DELAYS]
        total = sum(one[1] for one in each)
        changed = np.rint(TESTS * abs(found - np.concatenate([one[0] for one in each])))
        print(f"20 delays one by one: {total:.1f} s, {total / seconds:.2f} times as much")
    sure = np.array(RANKS) <= SURE
    for name, part in ((f"r <= {SURE}", changed[:, sure]), (f"r > {SURE}", changed[:, ~sure])):
        counts = ", ".join(f"{int((part == n).sum())} cells by {int(n)}" for n in np.unique(part))
        print(f"accuracies {name}: at most {part.max() / TESTS:.4f} from exact fits ({counts} of {TESTS:,} images)")


if __name__ == "__main__":
    main()
