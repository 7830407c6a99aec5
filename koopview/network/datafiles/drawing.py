"""Of samples that are larger than memory a uniform random draw is kept, the same share of each part."""

from collections.abc import Iterator, Sequence

import numpy as np

from koopview.errors import InputError
from koopview.memory import GIB, free_memory
from koopview.network.datafiles.samples import Asked

SHARE = 0.5
"""Share of the free memory that samples may take while they are read."""

_COPIES = 8
"""Bytes a number takes beside the file's own: as float32, once in the file's order and once in training and test."""

Rows = np.ndarray | None
"""Indices of the rows that are kept, in order; None for all."""


def budget_of(asked: Asked) -> int | None:
    """Return the bytes of memory that samples may take, None if nobody knows."""
    free = free_memory()
    return asked.budget if asked.budget is not None else None if free is None else int(SHARE * free)


def row_bytes(numbers: int, itemsize: int) -> int:
    """Return the bytes of memory that a sample of so many numbers takes while it is read and kept."""
    return numbers * (itemsize + _COPIES)


def most_rows(bytes_a_row: int, asked: Asked, name: str) -> int | None:
    """Return the number of samples that fit into memory, None for any; raises InputError if not even a few do."""
    budget = budget_of(asked)
    if budget is None:
        return None
    if 10 * bytes_a_row > budget:
        sizes = f"{10 * bytes_a_row / GIB:,.1f} GiB of memory and {budget / GIB:,.1f} GiB are free for them"
        raise InputError(f"{asked.what} {name}: ten samples would take {sizes}, expected smaller samples")
    return budget // max(bytes_a_row, 1)


def drawn_rows(counts: Sequence[int], bytes_a_row: int, asked: Asked, name: str) -> tuple[list[Rows], tuple[str, ...]]:
    """Return the Rows kept of each part with so many samples, and the remark on them if any is left out."""
    total, most = sum(counts), most_rows(bytes_a_row, asked, name) if sum(counts) else None
    if most is None or total <= most:
        return [None for _ in counts], ()
    rng = np.random.default_rng(asked.seed)
    kept = [int(most * (count / total)) for count in counts]
    rows: list[Rows] = [
        np.sort(rng.choice(count, min(number, count), replace=False))
        for count, number in zip(counts, kept, strict=True)
    ]
    return rows, (draw_told(total, sum(kept), asked),)


def draw_told(total: int, kept: int, asked: Asked) -> str:
    """Return the sentence on a draw."""
    return (
        f"{total:,} samples are more than the free memory holds: {kept:,} of them, drawn by seed {asked.seed}, are used"
    )


class Reservoir:
    """A uniform draw of at most `most` rows from blocks of rows whose number is not known before the last one."""

    def __init__(self, most: int, seed: int) -> None:
        self._most, self._rng = most, np.random.default_rng(seed)
        self._blocks: list[np.ndarray] = []  # of float32, until there are more than `most` rows
        self._kept: np.ndarray | None = None
        self._numbers = np.arange(0)  # of the rows kept
        self.total = 0

    def add(self, block: np.ndarray) -> None:
        """Take or leave each row of the next block (rows, ...)."""
        start, self.total = self.total, self.total + len(block)
        if self._kept is None:
            room = self._most - start
            self._blocks.append(block[:room])
            if len(block) <= room:
                return
            self._kept, self._blocks = np.concatenate(self._blocks), []
            self._numbers = np.arange(self._most)
            block, start = block[room:], self._most
        places = self._rng.integers(0, np.arange(start, start + len(block)) + 1)  # Vitter's algorithm R
        for row in np.flatnonzero(places < self._most):
            self._kept[places[row]], self._numbers[places[row]] = block[row], start + row

    def rows(self) -> np.ndarray:
        """Return the rows kept, in the order in which they came; empty without any."""
        if self._kept is None:
            return np.concatenate(self._blocks) if self._blocks else np.empty((0, 0))
        return self._kept[np.argsort(self._numbers)]


def picked(blocks: Iterator[np.ndarray], rows: np.ndarray, out: np.ndarray) -> np.ndarray:
    """Return `out`, filled with the given rows of consecutive blocks."""
    start = 0
    for block in blocks:
        first, last = np.searchsorted(rows, (start, start + len(block)))
        out[first:last] = block[rows[first:last] - start]
        start += len(block)
    return out
