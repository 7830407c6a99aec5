"""The passes of a streamed fit on the workers of a cluster: each reads and sums its own part of the samples."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from koopview.cluster.kept import PerThread
from koopview.cluster.opening import check_client
from koopview.cluster.sending import Parcel, packed, unpacked
from koopview.cluster.shared import sharing
from koopview.cluster.tasks import Task
from koopview.cluster.trees import summed
from koopview.errors import FileError, InputError
from koopview.hybrid.checkpoint import Checkpoint, Total
from koopview.hybrid.streamed_paths import StreamedPaths
from koopview.network.classes import classes_of
from koopview.network.datafiles.parts import Parts
from koopview.progress import Progress

PARTS = 16
"""Parts of a pass, whatever the workers are: its sums are the same to the last digit. A lost worker costs one."""

Sums = dict[str, np.ndarray]
"""Arrays of numpy, whose sizes Dask knows: it adds where the larger ones are."""


SEEN = 4
"""First samples that workers compare with the client's."""


class SentPaths:
    """Streamed paths on their way to workers, where each thread has its own: a reader's place in a file is one's own.

    Parameters
    ----------
    sent : bytes
        The StreamedPaths, pickled.
    seen : str
        What the client saw of the samples, see :func:`seen_of`.
    """

    def __init__(self, sent: bytes, seen: str) -> None:
        self._recipe = sent, seen
        self._own = PerThread[StreamedPaths]()

    def __reduce__(self) -> tuple[Any, ...]:
        return SentPaths, self._recipe

    def own(self) -> StreamedPaths:
        """Return this thread's StreamedPaths; raises InputError or FileError if its samples are not the client's."""
        return self._own.get(True, self._made)

    def _made(self) -> StreamedPaths:
        sent, seen = self._recipe
        paths: StreamedPaths = unpacked(sent)
        try:
            same = seen_of(paths.parts) == seen
        except OSError as error:
            raise FileError(
                f"a worker cannot read {paths.parts.name}: {error}, expected it at the same place"
            ) from error
        if not same:
            raise InputError(
                f"a worker reads other samples of {paths.parts.name} than the client, expected the same file"
            )
        return paths


class CheckpointOnWorkers(Checkpoint):
    """A Checkpoint whose passes are summed on workers; the file is written after each pass.

    `notes` are sentences on what was computed twice since a worker was lost.
    """

    def __init__(self, path: Path | None, of: str, client: Any, paths: Parcel) -> None:
        super().__init__(path, of)
        self._client, self._paths = client, paths
        self.notes: list[str] = []

    def summed(self, name: str, total: Total, count: int, rows: int, progress: Progress) -> None:
        """Add the samples up to `count` to a total; those of the pass that the file holds are known."""
        done = self._restored(name, total)
        progress(done / count, f"{name}, sample {done:,} of {count:,}")
        ranges = part_ranges(done, count, rows)
        tasks = [Task(f"{name}, sample {a:,} of {count:,}", sums_of_part, (a, b), weight=b - a) for a, b in ranges]
        if tasks:
            with sharing(self._client, packed(total.anew)) as own:
                found, notes = summed(self._client, [self._paths, *own], tasks, added, progress)
            for key, tensor in total.sums.items():
                tensor.add_(torch.as_tensor(found[key], device=tensor.device))
            self.notes += [f"{name}: {note}" for note in notes]
        self._note(name, total, count)


@contextmanager
def on_workers(path: Path | None, of: str, client: Any, paths: StreamedPaths) -> Iterator[CheckpointOnWorkers]:
    """Yield the CheckpointOnWorkers of a fit; network, layer and the samples' place are sent to each worker once."""
    check_client(client)
    own = packed(replace(paths), classes_of(paths.network))  # without what it has made for itself
    with sharing(client, packed(SentPaths(own, seen_of(paths.parts)))) as (parcel,):
        yield CheckpointOnWorkers(path, of, client, parcel)


def part_ranges(start: int, stop: int, rows: int) -> list[tuple[int, int]]:
    """Return the ranges of the parts of some samples, PARTS or fewer, each of whole chunks of `rows` but the last."""
    chunks = -(-(stop - start) // rows)
    count = min(PARTS, chunks)
    ends = [min(start + rows * (chunks * (i + 1) // count), stop) for i in range(count)]
    return list(zip([start, *ends][: len(ends)], ends, strict=True))


def sums_of_part(
    sent: SentPaths, anew: Callable[[StreamedPaths], Total], start: int, stop: int, *, progress: Progress
) -> Sums:
    """Return the sums over the samples from `start` to before `stop`, on a worker.

    Raises
    ------
    InputError, FileError
        If the worker cannot read the client's samples.
    MemoryShort, Cancelled
    """
    paths = sent.own()
    total = anew(paths)
    for first in range(start, stop, paths.rows):
        progress((first - start) / (stop - start), "sums")
        total.add(first, min(first + paths.rows, stop))
    return {name: tensor.cpu().numpy() for name, tensor in total.sums.items()}


def seen_of(parts: Parts) -> str:
    """Return a hash of the first samples, and of the sizes of their files, a str; raises FileError, OSError."""
    sizes = [path.stat().st_size for path in parts.files if path.is_file()]
    digest = hashlib.blake2b(repr((parts.shape, sizes)).encode(), digest_size=16)
    digest.update(parts.read(0, min(SEEN, len(parts))).tobytes())
    return digest.hexdigest()


def added(one: Sums, other: Sums) -> Sums:
    """Return the sums over the samples of both."""
    return {name: array + other[name] for name, array in one.items()}
