"""Fits and sweeps on the workers of a Dask cluster beside those of one process: numbers, processor time, bytes moved.

    python packaging/bootstrap.py bench

Workers of this machine, each a process of one thread; processor seconds are those of this process and of its workers,
with the cluster already up. The streamed fit is that of MNIST's first layer, h = 10, r = 50, N = 20, exact, with its
controls, for B = 60,000 and 5,000 images in an NPY file: ``bench_cluster.py 60000``, or other numbers. Without the
published images in the data directory the built-in 5,000 are repeated with noise, and the output says so.
"""

import os
import signal
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from bench_stream import images

from koopview.arguments import Source
from koopview.cluster.opening import opened
from koopview.opening import open_study

WORKERS = (1, 2, 4)
COUNTS = (5000, 60_000)
STREAMED = {"delays": 10, "rank": 50}
SWEPT = (("0", "2", "4"), (1, 5, 10), (10, 50))


def study():
    """Return a new study of the built-in network."""
    return open_study(Source(model="demo:mnist"))


class Costs:
    """Processor seconds of this process and of a client's workers, bytes that the workers sent, since it was made."""

    def __init__(self, client=None):
        self._client, self._before = client, self._now(client)

    @staticmethod
    def _now(client):
        workers = [] if client is None else list(client.run(worker_costs).values())
        seconds = time.process_time() + sum(each[0] for each in workers)
        return np.array([seconds, sum(each[1] for each in workers), time.monotonic()])

    def spent(self):
        """Return processor seconds, megabytes sent between workers and to this process, and seconds gone by."""
        seconds, sent, gone = self._now(self._client) - self._before
        return seconds, sent / 1e6, gone


def worker_costs(dask_worker):
    """Return the processor seconds of a worker, and the bytes that it has sent."""
    return sum(os.times()[:2]), dask_worker.transfer_outgoing_bytes_total


def told(name, costs, results, alone, seconds_alone):
    """Print one line on results beside those of one process."""
    seconds, sent, gone = costs.spent()
    apart = max(abs(one.eigenvalues - other.eigenvalues).max() for one, other in zip(results, alone, strict=True))
    same = all(one.accuracy == other.accuracy for one, other in zip(results, alone, strict=True))
    print(
        f"  {name}: {seconds:.1f} processor s ({seconds / seconds_alone:.2f} of none), {gone:.1f} s gone by, "
        f"{sent:.1f} MB sent, eigenvalues {apart:.1e} apart, accuracies {'equal' if same else 'DIFFER'}",
        flush=True,
    )


def compared(name, compute, workers):
    """Print what `compute`, a function of a client or None, costs with and without workers; return its results."""
    costs = Costs()
    alone, _ = compute(None)
    seconds, _, gone = costs.spent()
    print(f"{name}: {seconds:.1f} processor s with no cluster, {gone:.1f} s gone by", flush=True)
    for count in workers:
        with opened(f"local:{count}") as cluster:
            print(f"  {cluster.told}", flush=True)
            costs = Costs(cluster.client)
            found, _ = compute(cluster.client)
            told(f"{count} workers", costs, found, alone, seconds)
    return alone, seconds


def killed(compute, alone, seconds):
    """Print what a computation on two workers costs of which one is killed on the way."""
    with opened("local:2") as cluster:
        victim = next(iter(cluster.client.run(os.getpid).values()))

        def kill(fraction, text):
            if fraction > 0.3 and not gone:
                gone.append(os.kill(victim, signal.SIGKILL))

        gone, began = [], time.monotonic()
        found, notes = compute(cluster.client, kill)
        apart = max(abs(one.eigenvalues - other.eigenvalues).max() for one, other in zip(found, alone, strict=True))
        print(
            f"  a worker killed: {time.monotonic() - began:.1f} s gone by, eigenvalues {apart:.1e} apart; told: {notes}"
        )


def streamed(path):
    """Return the function that fits to a stream."""

    def compute(client, progress=lambda fraction, text: None):
        fit = study().fit_stream(path, "0", client=client, progress=progress, **STREAMED)
        return [fit.result], fit.note

    return compute


def swept(client, progress=lambda fraction, text: None):
    """Return the cells of a sweep, and its notes."""
    found = study().sweep(*SWEPT, client=client, progress=progress)
    return list(found), found.notes


def main():
    """Print all comparisons."""
    torch.set_num_threads(1)
    counts = [int(word) for word in sys.argv[1:]] or COUNTS
    killed(swept, *compared("sweep of three layers, 18 cells, B = 1,000", swept, WORKERS))
    with tempfile.TemporaryDirectory() as folder:
        for count in counts:
            x, what = images(count)
            path = Path(folder) / "stream.npy"
            np.save(path, x)
            name = f"streamed fit, B = {count:,} ({what})"
            alone, seconds = compared(name, streamed(path), WORKERS if count <= 5000 else WORKERS[:2])
            if count <= 5000:
                killed(streamed(path), alone, seconds)


if __name__ == "__main__":
    main()
