"""Compute tasks on the workers of a cluster: with progress, cancelled at once, done again where a worker was lost."""

import queue
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from koopview import __version__
from koopview.cluster.sending import Parcel
from koopview.cluster.shared import deliver
from koopview.cluster.worker import Call, carried_out
from koopview.errors import InputError, KoopViewError
from koopview.progress import Progress

POLL_SECONDS = 0.2
"""Seconds after which progress is told again, whatever happened: a person who cancels waits no longer."""

PATIENCE_SECONDS = 60.0
"""A cluster that has had no workers for so long will not get any: nannies start lost ones again in a few seconds."""

ASKED_EVERY = 5.0
"""Seconds between two looks at the workers while nothing is finished."""

OnResult = Callable[[int, Any], None]
"""Called with a task's index and its result, in the caller's thread."""


@dataclass(frozen=True, eq=False)
class Task:
    """One call on a worker: ``function(*shared, *results of the tasks `after`, *arguments, progress=...)``.

    Attributes
    ----------
    name : str
        For a person: what is computed.
    function : callable
        Of a module that the workers have.
    arguments : tuple
        Small ones: they travel with the task.
    after : tuple of int
        Indices of earlier tasks whose results it takes, from worker to worker.
    weight : float
        Its share of the work, in any unit.
    wanted : bool
        Whether its result comes back; otherwise it stays on the workers for the tasks that take it.
    shares : bool
        Whether it takes what is shared.
    """

    name: str
    function: Callable[..., Any]
    arguments: tuple[Any, ...] = ()
    after: tuple[int, ...] = ()
    weight: float = 1.0
    wanted: bool = True
    shares: bool = True


def computed(
    client: Any, parcels: Sequence[Parcel], tasks: Sequence[Task], on_result: OnResult, progress: Progress
) -> tuple[str, ...]:
    """Compute tasks on a client's workers, and return what a person should know of it: what was computed twice.

    Tasks share the objects of `parcels`, see :func:`koopview.cluster.shared.sharing`. Tasks of a worker that is lost
    are computed again by others, those of a connection that is lost once it is back.

    Raises
    ------
    KoopViewError
        The one that a task raised.
    InputError
        If workers die of a task again and again, or the cluster has gone.
    Cancelled
        If `progress` raises it; running tasks stop.
    """
    run = _Run(client, parcels, tasks)
    try:
        run.submit()
        told = time.monotonic()
        while run.left:
            finished = run.next_finished()
            if finished is not None:
                on_result(*finished)
            if finished is None or time.monotonic() - told > POLL_SECONDS:  # many results may come one after another
                told = time.monotonic()
                progress(*run.so_far())
        return run.notes()
    finally:
        run.end()


