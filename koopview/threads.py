"""How many threads a computation takes, and how they wait for each other."""

import os
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

SMALL = 200
"""Rows up to which a matrix is worked on by one thread: more bring nothing."""

_before: deque[int] = deque(maxlen=1)
"""The number of threads that `one_thread` found last."""


def let_idle_threads_sleep() -> None:
    """Let OpenMP's threads sleep while they wait, unless the environment says otherwise; before torch is imported.

    By default they spin, and hold the processor that the thread they wait for needs. `koopview fit --model demo:mnist
    --layer 0 --delays 10 --rank 50` on two processors that other programs used too took 37 and 46 s spinning, 21 and
    9 s asleep; with the machine to itself it takes as long either way.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


@contextmanager
def one_thread(wanted: bool = True) -> Iterator[None]:
    """Let torch compute in the calling thread alone while the block runs, if that is `wanted`.

    Two threads that share a product of small matrices spin until each has the other's part. Where other programs hold
    the processors, a 100 x 100 matrix took 0.7 s of processor time to its 11th power so, and 0.3 ms alone. torch keeps
    the number for each thread that has computed already; a new one begins with the number set last, see
    :func:`take_all_threads`.
    """
    torch = sys.modules.get("torch")
    before = torch.get_num_threads() if torch is not None and wanted else 1
    if torch is None or before == 1:
        yield
        return
    _before.append(before)
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def take_all_threads() -> None:
    """Let torch compute in as many threads as ever, in a thread that may begin while another is in `one_thread`."""
    torch = sys.modules.get("torch")
    if torch is not None and _before:
        torch.get_num_threads()  # the first use in a thread takes the number set last: it must not come later
        torch.set_num_threads(_before[-1])
