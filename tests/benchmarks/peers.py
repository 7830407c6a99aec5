"""Decompose a case's snapshot pairs by KoopView or by another library, one run per process.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python peers.py FILE NAME KIND SAMPLES STEPS STATES DELAYS RANK

saves the eigenvalues in FILE and prints one line of JSON: CPU seconds of the first fit and of later ones, and memory in
MiB; or the reason why it could not run. FILE alone saves the rate of matrix products there, in multiplications and
additions a second. What a library is imported with, and the pairs in its own layout, are not in the seconds.
"""

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

import numpy as np
from cases import CONVERGED, EIGH, SVD, Case

LONGEST = 600
"""CPU seconds after which a peer is stopped."""

LATER = 2
"""CPU seconds for which later fits are repeated."""

ONCE = 120
"""A first fit of more CPU seconds is not repeated."""

RATE_SIZE = 2000
"""Rows of the square matrices that the rate of matrix products is measured with."""


def hankel_pair(paths, delays):
    """Return Z and Z' (snapshots, features), formed."""
    samples, length, states = paths.shape
    rows, features, count = paths.reshape(samples, -1), delays * states, length - delays
    before, after = (np.empty((samples, count, features)) for _ in range(2))
    for k in range(count):
        before[:, k] = rows[:, k * states : k * states + features]
        after[:, k] = rows[:, (k + 1) * states : (k + 1) * states + features]
    return before.reshape(-1, features), after.reshape(-1, features)


def of_array(paths, delays, rank):
    from koopview.koopman import fit_dmd

    paths = paths.all()
    return lambda: fit_dmd(paths, delays, rank).eigenvalues


def of_chunks(paths, delays, rank):
    """KoopView on paths that are computed again at every pass, with that time included."""
    from koopview.koopman import Chunks, fit_dmd

    return lambda: fit_dmd(Chunks(paths.shape, paths.make), delays, rank).eigenvalues


def of_torch(paths, delays, rank):
    import torch

    from koopview.koopman import fit_dmd

    torch.set_num_threads(1)
    paths = torch.from_numpy(paths.all())
    return lambda: fit_dmd(paths, delays, rank).eigenvalues


def converged(paths, delays, rank):
    """KoopView's block Krylov, iterated to ten digits: the reference if no matrix can be formed."""
    from koopview.koopman import krylov

    krylov.CONVERGED = 1e-10
    return of_chunks(paths, delays, rank)


def pydmd(paths, delays, rank):
    from pydmd import DMD

    before, after = (z.T for z in hankel_pair(paths.all(), delays))
    return lambda: DMD(svd_rank=rank).fit(before, after).eigs


