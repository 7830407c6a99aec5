"""What runs on a worker: one task of many, which says how far it is, and stops where nobody wants it any more."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from koopview import __version__
from koopview.cluster.shared import content_of
from koopview.errors import Cancelled, InputError
from koopview.progress import Progress
from koopview.threads import let_idle_threads_sleep, one_thread

TOLD_EVERY = 0.25
"""Seconds between two messages on the progress of a task."""


def prepared() -> None:
    """Import what tasks need, so that the first one does not wait for it."""
    let_idle_threads_sleep()
    import torch

    torch.set_num_threads(1)


@dataclass(frozen=True, eq=False)
class Call:
    """A function, the names of the parcels whose objects it takes first, and its own arguments, which it takes last."""

    function: Callable[..., Any]
    parcels: tuple[str, ...]
    arguments: tuple[Any, ...]


def carried_out(call: Call, version: str, topic: str, index: int, *before: Any) -> Any:
    """Return what a call returns, computed in one thread.

    Parameters
    ----------
    call : Call
        Its function takes the objects of its parcels, the results of the tasks `before`, its own arguments, and
        `progress`.
    version : str
        The client's KoopView.
    topic : str
        Is told the task's `index` when it begins, and how far it is.

    Raises
    ------
    InputError
        If this worker has another version of KoopView.
    Cancelled
        If the client has given the task up.
    """
    from distributed import get_worker

    worker = get_worker()
    if version != __version__:
        raise InputError(f"worker {worker.address} has KoopView {__version__}, expected {version}")
    worker.log_event(topic, {"task": index, "began": worker.address})
    with one_thread():
        given = (*(content_of(name) for name in call.parcels), *before, *call.arguments)
        return call.function(*given, progress=_told(worker, topic, index))


def _told(worker: Any, topic: str, index: int) -> Progress:
    """Return the Progress callback of a task, which tells its client now and then and raises Cancelled."""
    key, last = worker.get_current_task(), [0.0]

    def progress(fraction: float, text: str) -> None:
        now = time.monotonic()
        if now - last[0] < TOLD_EVERY:
            return
        last[0] = now
        state = worker.state.tasks.get(key)
        if state is None or state.state == "cancelled":  # by its client, or since its client has gone
            raise Cancelled
        worker.log_event(topic, {"task": index, "done": fraction})

    return progress
