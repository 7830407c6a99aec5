"""Samples in a CSV file: one line per sample, one column per feature, one column for the label."""

import csv
from pathlib import Path
from typing import TextIO

import numpy as np

from koopview.errors import FileError, InputError
from koopview.memory import check_memory
from koopview.network.datafiles.samples import Asked, DataNames, Samples

LABEL_NAMES = ("label", "labels", "class", "target", "y")
"""Names of the column of labels, in upper or lower case; the keys can name another one."""

ALL_OTHERS = "*"
"""The inputs of a CSV file: every column that is not the label's."""

_SEPARATORS = (",", ";", "\t")
_LONGEST_HEAD = 1 << 20
"""Most characters of the first line that are read for its names."""


def read(path: Path, asked: Asked) -> Samples:
    """Return the samples of a CSV file."""
    return Samples(*read_csv(path, asked.keys, asked.what))


def names(path: Path) -> DataNames:
    """Return the DataNames of a file's columns, empty if its first line holds numbers."""
    columns = column_names(path)
    return DataNames((ALL_OTHERS,), columns) if columns else DataNames()


def column_names(path: Path) -> tuple[str, ...]:
    """Return the names in a CSV file's first line, empty if it holds numbers; raises OSError or ValueError."""
    with _opened(path) as file:
        return tuple(filter(None, _head(file.readline(_LONGEST_HEAD))[1] or ()))


def read_csv(path: Path, keys: tuple[str, str] | None, what: str) -> tuple[np.ndarray, np.ndarray | None]:
    """Return inputs (samples, features) and labels (samples,) of a CSV file; labels are None if it has none.

    Parameters
    ----------
    path : path
        UTF-8 text with commas, semicolons or tabs between the numbers; the first line may hold the columns' names.
    keys : (str, str), optional
        The start of the inputs' names ("*" for all but the label), and the label's name, empty for no labels.
    what : str
        Name of the file in errors.

    Raises
    ------
    FileError
        If it cannot be read as text.
    InputError
        If it holds no table of numbers, or no such columns.
    """
    check_memory(8 * path.stat().st_size, f"{what} {path}", "a smaller file")  # a number takes two bytes at least
    try:
        with _opened(path) as file:
            separator, names = _head(file.readline())
            file.seek(0)
            table = _numbers(file, separator, names is not None, f"{what} {path}")
    except UnicodeDecodeError as error:
        raise FileError(f"{what} {path} is no text (UTF-8), expected a CSV file") from error
    except OSError as error:
        raise FileError(f"{what} {path} cannot be read ({error.strerror}), expected a CSV file") from error
    if names is not None and len(names) != table.shape[1]:
        held = f"{len(names)} names in its first line and {table.shape[1] if len(table) else 'no'} columns below"
        raise InputError(f"{what} {path} has {held}, expected as many")
    inputs, label = _columns(names, keys, f"{what} {path}")
    if inputs is None:
        return table, None
    return table[:, inputs], None if label is None else table[:, label]


def _opened(path: Path) -> TextIO:
    return path.open(encoding="utf-8-sig", newline="")


def _head(first: str) -> tuple[str, list[str] | None]:
    """Return the separator of a first line, and its columns' names, None if it holds only numbers."""
    separator = max(_SEPARATORS, key=first.count)
    head = next(csv.reader([first], delimiter=separator), [])
    return separator, None if all(_is_number(name) for name in head) else [name.strip() for name in head]


def _numbers(file: object, separator: str, headed: bool, what: str) -> np.ndarray:
    """Return the table of numbers in a text file, float64."""
    try:
        table = np.loadtxt(file, delimiter=separator, skiprows=int(headed), quotechar='"', comments=None, ndmin=2)  # type: ignore[call-overload]
    except UnicodeDecodeError:
        raise
    except ValueError as error:
        reason = " ".join(str(error).split())[:150]
        raise InputError(f"{what} is no table of numbers ({reason}), expected one number a column in every line") from (
            error
        )
    return np.asarray(table, dtype=np.float64)


def _columns(names: list[str] | None, keys: tuple[str, str] | None, what: str) -> tuple[list[int] | None, int | None]:
    """Return the column indices of the inputs, None for all columns, and the index of the label."""
    if names is None:
        if keys is not None:
            raise InputError(f"{what} has no names in its first line, expected {keys[1] or keys[0]} among them")
        return None, None
    beginning, wanted = keys or ("*", None)
    known = [name for name in names if name == wanted or (wanted is None and name.lower() in LABEL_NAMES)]
    if wanted and not known:
        raise InputError(f"{what} has no column {wanted}, expected it among {', '.join(names[:8])}")
    label = names.index(known[0]) if known and wanted != "" else None
    inputs = [i for i, name in enumerate(names) if i != label and (beginning == "*" or name.startswith(beginning))]
    if not inputs:
        raise InputError(f"{what} has no column whose name begins with {beginning}, expected those of the inputs")
    return inputs, label


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
