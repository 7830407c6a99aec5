"""The decomposition compared with other libraries, and how its time and memory grow.

    python packaging/bootstrap.py bench
    .venv/bin/python tests/benchmarks/bench_decomposition.py               all that is asked for: some fifteen minutes
    ... --only S --only long      these sizes alone, of those in cases.py (L and F4 take twenty minutes more)
    ... --growth                  how time and memory grow, alone
    ... --with PYTHON             the Python that all other libraries run with
    ... --with datafold=PYTHON    the Python of one that needs other versions

All get the same snapshot pairs, each library in processes of its own with one thread, in turn; the median of three
processes unless a fit takes long. Measured are CPU seconds (other load changes them little) of the first call, after
imports, and of later ones; the peak memory of the process, with imports and data; and its working memory, which is the
peak of the calls above what imports and data held before. The error is that of the ten leading eigenvalues against a
float64 reference. "of rate" is the share of the rate at which this processor multiplies float64 matrices of 2000 rows
in one thread. Its work is the same for all: the multiplications and additions of the Gram matrix of the formed
snapshots, half of it by symmetry, which is the least that a direct method on formed matrices takes. Who forms none can
have more than 100 %. Ratios hold on other machines, seconds do not. Memory is read as Linux tells it.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from cases import CASES, GROWTH, QUICK, SVD
from comparison import print_case
from peers import LONGEST

HERE = Path(__file__).parent
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)
OURS = ("KoopView", "KoopView, torch", "KoopView, chunks")
THEIRS = ("PyDMD", "kooplearn, dense", "kooplearn, arpack", "koopman-dmd", "datafold", "pykoopman", SVD)
LACKING = {
    "datafold": "not installed: 2.0.2 asks for numpy 1.26, see --with",
    "pykoopman": "not installed: 1.2.1 asks for numpy 1.26, scikit-learn 1.1 and torch 2.1",
}
MOST_FORMED = 8
"""GiB of the snapshot pairs above which they are not formed."""

RATE = (
    "One thread multiplies matrices at {:.0f} thousand million operations a second; 'of rate' is the share of it at\n"
    "which the Gram matrix of the formed snapshots, half of it by symmetry, would be summed in a fit's CPU seconds."
)

PROCESSES = 3
"""Whose median is taken, if a first call takes no more than `LONG` CPU seconds."""

LONG = 5


class Runs:
    """Runs peers in processes of their own, with the Pythons that the command line names."""

    def __init__(self, pythons, folder):
        self.pythons, self.file = pythons, folder / "values.npy"

    def rate(self):
        """Return the multiplications and additions of matrix products a second."""
        self._process(sys.executable, self.file)
        return float(np.load(self.file))

    def many(self, name, case):
        """Return the medians of a peer's measurements, with its eigenvalues; or the reason why there are none."""
        reason = self._reason(name, case)
        told = {"reason": reason} if reason else self.one(name, case)
        if "reason" in told or told["first"] > LONG:
            return told
        all_told = [told, *(self.one(name, case) for _ in range(PROCESSES - 1))]
        medians = {key: float(np.median([one[key] for one in all_told])) for key in told if key != "eigenvalues"}
        return {**medians, "eigenvalues": told["eigenvalues"]}

    def one(self, name, case):
        """Return the measurements of one process."""
        done = self._process(self._python(name), self.file, name, *case.words())
        if done.returncode == -signal.SIGXCPU:
            return {"reason": f"not done in {LONGEST} s"}
        if done.returncode != 0:
            last = done.stderr.strip().splitlines()
            return {"reason": last[-1] if last else f"ended with {done.returncode}: not enough memory?"}
        told = json.loads(done.stdout.splitlines()[-1])
        return told if "reason" in told else {**told, "eigenvalues": np.load(self.file)}

    def _python(self, name):
        """Return the path of the Python that a peer runs with: "kooplearn" stands for all its solvers."""
        if name not in THEIRS or name == SVD:
            return sys.executable
        return self.pythons.get(name.split(",")[0]) or self.pythons.get("") or sys.executable

    def _reason(self, name, case):
        """Return why a peer is not run, None if it is."""
        if name in LACKING and name not in self.pythons:
            return LACKING[name]
        if name == "koopman-dmd" and case.samples > 1:
            return "takes one trajectory: joined ones would give it pairs across their ends"
        if name == "KoopView, chunks" and case.samples == 1:
            return "one trajectory is one chunk"
        if name in THEIRS and case.formed_gib > MOST_FORMED:
            return f"not run: forms {case.formed_gib:.0f} GiB"
        return None

    @staticmethod
    def _process(python, *words):
        command = [python, "-W", "ignore", HERE / "peers.py", *words]
        return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **ONE_THREAD})


def compare(name, runs, rate):
    """Print the table of one case."""
    case, reference = CASES[name]
    names = dict.fromkeys((*OURS, *THEIRS, reference))
    found = {each: runs.many(each, case) for each in names}
    spectrum = runs.one("singular values", case)["eigenvalues"] if reference == SVD else None
    print_case(name, found, spectrum, rate)


def grow(runs):
    """Print how time and memory grow."""
    print(f"\n{'what grows':20} {'B':>6} {'N':>4} {'d':>4} {'h':>4} {'r':>4}  array: CPU s, MiB   chunks: CPU s, MiB")
    for what, cases in GROWTH.items():
        for case in cases:
            told = [runs.one(name, case) for name in ("KoopView", "KoopView, chunks")]
            figures = "   ".join(one.get("reason") or f"{one['seconds']:12.2f} {one['peak']:6.0f}" for one in told)
            numbers = f"{case.samples:6} {case.steps:4} {case.states:4} {case.delays:4} {case.rank:4}"
            print(f"{what:20} {numbers} {figures}", flush=True)


def arguments():
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(description="Compare the decomposition with other libraries.")
    parser.add_argument("--only", action="append", choices=CASES, help="a size, may be given more than once")
    parser.add_argument("--growth", action="store_true", help="how time and memory grow, alone")
    parser.add_argument("--with", action="append", dest="pythons", default=[], metavar="[NAME=]PYTHON")
    given = parser.parse_args()
    given.pythons = {name: python for name, _, python in (words.rpartition("=") for words in given.pythons)}
    return given


def main():
    """Print all tables that are asked for."""
    given = arguments()
    with tempfile.TemporaryDirectory() as folder:
        runs = Runs(given.pythons, Path(folder))
        if not given.growth:
            rate = runs.rate()
            print(RATE.format(rate / 1e9))
            for name in given.only or QUICK:
                compare(name, runs, rate)
        if given.growth or not given.only:
            grow(runs)


if __name__ == "__main__":
    main()
