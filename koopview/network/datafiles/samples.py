"""The request to read a data file, and its result."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np


class Samples(NamedTuple):
    """The content of a file; labels and test samples are None if there are none."""

    inputs: np.ndarray
    labels: np.ndarray | None
    test_inputs: np.ndarray | None = None
    test_labels: np.ndarray | None = None
    class_names: tuple[str, ...] = ()


class DataNames(NamedTuple):
    """The names among which inputs and labels are chosen; empty if a file leaves no choice."""

    inputs: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """A request to read a file: names of inputs and labels, the file's name in errors, and the part of its samples.

    `part` is "train" or "test".
    """

    keys: tuple[str, str] | None
    what: str
    expected: str
    part: str


class Reader(Protocol):
    """A module that reads one format."""

    def read(self, path: Path, asked: Asked) -> Samples:
        """Return the Samples of a file or folder; raises FileError or InputError."""

    def names(self, path: Path) -> DataNames:
        """Return the names among which inputs and labels are chosen, read without any numbers."""
