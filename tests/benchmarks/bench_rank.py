"""Time from a slider to the accuracy: a change of rank, and a dragged eigenvalue, on 10,000 MNIST images.

    python packaging/bootstrap.py bench

Neither decomposes the data again. Times are of this machine and this run; the best of several is given beside the
median, since other programs can only add time.
"""

import time

import torch

from koopview.arguments import Source
from koopview.opening import open_study

REPEATS = 9


def tell(what, study, asked, **options):
    """Fit every one of the settings `asked` and print the best and the median time."""
    times = []
    for settings in asked:
        started, worked = time.perf_counter(), time.process_time()
        study.fitted(settings, **options)
        times.append((1000 * (time.perf_counter() - started), 1000 * (time.process_time() - worked)))
    (best, cpu), (median, _) = min(times), sorted(times)[len(times) // 2]
    print(f"{what:<40} best {best:6.1f} ms ({cpu:6.1f} ms of processors), median {median:6.1f} ms", flush=True)


def main():
    """Fit MNIST's first layer once, then change its rank and move one of its modes."""
    study = open_study(Source(model="demo:mnist"))
    settings = study.settings("0", delays=10, rank=500)
    study.fitted(settings)
    print(f"MNIST 784 -> 512, h = 10, {len(study.dataset.x_test):,} test images, {torch.get_num_threads()} threads")
    for rank in (30, 50, 100, 300, 500):
        below = [settings.with_rank(rank - i) for i in range(2 * REPEATS)]
        tell(f"rank to about {rank}: accuracy", study, below[::2], spectrum=False)
        tell(f"rank to about {rank}: eigenvalues too", study, below[1::2])
    for rank in (50, 100, 500):
        shown = settings.with_rank(rank)
        value = study.fitted(shown).eigenvalues[4]
        dragged = [shown.with_edits([(4, 0.99**i * value)]) for i in range(REPEATS + 1)]
        study.fitted(dragged[0])
        tell(f"one mode of {rank} dragged", study, dragged[1:])


if __name__ == "__main__":
    main()
