"""Decompose the same snapshot pairs by KoopView or by another library, one run per process.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python tests/benchmarks/peers.py NAME SAMPLES STEPS STATES DELAYS RANK FILE

saves the eigenvalues in FILE and prints one line of JSON: CPU seconds of the fit, peak memory of the
whole process in MiB; or the reason why it could not run.
"""

import json
import resource
import sys
import time

import numpy as np

LONGEST = 600
"""CPU seconds after which a peer is stopped."""


class Paths:
    """Paths of a random ReLU layer on random inputs (METHOD section 2.1): a hard spectrum without a gap."""

    def __init__(self, samples, steps, states):
        self.shape = (samples, steps + 1, states)
        rng = np.random.default_rng(0)
        self.weight, self.bias = rng.normal(size=(states, states)) / np.sqrt(states), 0.1 * rng.normal(size=states)

    def make(self, start, stop):
        """Return the paths (stop - start, steps + 1, states) of some samples."""
        _, length, states = self.shape
        x = np.stack([np.random.default_rng(1 + i).normal(size=states) for i in range(start, stop)])
        affine = x @ self.weight.T + self.bias
        paths = np.empty((stop - start, length, states))
        for k in range(length):
            s = k / (length - 1)
            z = (1 - s) * x + s * affine
            paths[:, k] = (1 - s) * z + s * np.maximum(z, 0)
        return paths

    def all(self):
        """Return the paths of all samples."""
        return self.make(0, self.shape[0])


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
    model = Ridge(
        rank, lag_time=len(rows) // 2, reduced_rank=False, alpha=0.0, eigen_solver=solver, random_state=0, copy_X=False
    )
    return lambda: np.asarray(model.fit(rows).eig())


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
    "datafold": datafold,
    "numpy.linalg.svd": numpy_svd,
    "Gram matrix, eigh": gram_eigh,
    "KoopView, ten digits": converged,
}


def measured(name, sizes, file):
    """Fit and return the measurements; short fits are repeated many times, without the first one, which imports."""
    samples, steps, states, delays, rank = sizes
    fit = PEERS[name](Paths(samples, steps, states), delays, rank)
    started = time.process_time()
    values, seconds, fits = fit(), time.process_time() - started, 1
    if seconds < 2:
        started = time.process_time()
        while (spent := time.process_time() - started) < 2:
            values, fits = fit(), fits + 1
        seconds = spent / (fits - 1)
    np.save(file, values)
    return {"seconds": seconds, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def main(name, *arguments):
    *sizes, file = arguments
    resource.setrlimit(resource.RLIMIT_CPU, (LONGEST, LONGEST))
    try:
        told = measured(name, [int(size) for size in sizes], file)
    except ModuleNotFoundError as lacking:
        told = {"reason": f"not installed: {lacking.name}"}
    except ImportError as lacking:
        told = {"reason": f"needs other versions: {lacking.msg.splitlines()[0].split(' (')[0]}"}
    except MemoryError:
        told = {"reason": "not enough memory"}
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
