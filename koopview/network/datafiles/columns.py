"""Which columns of a table are inputs and labels: those asked for, or the usual ones, told where it is not plain."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from koopview.errors import InputError
from koopview.network.datafiles.samples import ALL_OTHERS, Asked
from koopview.network.labels import shown

LABEL_NAMES = ("label", "labels", "class", "classes", "target", "targets", "species", "outcome", "y")
"""Names of the column of labels, in upper or lower case: of several the first in this order."""

INDEX_NAMES = ("", "unnamed: 0", "id", "index", "row", "no", "nr", "#")
"""Names of a first column, in small letters, that is left out if it numbers the rows; without a name, text too."""

_TOLD = 8
"""Columns that a sentence lists."""

_MOST_CLASSES = 100


@dataclass(frozen=True)
class Table:
    """The columns of a table: their names (numbers as text where it has none), and which of them hold text.

    `index` is whether the first column has no name and may number the rows, `named` whether the file has names.
    `empty` are columns without a name and without a value, as lines that end with a separator have them. `first` is the
    first row, as texts.
    """

    names: tuple[str, ...]
    text: tuple[bool, ...]
    index: bool
    named: bool
    what: str
    empty: frozenset[int] = frozenset()
    first: tuple[str, ...] = ()


@dataclass(frozen=True)
class Columns:
    """Indices of the columns of inputs and labels.

    `asked` is whether a person chose them, else a remark tells how they were taken where that is not plain.
    """

    inputs: tuple[int, ...]
    labels: tuple[int, ...]
    asked: bool
    remarks: tuple[str, ...] = ()


def chosen_columns(table: Table, asked: Asked) -> Columns:
    """Return the Columns that were asked for, or the usual ones; raises InputError for those that are not there."""
    inputs, labels = asked.keys or (ALL_OTHERS, None)
    remarks: tuple[str, ...] = ()
    if labels is None:
        found, remarks = _usual_labels(table)
    else:
        found = tuple(column for one in _split(labels, table) for column in _column(one, table))
    left_out = ({0} if table.index else set[int]()) - set(found) | table.empty
    if inputs in ("", ALL_OTHERS):
        taken = tuple(one for one in range(len(table.names)) if one not in found and one not in left_out)
    else:
        taken = tuple(dict.fromkeys(one for part in _split(inputs, table) for one in _columns(part, table, found)))
    _check_inputs(taken, table)
    return Columns(taken, found, asked.keys is not None, remarks)


def label_beyond_doubt(columns: Columns, block: np.ndarray) -> bool:
    """Return whether the last of the input columns (rows, columns) is beyond doubt one of labels.

    It alone holds whole numbers, few different ones, from 0 or 1 on without a gap, each of them several times.
    """
    if columns.asked or columns.labels or block.shape[1] < 2 or len(block) < 4:
        return False
    last, others = block[:, -1], block[:, :-1]
    if not (
        np.isfinite(block).all() and (last == np.floor(last)).all() and (others != np.floor(others)).any(axis=0).all()
    ):
        return False
    values, times = np.unique(last, return_counts=True)
    gapless = values[0] in (0, 1) and values[-1] - values[0] == len(values) - 1
    return bool(1 < len(values) <= min(_MOST_CLASSES, len(block) // 2) and gapless and times.min() > 1)


def columns_told(columns: Columns, table: Table, last_is_label: bool) -> tuple[str, ...]:
    """Return the remarks on how the columns were taken, empty where a person or the usual names said so."""
    names = table.names
    if last_is_label:
        which = f"the last column ({shown(names[columns.inputs[-1]], 40)})" if table.named else "the last column"
        return (f"{which} holds whole numbers of few classes and is read as labels; --keys '*,' takes it as an input",)
    if columns.asked or columns.labels or len(names) == 1:
        return columns.remarks
    if not table.named:
        return (
            f"the first line holds no names: all {len(names)} columns are read as inputs; --keys ',-1' takes the last "
            "as labels, ',0' the first",
        )
    return (
        f"no column is called {', '.join(LABEL_NAMES[:5:2])} or {LABEL_NAMES[-1]}, so all {len(columns.inputs)} "
        f"columns ({listed(names)}) are read as inputs; if one of them holds the labels, name it under Labels or "
        "with --keys ',NAME'",
    )


def listed(names: Sequence[str]) -> str:
    """Return the first and last of names, a str."""
    few = names if len(names) <= _TOLD else [*names[: _TOLD - 2], "...", names[-1]]
    return ", ".join(shown(name, 40) for name in few)


def _usual_labels(table: Table) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Return the column that bears a usual name, or is the only one of text, and what is told about it."""
    small = [name.lower() for name in table.names]
    for name in LABEL_NAMES if table.named else ():
        if name in small:
            return (small.index(name),), ()
    text = [column for column, one in enumerate(table.text) if one and not (table.index and column == 0)]
    if len(text) != 1 or len(table.names) < 2:
        return (), ()
    which = f"column {shown(table.names[text[0]], 40)}" if table.named else f"column {text[0]}, counted from 0,"
    return tuple(text), (f"{which} holds text and is read as labels",)


def _split(names: str, table: Table) -> tuple[str, ...]:
    """Return the names in "a+b", or the one name if a column is called so."""
    if names in table.names:
        return (names,)
    return tuple(one.strip() for one in names.split("+") if one.strip())


def _column(name: str, table: Table) -> tuple[int, ...]:
    """Return the index of a column by its name or its number, which may be negative; raises InputError."""
    if name in table.names:
        return (table.names.index(name),)
    count = len(table.names)
    if (
        name.lstrip("-").isascii()
        and name.removeprefix("-").isdigit()
        and len(name) < 10
        and -count <= int(name) < count
    ):
        return (int(name) % count,)
    raise InputError(_absent(name, table), "--keys X,Y")


def _columns(name: str, table: Table, labels: tuple[int, ...]) -> tuple[int, ...]:
    """Return the indices of columns by name, number, or the start of their names, "*" for all but the labels."""
    if name == ALL_OTHERS:
        return tuple(one for one in range(len(table.names)) if one not in labels)
    try:
        return _column(name, table)
    except InputError:
        found = tuple(one for one, own in enumerate(table.names) if own.startswith(name) and one not in labels)
        if found and table.named:
            return found
        raise


def _absent(name: str, table: Table) -> str:
    if not table.named:
        last = len(table.names) - 1
        return f"{table.what} has no names in its first line, expected the number of a column, 0 to {last}, for {name}"
    return (
        f"{table.what} has no column {name}, expected it among {listed(table.names)}, or a number from 0 to "
        f"{len(table.names) - 1}"
    )


def _check_inputs(taken: tuple[int, ...], table: Table) -> None:
    """Raise InputError if there are no inputs, or some hold text."""
    if not taken:
        raise InputError(f"{table.what} has no column of inputs beside the labels, expected some", "--keys X,Y")
    text = [one for one in taken if table.text[one]]
    if text:
        held = "column" if len(text) == 1 else "columns"
        shows = f' ("{shown(table.first[text[0]], 40)}")' if len(table.first) > text[0] else ""
        raise InputError(
            f"{table.what} holds text in {held} {listed([table.names[one] for one in text])}{shows}, "
            "expected numbers as inputs; "
            "inputs are picked by name, as in a+b, or by number",
            "--keys X,Y",
        )
