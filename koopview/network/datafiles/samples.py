"""The request to read a data file, and its result."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from koopview.network.datafiles.head import DataHead
from koopview.progress import Progress, silent

ALL_OTHERS = "*"
"""The inputs of a table: every column that is not the label's."""

_CHANNELS = (1, 3, 4)
"""Numbers of channels that pictures have: grey, colour, colour and opacity."""


class Samples(NamedTuple):
    """The content of a file; labels and test samples are None if there are none."""

    inputs: np.ndarray
    labels: np.ndarray | None
    test_inputs: np.ndarray | None = None
    test_labels: np.ndarray | None = None
    class_names: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    """What was done with the file that a person should know, one sentence each."""


class DataNames(NamedTuple):
    """The names among which inputs and labels are chosen; empty if a file leaves no choice."""

    inputs: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """A request to read a file.

    Attributes
    ----------
    keys : (str, str) or None
        Names of inputs and labels: an empty first one for the usual inputs, an empty second one for no labels.
    what, expected : str
        The file's name in errors, and what was expected where it is no such file.
    part : "train" or "test"
    budget : int or None
        Bytes of memory that the samples may take, None for a share of what is free: of more samples some are drawn.
    seed : int
        Of that draw.
    progress : Progress
        Told of long reads; may raise Cancelled.
    """

    keys: tuple[str, str] | None = None
    what: str = "data"
    expected: str = "a data file"
    part: str = "train"
    budget: int | None = None
    seed: int = 0
    progress: Progress = silent


def channels_told(shape: tuple[int, ...]) -> tuple[str, ...]:
    """Return the remark on a sample's shape that looks as if its channels were last, empty for another shape."""
    if len(shape) != 3 or shape[2] not in _CHANNELS or shape[0] in _CHANNELS or shape[1] in _CHANNELS:
        return ()
    return (
        f"inputs of {' x '.join(map(str, shape))} look as if their channels were last, and are taken as they are; "
        "--channels last (channels='last') turns them round",
    )


class Reader(Protocol):
    """A module that reads one format."""

    def read(self, path: Path, asked: Asked) -> Samples:
        """Return the Samples of a file or folder; raises FileError or InputError."""

    def head(self, path: Path, asked: Asked) -> DataHead:
        """Return the DataHead of a file or folder, read without the rest of it; raises FileError or InputError."""
