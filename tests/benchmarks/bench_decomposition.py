"""The decomposition compared with other libraries, and how its time and memory grow.

    python packaging/bootstrap.py bench
    .venv/bin/python tests/benchmarks/bench_decomposition.py --all      also sizes L and F4: some twenty minutes more
    ... --with datafold=PYTHON      a peer that needs other versions, run by the Python of its own environment

All get the same snapshot pairs, each peer in a separate process with one BLAS thread. Measured are the CPU seconds of
the fit alone (other load changes them little) and the peak memory of the process, with imports. The error is that of
the ten leading eigenvalues against a float64 reference. Ratios hold on other machines, seconds do not.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from peers import LONGEST

HERE = Path(__file__).parent
LEADING = 10

SIZES = {  # samples, steps, states, delays, rank
    "S": (1000, 20, 8, 8, 50),
    "M": (1000, 20, 256, 10, 50),
    "L": (1000, 20, 784, 10, 500),
    "F4": (1000, 100, 784, 50, 50),
    "F4, r = 500": (1000, 100, 784, 50, 500),
}
REFERENCES = {
    "S": "numpy.linalg.svd",
    "M": "numpy.linalg.svd",
    "L": "Gram matrix, eigh",
    "F4": "KoopView, ten digits",
    "F4, r = 500": "KoopView, ten digits",
}
OURS = ("KoopView", "KoopView, torch", "KoopView, chunks")
THEIRS = ("PyDMD", "kooplearn, dense", "kooplearn, arpack", "datafold", "pykoopman", "numpy.linalg.svd")
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
QUICK = ("S", "M")
LACKING = {
    "datafold": "not installed: 2.0.2 asks for numpy 1.26, see --with",
    "pykoopman": "not installed: 1.2.1 asks for numpy 1.26, scikit-learn 1.1 and torch 2.1",
}

GROWTH = {  # one of the five grows, the others stay
    "samples B": [(b, 20, 128, 8, 50) for b in (1000, 2000, 4000)],
    "delays h (N = 40)": [(500, 40, 128, h, 50) for h in (8, 16, 32)],
    "states d": [(500, 20, d, 8, 50) for d in (128, 256, 512)],
    "rank r": [(500, 20, 256, 8, r) for r in (25, 50, 100)],
}


def python_of(name):
    """Return the path of the Python that a peer runs with."""
    given = dict(word.split("=", 1) for word in sys.argv[1:] if "=" in word)
    return given.get(name, sys.executable)


def run(name, sizes, folder):
    """Run one peer and return its measurements, with its eigenvalues."""
    file = folder / "eigenvalues.npy"
    command = [python_of(name), HERE / "peers.py", name, *map(str, sizes), file]
    told = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **ONE_THREAD})
    if told.returncode == -signal.SIGXCPU:
        return {"reason": f"not done in {LONGEST} s"}
    if told.returncode != 0:
        last = told.stderr.strip().splitlines()
        return {"reason": last[-1] if last else f"ended with {told.returncode}: not enough memory?"}
    found = json.loads(told.stdout.splitlines()[-1])
    return found if "reason" in found else {**found, "eigenvalues": np.load(file)}


def formed_gib(sizes):
    """Return the size of the two formed snapshot matrices in GiB."""
    samples, steps, states, delays, _ = sizes
    return 2 * 8 * samples * (steps - delays + 1) * delays * states / 2**30


def error(values, reference):
    """Return the largest distance between a leading eigenvalue of the reference and the nearest found one."""
    leading = reference[np.argsort(-np.abs(reference))[:LEADING]]
    return float(np.abs(np.asarray(values)[:, None] - leading).min(axis=0).max())


def compare(size, folder):
    """Print the table of one size."""
    sizes = SIZES[size]
    print(f"\n{size}: B = {sizes[0]}, N = {sizes[1]}, d = {sizes[2]}, h = {sizes[3]}, r = {sizes[4]}")
    print(f"{'':20} {'CPU s':>9} {'ratio':>7} {'peak MiB':>9}  error of the {LEADING} leading eigenvalues")
    found = {}
    for name in (*OURS, *THEIRS, REFERENCES[size]):
        if name in LACKING and python_of(name) == sys.executable:
            found[name] = {"reason": LACKING[name]}
        elif name in THEIRS and formed_gib(sizes) > 8:
            found[name] = {"reason": f"not run: forms {formed_gib(sizes):.0f} GiB"}
        elif name not in found:
            found[name] = run(name, sizes, folder)
    reference = found[REFERENCES[size]].get("eigenvalues")
    for name, told in found.items():
        if "reason" in told:
            print(f"{name:20} {told['reason']}")
            continue
        ratio = told["seconds"] / found[OURS[0]].get("seconds", np.nan)
        against = "reference" if name == REFERENCES[size] else "no reference"
        if reference is not None and name != REFERENCES[size]:
            against = f"{error(told['eigenvalues'], reference):.0e}"
        print(f"{name:20} {told['seconds']:9.4f} {ratio:7.1f} {told['peak']:9.0f}  {against}", flush=True)


def grow(folder):
    """Print how time and memory grow."""
    print(f"\n{'what grows':20} {'B':>6} {'N':>4} {'d':>4} {'h':>4} {'r':>4}  array: CPU s, MiB   chunks: CPU s, MiB")
    for what, cases in GROWTH.items():
        for sizes in cases:
            samples, steps, states, delays, rank = sizes
            told = [run(name, sizes, folder) for name in ("KoopView", "KoopView, chunks")]
            figures = "   ".join(one.get("reason") or f"{one['seconds']:12.2f} {one['peak']:6.0f}" for one in told)
            print(f"{what:20} {samples:6} {steps:4} {states:4} {delays:4} {rank:4} {figures}", flush=True)


def main():
    """Print all tables."""
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES if "--all" in sys.argv else QUICK:
            compare(size, Path(folder))
        grow(Path(folder))


if __name__ == "__main__":
    main()
