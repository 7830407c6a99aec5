"""One long trajectory, as most users of DMD have: KoopView against PyDMD and koopman-dmd (Rust).

    python packaging/bootstrap.py bench
    .venv/bin/python tests/benchmarks/bench_long_trajectory.py [--with koopman-dmd=FOLDER]

FOLDER is where `pip install --no-deps --target FOLDER koopman-dmd` put it, unless it is installed. One series of 4,000
steps of 256 states (1 or 4 delays, rank 50), each library in a separate process, in turn for several rounds, one BLAS
thread, CPU seconds of the fit alone. The result is the ratio of the medians: KoopView should be at least three times as
fast as the best of the others, with the same eigenvalues.
"""

import os
import statistics
import subprocess
import sys
import time

import numpy as np
from peers import hankel_pair

STEPS, STATES, RANK = 4000, 256, 50
DELAYS = (1, 4)
ROUNDS = 3
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def series():
    """Return 60 noisy oscillators seen in 256 states (1, steps, states), with singular values that fall slowly."""
    rng = np.random.default_rng(0)
    values = (1 - 10.0 ** rng.uniform(-4, -2, 60)) * np.exp(1j * rng.uniform(0.01, 3, 60))
    kicks = 0.1 * (rng.normal(size=(STEPS, 60)) + 1j * rng.normal(size=(STEPS, 60)))
    z = np.zeros((STEPS, 60), dtype=complex)
    for k in range(STEPS):
        z[k] = values * z[k - 1] + kicks[k]
    seen = rng.normal(size=(120, STATES)) * np.geomspace(1, 1e-2, 120)[:, None]
    return (np.concatenate([z.real, z.imag], axis=1) @ seen + 1e-3 * rng.normal(size=(STEPS, STATES)))[None]


def koopview(paths, delays):
    from koopview.koopman import fit_dmd

    return lambda: fit_dmd(paths, delays, RANK).eigenvalues


def koopview_torch(paths, delays):
    import torch

    torch.set_num_threads(1)
    return koopview(torch.from_numpy(paths), delays)


def pydmd(paths, delays):
    from pydmd import DMD

    before, after = (z.T for z in hankel_pair(paths, delays))
    return lambda: DMD(svd_rank=RANK).fit(before, after).eigs


def koopman_dmd(paths, delays):
    from koopman_dmd import DMD

    before, after = hankel_pair(paths, delays)
    columns = np.ascontiguousarray(np.concatenate([before, after[-1:]]).T)
    return lambda: np.asarray(DMD(columns, rank=RANK).eigenvalues) @ [1, 1j]


PEERS = {"KoopView": koopview, "KoopView, torch": koopview_torch, "PyDMD": pydmd, "koopman-dmd": koopman_dmd}


def measured(name, delays):
    """Return the CPU seconds of the second fit (the first one imports), and the eigenvalues."""
    fit = PEERS[name](series(), delays)
    fit()
    started = time.process_time()
    values = fit()
    return time.process_time() - started, values


def run(name, delays):
    """Return the same from a separate process, None if the library is not installed."""
    folders = [word.split("=", 1)[1] for word in sys.argv[1:] if word.startswith("koopman-dmd=")]
    path = os.pathsep.join([*folders, os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-W", "ignore", __file__, name, str(delays)]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **ONE_THREAD, "PYTHONPATH": path})
    if "ModuleNotFoundError" in done.stderr:
        return None
    seconds, *values = done.stdout.split()
    return float(seconds), np.array(values, dtype=complex)


def compare(delays):
    """Print the medians for one number of delays, and the distance of the eigenvalues from PyDMD's."""
    found = {name: [] for name in PEERS}
    for _ in range(ROUNDS):
        for name, runs in found.items():
            runs.append(run(name, delays))
    found = {name: runs for name, runs in found.items() if None not in runs}
    ours = statistics.median(seconds for seconds, _ in found["KoopView"])
    print(f"\n{STEPS} steps of {STATES} states, h = {delays}, r = {RANK}{'':10} CPU s   ratio  eigenvalues differ by")
    for name, runs in found.items():
        seconds, values = statistics.median(seconds for seconds, _ in runs), runs[0][1]
        error = np.abs(values[:, None] - found["PyDMD"][0][1]).min(axis=0).max()
        print(f"{name:45} {seconds:8.4f} {seconds / ours:7.1f}  {error:.0e}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] in PEERS:
        spent, found = measured(sys.argv[1], int(sys.argv[2]))
        print(spent, *map(complex, found))
    else:
        for each in DELAYS:
            compare(each)
