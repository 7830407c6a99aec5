"""What is asked of a data file, and what is read from it."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np


class Samples(NamedTuple):
    """What a file holds; labels, and test samples beside the others, are None where there are none."""

    inputs: np.ndarray
    labels: np.ndarray | None
    test_inputs: np.ndarray | None = None
    test_labels: np.ndarray | None = None
    class_names: tuple[str, ...] = ()


class DataNames(NamedTuple):
    """The names among which inputs and labels are chosen; none where a file leaves no choice."""

    inputs: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """What is asked of a file: names of inputs and labels, what errors call it, and of which part its samples are.

    `part` is "train" or "test".
    """

    keys: tuple[str, str] | None
    what: str
    expected: str
    part: str


class Reader(Protocol):
    """A module that reads one format."""

    def read(self, path: Path, asked: Asked) -> Samples:
        """Return what a file or folder holds; raises FileError or InputError."""

    def names(self, path: Path) -> DataNames:
        """Return the names among which inputs and labels are chosen, read without any numbers."""
