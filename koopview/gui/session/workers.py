"""The workers on which sweeps are computed: a cluster that stays open from one sweep to the next; no Qt here."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from koopview.cluster.lasting import LastingCluster
from koopview.errors import InputError
from koopview.progress import Progress


class WorkersRefused(InputError):  # noqa: N818 - said of workers, as EditRefused is of an edit
    """Workers that cannot be used, with the sentence that says why."""


class Use(NamedTuple):
    """The client of a cluster, None for this program itself, and a sentence if its workers were made ready for it."""

    client: Any = None
    ready: str = ""


class Workers:
    """Opens the workers that are named, on the thread that uses them, and keeps them for the next sweep.

    They end after a sweep that was stopped or failed, where others are named, and when all is closed.
    """

    def __init__(self) -> None:
        self.named = ""
        """A word or an address, see :func:`koopview.cluster.opening.opened`; empty: this program computes itself."""
        self._kept: LastingCluster | None = None
        self._in_use = False
        self._ending: list[LastingCluster] = []
        self._lock = threading.Lock()

    def name(self, where: str) -> None:
        """Use the workers at `where` from now on; those kept of another name end, a running sweep's after it."""
        with self._lock:
            self.named = where
            self._end_unnamed()

    @contextmanager
    def used(self, where: str, progress: Progress) -> Iterator[Use]:
        """Yield the Use of the workers at `where`, opened if they are not; they end if the block raises an error.

        Raises
        ------
        WorkersRefused
            If they cannot be used.
        Cancelled
            If `progress` raises it.
        """
        if not where:
            yield Use()
            return
        is_whole = False
        try:
            try:
                cluster, is_first = self._taken(where).use(progress)
            except InputError as error:
                raise WorkersRefused(str(error)) from error
            yield Use(cluster.client, cluster.told if is_first else "")
            is_whole = True
        finally:
            self._give_back(is_whole)

    def close(self) -> None:
        """End all workers, and wait until none is left."""
        with self._lock:
            self._end_kept()
        for one in self._ending:
            one.wait()

    def _taken(self, where: str) -> LastingCluster:
        """Return the cluster at `where`, the one that was kept if it still runs."""
        with self._lock:
            if self._kept is not None and not (self._kept.where == where and self._kept.running):
                self._end_kept()
            self._kept = self._kept or LastingCluster(where)
            self._in_use = True
            return self._kept

    def _give_back(self, is_whole: bool) -> None:
        """Keep the cluster after a sweep that came to its end, if it is still the one that is named."""
        with self._lock:
            self._in_use = False
            if is_whole:
                self._end_unnamed()
            else:
                self._end_kept()

    def _end_unnamed(self) -> None:
        if not self._in_use and self._kept is not None and self._kept.where != self.named:
            self._end_kept()

    def _end_kept(self) -> None:
        if self._kept is not None:
            self._kept.end()
            self._ending = [one for one in self._ending if not one.ended] + [self._kept]
            self._kept = None
