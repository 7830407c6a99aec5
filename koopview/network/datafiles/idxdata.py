"""Samples in a pair of idx files, as MNIST and similar sets are published: pictures, and labels beside them."""

from pathlib import Path

import numpy as np

from koopview.errors import FileError
from koopview.network.datafiles.samples import Asked, DataNames, Samples
from koopview.network.mnist import read_idx


def read(path: Path, asked: Asked) -> Samples:
    """Return the Samples of a pair: its pictures and labels."""
    return Samples(*read_idx_pair(path, asked.what))


def names(path: Path) -> DataNames:
    """Return empty DataNames: a pair leaves no choice."""
    return DataNames()


def read_idx_pair(path: Path, what: str) -> tuple[np.ndarray, np.ndarray]:
    """Return pictures (samples, rows, columns) of the file `path`, and labels (samples,) of the file beside it.

    Raises
    ------
    FileError
        If one of the two is missing or broken; the message calls them `what`.
    """
    labels = labels_beside(path)
    if labels is None:
        raise FileError(
            f"{what} {path} is an idx file, expected 'images' in its name and 'labels' in the one beside it"
        )
    if not labels.is_file():
        raise FileError(f"{what} {path} has no labels beside it, expected {labels.name}")
    return read_idx(path), read_idx(labels)


def labels_beside(path: Path) -> Path | None:
    """Return the labels' path for a file of pictures: ``train-labels-idx1-ubyte`` for ``train-images-idx3-ubyte``.

    None if its name does not say that it holds images.
    """
    name = path.name
    if "images" not in name:
        return None
    return path.with_name(name.replace("images", "labels").replace("idx3", "idx1"))