def kooplearn(paths, delays, rank, solver="dense"):
    """Principal component regression without a penalty, which is DMD; a lag of half the rows makes them pairs."""
    from kooplearn.linear_model import Ridge

    rows = np.concatenate(hankel_pair(paths.all(), delays))
    settings = {"reduced_rank": False, "alpha": 0.0, "eigen_solver": solver, "random_state": 0, "copy_X": False}
    return lambda: np.asarray(Ridge(rank, lag_time=len(rows) // 2, **settings).fit(rows).eig())


def kooplearn_arpack(paths, delays, rank):
    return kooplearn(paths, delays, rank, "arpack")


def datafold(paths, delays, rank):
    import pandas as pd
    from datafold import TSCDataFrame
    from datafold.dynfold import DMDStandard

    before, after = hankel_pair(paths.all(), delays)
    pairs = np.stack([before, after], axis=1)
    index = pd.MultiIndex.from_product([range(len(pairs)), [0.0, 1.0]], names=["ID", "time"])
    data = TSCDataFrame(pd.DataFrame(pairs.reshape(2 * len(pairs), -1), index=index))
    return lambda: np.asarray(DMDStandard(rank=rank).fit(data).eigenvalues_)


def koopman_dmd(paths, delays, rank):
    """Formed delay vectors as columns: the pairs of the others. Its HankelDMD has other pairs, and takes longer."""
    from koopman_dmd import DMD

    before, after = hankel_pair(paths.all(), delays)
    columns = np.ascontiguousarray(np.concatenate([before, after[-1:]]).T)
    return lambda: np.asarray(DMD(columns, rank=rank).eigenvalues) @ [1, 1j]


def singular_values(paths, delays, rank):
    """The singular values alone, to tell what spectrum a case has."""
    before, _ = hankel_pair(paths.all(), delays)
    return lambda: np.linalg.svd(before, compute_uv=False)


def numpy_svd(paths, delays, rank):
    before, after = hankel_pair(paths.all(), delays)

    def fit():
        v, s, uh = np.linalg.svd(before, full_matrices=False)
        u = uh[:rank].T
        return np.linalg.eigvals(u.T @ (after.T @ (v[:, :rank] / s[:rank])))

    return fit


def gram_eigh(paths, delays, rank):
    """All eigenvectors of the Gram matrix of formed windows: the reference if an SVD takes an hour."""
    paths = paths.all()
    rows, features, states = paths.reshape(len(paths), -1), delays * paths.shape[2], paths.shape[2]

    def fit():
        gram, cross = 0.0, 0.0
        for k in range(paths.shape[1] - delays):
            now = rows[:, k * states : k * states + features]
            gram = gram + now.T @ now
            cross = cross + rows[:, (k + 1) * states : (k + 1) * states + features].T @ now
        squares, vectors = np.linalg.eigh(gram)
        u = vectors[:, : -rank - 1 : -1]
        return np.linalg.eigvals(u.T @ (cross @ (u / squares[: -rank - 1 : -1])))

    return fit


PEERS = {
    "KoopView": of_array,
    "KoopView, torch": of_torch,
    "KoopView, chunks": of_chunks,
    "PyDMD": pydmd,
    "kooplearn, dense": kooplearn,
    "kooplearn, arpack": kooplearn_arpack,
    "koopman-dmd": koopman_dmd,
    "datafold": datafold,
    "singular values": singular_values,
    SVD: numpy_svd,
    EIGH: gram_eigh,
    CONVERGED: converged,
}


def timed(fit):
    """Return the CPU seconds of the first call and of later ones (None if the first took too long), and the result."""
    started = time.process_time()
    values, first, fits = fit(), time.process_time() - started, 0
    if first > ONCE:
        return first, None, values
    started = time.process_time()
    while (spent := time.process_time() - started) < LATER or not fits:
        values, fits = fit(), fits + 1
    return first, spent / fits, values


def memory(field):
    """Return what Linux says of this process in MiB: "VmRSS" is what it holds now, "VmHWM" the most that it held."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) / 1024


def measured(name, case, file):
    """Fit and return the measurements; "working" is the memory above that of the imports and of the data as given."""
    fit = PEERS[name](case.paths(), case.delays, case.rank)
    held = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew: making the data does not count
    first, later, values = timed(fit)
    np.save(file, values)
    peak = memory("VmHWM")
    return {"first": first, "seconds": later or first, "repeated": bool(later), "peak": peak, "working": peak - held}


def rate(file):
    """Save the multiplications and additions a second of float64 matrix products, the median of nine."""
    left, right = np.random.default_rng(0).normal(size=(2, RATE_SIZE, RATE_SIZE))
    spent = []
    for _ in range(9):
        started = time.process_time()
        left @ right
        spent.append(time.process_time() - started)
    np.save(file, 2 * RATE_SIZE**3 / np.median(spent))


def end_in_time():
    """End this process after `LONGEST`; with a limit of the system, Linux would count CPU seconds in ticks of 4 ms."""
    while time.process_time() < LONGEST:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGXCPU)


def main(file, *words):
    if not words:
        rate(file)
        return
    threading.Thread(target=end_in_time, daemon=True).start()
    try:
        told = measured(words[0], Case.of_words(*words[1:]), file)
    except ModuleNotFoundError as lacking:
        told = {"reason": f"not installed: {lacking.name}"}
    except ImportError as lacking:
        told = {"reason": f"needs other versions: {lacking.msg.splitlines()[0].split(' (')[0]}"}
    except MemoryError:
        told = {"reason": "not enough memory"}
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
