"""Streamed fits of MNIST's first layer beside the fit of the same samples in memory: time, memory and eigenvalues.

    python packaging/bootstrap.py bench

h = 10, r = 50, N = 20, one thread, for B = 1,000, 5,000, 20,000 and 60,000 training images in an NPY file, or those
given: ``bench_stream.py 1000 5000``. Each fit is a process of its own, which tells its processor seconds and its
largest resident memory. Doors: `exact` (block Krylov, paths made anew in every pass), `components` (one pass of sums
in 256 components), `memory` (the fit of samples in memory), and `result`: the exact door with controls, as
``koopview fit --stream`` makes it. Without the published images in the data directory the built-in 5,000 are repeated
with noise, and the output says so.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from koopview.errors import FileError
from koopview.network.mnist import mnist_dataset
from koopview.opening import open_study
from koopview.study.source import Source

COUNTS, COMPONENTS = (1000, 5000, 20_000, 60_000), 256
SETTINGS = {"delays": 10, "rank": 50}
DOORS = ("memory", "exact", "components", "result")


def images(count, noise=0.01):
    """Return images (count, 784), and what they are."""
    try:
        return mnist_dataset(full=True).x_train[:count], "the published training images"
    except FileError:
        known = mnist_dataset(full=False).x_train
        times = -(-count // len(known))
        drawn = np.random.default_rng(0).normal(0, noise, (times * len(known), known.shape[1]))
        return (np.tile(known, (times, 1)) + drawn).astype(np.float32)[:count], "5,000 images repeated, with noise"


def one_fit(door, path, count):
    """Print the numbers of one fit as JSON."""
    torch.set_num_threads(1)
    study = open_study(Source(model="demo:mnist"), training=None if door == "memory" else 1000)
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    if door == "memory":
        fit = study.fitter.layer_fits(study.settings("0", samples=count, **SETTINGS))["0"]
        told = {"values": fit.dmd.eigenvalues, "way": fit.kept.decomposition}
    else:
        components = COMPONENTS if door == "components" else None
        how = {"components": components, "controls": door == "result", "samples": count}
        result = study.fit_stream(path, "0", **how, **SETTINGS).result
        told = {"values": result.eigenvalues, "way": result.decomposition, "scores": dict(result.accuracy)}
        told |= {"preview": result.preview}
    values = told.pop("values")
    told |= {"seconds": time.process_time() - began, "before": before / 1024}
    told |= {"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
    print(json.dumps(told | {"eigenvalues": [values.real.tolist(), values.imag.tolist()]}))


def measured(door, path, count):
    """Return the numbers of one fit, made in a process of its own."""
    words = [sys.executable, __file__, door, str(path), str(count)]
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return json.loads(done.stdout)


def farthest(one, other):
    """Return the largest distance of an eigenvalue from the nearest of the others, in either direction."""
    found = [np.array(each["eigenvalues"][0]) + 1j * np.array(each["eigenvalues"][1]) for each in (one, other)]
    apart = abs(found[0][:, None] - found[1])
    return max(apart.min(0).max(), apart.min(1).max())


def main():
    """Print a table of all doors and numbers of samples."""
    if len(sys.argv) > 3 and sys.argv[1] in DOORS:
        return one_fit(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    counts = [int(word) for word in sys.argv[1:]] or COUNTS
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "images.npy"
        array, told = images(max(counts))
        np.save(path, array)
        del array
        print(f"MNIST's first layer, h = 10, r = 50, {told}", flush=True)
        for count in counts:
            known = measured("memory", path, count)
            print(f"B = {count:6,} memory     {known['seconds']:6.1f} s  peak {known['peak']:5.0f} MiB  {known['way']}")
            for door in DOORS[1:]:
                found = measured(door, path, count)
                print(
                    f"B = {count:6,} {door:10} {found['seconds']:6.1f} s  peak {found['peak']:5.0f} MiB "
                    f"({found['before']:.0f} before)  eigenvalues {farthest(found, known):.1e}  {found['way']}"
                    f"{'  preview: ' + found['preview'] if found['preview'] else ''}",
                    flush=True,
                )
            scores = ", ".join(f"{name} {100 * score:.2f}" for name, score in found["scores"].items() if score)
            print(f"           {scores}", flush=True)
    return None


if __name__ == "__main__":
    main()
