"""A cluster that stays open from one use to the next, in a thread of its own: whoever waits for it can give up."""

import threading

from koopview.cluster.opening import Cluster, check_workers, counted_workers, local_workers, opened
from koopview.errors import Cancelled
from koopview.progress import Progress

POLL_SECONDS = 0.1
"""Seconds between two looks whether a cluster is open, and at each progress is told: a person may give up."""

END_SECONDS = 15.0
"""Seconds that are waited for the end of a cluster: workers that never began end with the program."""


class LastingCluster:
    """A cluster that its own thread opens, keeps open, and closes once it is to end.

    Parameters
    ----------
    where : str
        A word or an address, see :func:`koopview.cluster.opening.opened`.

    Raises
    ------
    InputError
        If `where` is neither.
    """

    def __init__(self, where: str) -> None:
        count = local_workers(where)
        self.where, self._step = where, f"reaching {where}" if count is None else f"starting {counted_workers(count)}"
        self._cluster: Cluster | None = None
        self._error: Exception | None = None
        self._ready, self._unwanted, self._was_used = threading.Event(), threading.Event(), False
        self._thread = threading.Thread(target=self._run, name="cluster", daemon=True)  # holds no program that ends
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether it can be used: it is being opened, or its client is connected."""
        if self._unwanted.is_set() or not self._thread.is_alive():
            return False
        return self._cluster is None or self._cluster.client.status == "running"

    @property
    def ended(self) -> bool:
        """Whether nothing of it is left."""
        return not self._thread.is_alive()

    def use(self, progress: Progress) -> tuple[Cluster, bool]:
        """Return the Cluster, once it is open, and whether this is its first use; its workers are checked at each.

        Raises
        ------
        InputError
            As :func:`koopview.cluster.opening.opened`.
        Cancelled
            If `progress` raises it; opening goes on.
        """
        while not self._ready.wait(POLL_SECONDS):
            progress(0.0, self._step)
        if self._cluster is None:
            assert self._error is not None
            raise self._error
        is_first, self._was_used = not self._was_used, True
        if not is_first:
            check_workers(self._cluster.client, self.where)
        return self._cluster, is_first

    def end(self) -> None:
        """Let it close, without waiting for that: at once, or as soon as it is open."""
        self._unwanted.set()

    def wait(self, seconds: float = END_SECONDS) -> None:
        """Wait until it is closed, at most some seconds."""
        self._thread.join(seconds)

    def _check_wanted(self) -> None:
        if self._unwanted.is_set():
            raise Cancelled

    def _run(self) -> None:
        try:
            with opened(self.where, self._check_wanted) as cluster:
                self._cluster = cluster
                self._ready.set()
                self._unwanted.wait()
        except Exception as error:  # raised where it is used
            self._error = error
        finally:
            self._ready.set()
