"""How the threads of a parallel computation wait for each other."""

import os


def let_idle_threads_sleep() -> None:
    """Let OpenMP's threads sleep while they wait, unless the environment says otherwise; before torch is imported.

    By default they spin, and hold the processor that the thread they wait for needs. `koopview fit --model demo:mnist
    --layer 0 --delays 10 --rank 50` on two processors that other programs used too took 37 and 46 s spinning, 21 and
    9 s asleep; with the machine to itself it takes as long either way.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