class _Run:
    """The tasks of one call that are not finished yet, and what workers said of them."""

    def __init__(self, client: Any, parcels: Sequence[Parcel], tasks: Sequence[Task]) -> None:
        self.left = {index for index, task in enumerate(tasks) if task.wanted}
        self._client, self._parcels, self._tasks = client, parcels, tasks
        self._topic = f"koopview-{uuid.uuid4().hex[:12]}"
        self._futures: dict[int, Any] = {}
        self._finished: queue.SimpleQueue[tuple[int, Any]] = queue.SimpleQueue()
        self._begun: dict[int, list[str]] = {}
        self._done: dict[int, float] = {}
        self._tries, self._alive, self._asked = 0, time.monotonic(), 0.0

    def submit(self) -> None:
        """Submit all tasks that are left, and those that they take."""
        self._tries += 1
        self._client.subscribe_topic(self._topic, self._hear)
        if self._tries > 1:
            deliver(self._client, self._parcels)
        names = tuple(parcel.name for parcel in self._parcels)
        futures: dict[int, Any] = {}
        for index in sorted(self._needed()):
            task = self._tasks[index]
            call = Call(task.function, names if task.shares else (), task.arguments)
            said = (call, __version__, self._topic, index)
            options = {"key": (f"{self._topic}-{self._tries}", index), "priority": -index}
            futures[index] = self._client.submit(carried_out, *said, *(futures[one] for one in task.after), **options)
        self._futures = {index: futures[index] for index in self.left}  # the others are kept by those that take them
        for index, future in self._futures.items():
            future.add_done_callback(lambda one, index=index: self._finished.put((index, one)))

    def _needed(self) -> set[int]:
        """Return the indices of the tasks that are left, and of all those that they take."""
        needed, more = set(self.left), list(self.left)
        while more:
            more = [one for index in more for one in self._tasks[index].after if one not in needed]
            needed |= set(more)
        return needed

    def next_finished(self) -> tuple[int, Any] | None:
        """Return the index and the result of the next finished task, None if none finishes soon; raises its error."""
        try:
            index, future = self._finished.get(timeout=POLL_SECONDS)
        except queue.Empty:
            self._check_alive()
            return None
        if index not in self._futures or self._futures[index] is not future:
            return None  # of an earlier try
        if future.status == "error":
            raise _explained(future.exception(), self._tasks[index].name)
        if future.status != "finished":
            self._reconnect()
            return None
        result = future.result()
        self._alive = time.monotonic()
        self._done[index] = 1.0
        self.left.discard(index)
        del self._futures[index]
        return index, result

    def so_far(self) -> tuple[float, str]:
        """Return the share that is done, and the name of the task that began last."""
        total = sum(task.weight for task in self._tasks)
        done = sum(self._tasks[index].weight * share for index, share in list(self._done.items()))
        running = [index for index in list(self._begun) if self._done.get(index, 0.0) < 1.0]
        return min(done / total, 1.0), self._tasks[running[-1]].name if running else "waiting for workers"

    def notes(self) -> tuple[str, ...]:
        """Return a sentence on what was computed more than once, and why, if anything was."""
        again = [self._tasks[index].name for index, workers in sorted(self._begun.items()) if len(workers) > 1]
        if not again and self._tries == 1:
            return ()
        why = "a worker was lost" if self._tries == 1 else "the connection to the scheduler was lost and came back"
        some = again if len(again) <= 3 else [*again[:3], f"{len(again) - 3} more"]
        return (f"{why}; computed again: {'; '.join(some) or 'nothing'}",)

    def end(self) -> None:
        """Give up what is still running."""
        if self._client.status == "running":
            self._client.cancel(list(self._futures.values()), force=True)
            self._client.unsubscribe_topic(self._topic)
        self._futures = {}

    def _hear(self, event: tuple[float, dict[str, Any]]) -> None:
        """Take a worker's message, in the client's thread."""
        said = event[1]
        if "began" in said:
            self._begun.setdefault(said["task"], []).append(said["began"])
            self._done[said["task"]] = 0.0
        else:
            self._done[said["task"]] = said["done"]

    def _reconnect(self) -> None:
        """Submit again what is left once the client, whose connection was lost, has it back; or raise InputError."""
        while self._client.status == "connecting":
            time.sleep(POLL_SECONDS)
        if self._client.status != "running":
            raise InputError("the cluster has gone, expected its scheduler to run until the end")
        self.submit()

    def _check_alive(self) -> None:
        """Raise InputError if the cluster has had no workers for long, or its client is closed."""
        if self._client.status in ("closing", "closed"):
            raise InputError("the cluster has gone, expected its scheduler to run until the end")
        now = time.monotonic()
        if now - self._asked < ASKED_EVERY or self._client.status != "running":
            return
        self._asked = now
        try:
            workers = self._client.nthreads()
        except OSError:
            return  # the connection is being lost: futures will say so
        self._alive = now if workers else self._alive
        if now - self._alive > PATIENCE_SECONDS:
            raise InputError(f"the cluster has had no workers for {PATIENCE_SECONDS:.0f} s, expected one at least")


def _explained(error: BaseException, name: str) -> BaseException:
    """Return the error of a task as it is raised: one with a sentence for a person where its cause is no defect."""
    from distributed import KilledWorker

    if isinstance(error, KoopViewError):
        return error
    if isinstance(error, KilledWorker):
        return InputError(
            f"the workers that computed {name} were lost one after another, "
            "expected more memory for each, or fewer workers on a machine"
        )
    if isinstance(error, ModuleNotFoundError):
        return InputError(f"a worker has no module {error.name}, expected the same packages on every worker as here")
    return error
