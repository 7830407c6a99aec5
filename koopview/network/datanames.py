"""What the arrays or columns of a data file are called, read without any of their numbers and without a pickle."""

import zipfile
from pathlib import Path
from typing import NamedTuple

from koopview.network.textdata import CSV_ENDINGS, column_names

ALL_OTHERS = "*"
"""The inputs of a CSV file: every column that is not the label's."""


class DataNames(NamedTuple):
    """The names among which inputs and labels are chosen; none where a file leaves no choice."""

    inputs: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


def names_in(path: Path) -> DataNames:
    """Return what a file offers as `keys` of :func:`koopview.network.datafiles.load_dataset`; it never raises."""
    try:
        if not path.is_file():
            return DataNames()
        if path.suffix.lower() in CSV_ENDINGS:
            columns = column_names(path)
            return DataNames((ALL_OTHERS,), columns) if columns else DataNames()
        arrays = array_names(path) if zipfile.is_zipfile(path) else ()
        return DataNames(arrays, arrays)
    except Exception:  # whatever a broken file, or half a path, leads to is told when it is opened
        return DataNames()


def array_names(path: Path) -> tuple[str, ...]:
    """Return the names of the arrays in an NPZ file, in its order."""
    with zipfile.ZipFile(path) as file:
        return tuple(name.removesuffix(".npy") for name in file.namelist() if name.endswith(".npy"))
