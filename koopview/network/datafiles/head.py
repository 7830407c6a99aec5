"""The head of a data file: its arrays and first samples, found without reading the rest."""

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class ArrayHead:
    """One array or column of a file: its name, shape (samples first) and kind of numbers ("float32", "text")."""

    name: str
    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True, eq=False)
class DataHead:
    """The head of a data file.

    Attributes
    ----------
    format : str
        In words: "NPZ", "CSV", "a folder of pictures by class".
    arrays : tuple of ArrayHead
        All that the file holds, to choose inputs and labels from.
    inputs, labels : str
        The names that are taken with the given keys, or by default; empty if none is.
    samples, test_samples : int
        0 test samples: they will be drawn from the others. 0 samples: counting takes a whole read.
    shape : tuple of int
        Shape of one sample.
    classes : tuple of str
        Names of the classes seen in the first samples, empty without classes.
    first : array (samples, ...) or None
        The first few samples.
    first_labels : tuple of str
        Their labels as text.
    remarks : tuple of str
        Sentences about how the file is read: "labels 1 to 3 are read as classes".
    """

    format: str
    arrays: tuple[ArrayHead, ...]
    inputs: str
    labels: str
    samples: int
    test_samples: int
    shape: tuple[int, ...]
    classes: tuple[str, ...] = ()
    first: np.ndarray | None = field(default=None, repr=False)
    first_labels: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
