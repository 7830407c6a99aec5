"""What a format of data files is, and what is read from one."""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import NamedTuple, Protocol, cast

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


@dataclass(frozen=True)
class DataFormat:
    """A format of data files.

    Attributes
    ----------
    name : str
        As sentences say it: "an NPZ, CSV or idx file".
    home : str
        The module that reads it, imported when it is first needed (:class:`Reader`).
    endings : tuple of str
        Of the names of its files, in small letters.
    parts : tuple of str
        What is inside such a name.
    folder : bool
        Whether it is a folder.
    named : bool
        Whether its inputs and labels are picked by names.
    """

    name: str
    home: str
    endings: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    folder: bool = False
    named: bool = False

    def fits(self, path: Path) -> bool:
        """Return whether a path looks like one of this format."""
        if path.is_dir():
            return self.folder
        name = path.name.lower()
        return name.endswith(self.endings) or any(part in name for part in self.parts)

    def reader(self) -> Reader:
        """Return the module that reads it."""
        return cast(Reader, import_module(self.home))
