"""What a long pass over samples has summed so far, in a file from which a killed program goes on."""

import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
import torch

from koopview.errors import FileError
from koopview.files import existing_file, write_whole
from koopview.progress import Progress

EVERY = 20.0
"""Seconds between two writes: what a kill costs at most."""

EXPECTED = "a checkpoint that a streamed fit wrote"

WHAT = "checkpoint"


class Total(Protocol):
    """Sums over samples."""

    @property
    def sums(self) -> dict[str, torch.Tensor]:
        """The tensors that are added to, by name; the same ones at every call."""

    def add(self, start: int, stop: int) -> None:
        """Add the samples from `start` to before `stop`."""


class Checkpoint:
    """The sums of the passes of one fit, kept in a file if there is a path.

    Parameters
    ----------
    path : path or None
    of : str
        Hash of all that the sums depend on: a file of something else is refused.
    every : float
        Seconds between two writes.

    Raises
    ------
    FileError
        If the file is there and no checkpoint of this fit, or cannot be written.
    """

    def __init__(self, path: Path | None, of: str, every: float = EVERY) -> None:
        self._path, self._of, self._every = path, of, every
        self._arrays: dict[str, np.ndarray] = {} if path is None or not path.exists() else _read(path, of)
        self._written = time.monotonic()
        self.found = self.samples

    @property
    def samples(self) -> int:
        """Samples that are in the sums of all passes."""
        return sum(int(value) for name, value in self._arrays.items() if name.endswith(_DONE))

    def kept(self, name: str) -> dict[str, torch.Tensor] | None:
        """Return the tensors of a finished result called `name`, None if it is not there."""
        found = {key.removeprefix(f"{name}/"): torch.as_tensor(one) for key, one in self._of_pass(name).items()}
        return found if found and name + _DONE not in self._arrays else None

    def keep(self, name: str, tensors: Mapping[str, torch.Tensor], instead_of: str = "") -> None:
        """Write a finished result, in the place of the sums of a pass that it was made of."""
        for key in self._of_pass(instead_of) if instead_of else ():
            del self._arrays[key]
        self._arrays.pop(instead_of + _DONE, None)
        self._arrays |= {f"{name}/{key}": one.cpu().numpy() for key, one in tensors.items()}
        self._write()

    def summed(self, name: str, total: Total, count: int, rows: int, progress: Progress) -> None:
        """Add the samples up to `count` to a total, `rows` at a time; those of the pass that the file holds are known.

        If `progress` raises Cancelled, the file holds what had been summed.
        """
        done = self._restored(name, total)
        for start in range(done, count, rows):
            try:
                progress(start / count, f"{name}, sample {start:,} of {count:,}")
            except BaseException:  # between two chunks, so that the sums are whole
                self._note(name, total, start)
                raise
            total.add(start, min(start + rows, count))
            if time.monotonic() - self._written > self._every:
                self._note(name, total, min(start + rows, count))
        self._note(name, total, count)

    def _restored(self, name: str, total: Total) -> int:
        """Fill a total with the sums of the file, and return how many samples are in them."""
        held = self._of_pass(name)
        for key, tensor in total.sums.items():
            if f"{name}/{key}" in held:
                tensor.copy_(torch.as_tensor(held[f"{name}/{key}"]))
        return int(self._arrays.get(name + _DONE, 0))

    def _note(self, name: str, total: Total, done: int) -> None:
        """Write the sums of a pass in which so many samples are."""
        if self._path is not None:
            self._arrays |= {f"{name}/{key}": one.cpu().numpy() for key, one in total.sums.items()}
            self._arrays[name + _DONE] = np.array(done)
            self._write()

    def _of_pass(self, name: str) -> dict[str, np.ndarray]:
        return {key: one for key, one in self._arrays.items() if key.startswith(f"{name}/")}

    def _write(self) -> None:
        if self._path is not None:
            write_whole(self._path, partial(_save, self._arrays | {_OF: np.array(self._of)}), WHAT)
        self._written = time.monotonic()


_DONE, _OF = ":samples", "of"


def _save(arrays: Mapping[str, Any], file: IO[bytes]) -> None:
    np.savez(file, **arrays)


def _read(path: Path, of: str) -> dict[str, np.ndarray]:
    """Return the arrays of a checkpoint; raises FileError if it is none, or one of another fit."""
    file = existing_file(path, WHAT, EXPECTED)
    try:
        with np.load(file, allow_pickle=False) as held:
            arrays = {name: held[name] for name in held.files}
        known = str(arrays.pop(_OF))
    except Exception as error:  # a file may be anything
        raise FileError(f"{WHAT} {path} is something else or damaged, expected {EXPECTED}") from error
    if known != of:
        raise FileError(
            f"{WHAT} {path} is of another fit (its network, samples or settings differ), expected one of this fit, "
            "or a name that is free",
            "--checkpoint FILE",
        )
    return arrays
