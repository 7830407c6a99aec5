"""Samples in a CSV file: one line per sample, one column per feature, one column for the label."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from koopview.errors import InputError
from koopview.network.datafiles.columns import (
    INDEX_NAMES,
    Columns,
    Table,
    chosen_columns,
    columns_told,
    label_beyond_doubt,
)
from koopview.network.datafiles.drawing import Reservoir, draw_told, most_rows, row_bytes
from koopview.network.datafiles.head import ArrayHead, DataHead
from koopview.network.datafiles.head_labels import labels_seen
from koopview.network.datafiles.samples import Asked, Samples
from koopview.network.datafiles.table_head import head_of_table
from koopview.network.datafiles.text_blocks import Codes, number_blocks, wrong_field
from koopview.network.datafiles.text_dialect import (
    FIRST_ROWS,
    TRUTH,
    Dialect,
    dialect_of,
    is_missing,
    is_number,
    is_truth,
)
from koopview.network.datafiles.whole import whole_file
from koopview.network.labels import shown

_MOST_TEXTS = 10_000
"""Most classes that are named in a column."""

_COUNTED = 1 << 24
"""Bytes of the largest file whose lines a head counts."""


def read(path: Path, asked: Asked) -> Samples:
    """Return the Samples of a CSV file.

    UTF-8, UTF-16 or Windows-1252 text with commas, semicolons, tabs or bars between the columns, points or commas as
    decimal signs; the first line, or a comment above, may hold the columns' names. See :func:`.load.load_dataset` for
    the choice of columns; of a file larger than memory a draw of its lines is kept.

    Raises
    ------
    FileError
        If it cannot be read as text.
    InputError
        If it holds no table of numbers, or no such columns.
    """
    with whole_file(path, asked, "text, expected a CSV file"):
        dialect = dialect_of(path, f"{asked.what} {path}")
        try:
            return _read(path, asked, dialect)
        except UnicodeDecodeError:
            if dialect.encoding not in ("utf-8", "cp1252"):
                raise
            return _read(path, asked, dialect_of(path, f"{asked.what} {path}", "latin-1"))


def head(path: Path, asked: Asked) -> DataHead:
    """Return the DataHead of a CSV file, from its first lines."""
    with whole_file(path, asked, "text, expected a CSV file"):
        dialect = dialect_of(path, f"{asked.what} {path}")
        return _head(path, asked, dialect, _table(path, dialect, asked))


@dataclass(frozen=True)
class _Content:
    """The rows of the columns that are used, and how many there are in the file."""

    rows: np.ndarray
    codes: Codes
    total: int
    counts: bool


def _read(path: Path, asked: Asked, dialect: Dialect) -> Samples:
    table = _table(path, dialect, asked)
    columns = chosen_columns(table, asked)
    used = [*([0] if table.index else []), *columns.inputs, *columns.labels]
    content = _content(path, asked, dialect, table, sorted(set(used)))
    place = {column: index for index, column in enumerate(sorted(set(used)))}
    columns, indexed = _without_index(columns, table, content.counts)
    inputs = content.rows[:, [place[one] for one in columns.inputs]]
    last = label_beyond_doubt(columns, inputs)
    told = columns_told(columns, table, last)
    labels = inputs[:, -1] if last else _labels(columns, content, place)
    inputs = inputs[:, :-1] if last else inputs
    drawn = (draw_told(content.total, len(inputs), asked),) if content.total > len(inputs) else ()
    return Samples(inputs, labels, remarks=(*drawn, *dialect.remarks, *indexed, *told))


def _content(path: Path, asked: Asked, dialect: Dialect, table: Table, used: list[int]) -> _Content:
    """Return the rows of the columns that are used; raises InputError for what is no number."""
    most = most_rows(row_bytes(len(used), 8), asked, path.name)
    kept = Reservoir(most if most is not None else 1 << 60, asked.seed)
    truths = [one for one in used if is_truth([row[one] for row in dialect.first if len(row) > one])]
    codes = Codes([one for one in used if table.text[one]], truths)
    counts, base = table.index and not table.text[0], None
    try:
        for block in number_blocks(path, dialect, used, codes, table.names, asked.progress):
            if counts:
                base = block[0, 0] if base is None else base
                expected = base + np.arange(kept.total, kept.total + len(block))
                counts = base in (0, 1) and bool(np.array_equal(block[:, 0], expected))
            _check_values(block, used, kept.total, table, codes)
            kept.add(block)
    except InputError as error:
        raise InputError(f"{table.what}: {error}") from error
    if not kept.total:
        raise InputError(
            f"{table.what} has {len(table.names)} names in its first line and no columns below, expected both"
        )
    return _Content(kept.rows(), codes, kept.total, counts)


def _check_values(block: np.ndarray, used: list[int], start: int, table: Table, codes: Codes) -> None:
    """Raise InputError for a value that is written as none: numpy reads "nan" as a number."""
    if np.isnan(block).any():
        row, column = (int(found[0]) for found in np.nonzero(np.isnan(block)))
        told = wrong_field(0, table.names[used[column]], "nan").removeprefix("line 0 ")
        raise InputError(f"sample {start + row} {told}")
    for place, column in enumerate(used):
        known = codes.of.get(column, {})
        if len(known) > _MOST_TEXTS:
            raise InputError(
                f"column {shown(table.names[column], 40)} holds more than {_MOST_TEXTS:,} texts, expected classes"
            )
        for text, code in known.items():
            if is_missing(text):
                row = int(np.argmax(block[:, place] == code))
                told = wrong_field(0, table.names[column], text).removeprefix("line 0 ").replace("a number", "a label")
                raise InputError(f"sample {start + row} {told}")


def _without_index(columns: Columns, table: Table, counts: bool) -> tuple[Columns, tuple[str, ...]]:
    """Return the Columns with the first one among the inputs if it does not number the rows, and what is told."""
    if not table.index or (columns.asked and 0 in (*columns.inputs, *columns.labels)):
        return columns, ()
    name = table.names[0]
    unnamed = name.lower() in INDEX_NAMES[:2]
    if counts or (table.text[0] and unnamed):
        held = "numbers the rows" if counts else "holds text"
        which = "the first column, which has no name and" if unnamed else f"column {shown(name, 40)}, which"
        return columns, (f"{which} {held}, is left out",)
    return replace(columns, inputs=(0, *columns.inputs)), ()


def _labels(columns: Columns, content: _Content, place: dict[int, int]) -> np.ndarray | None:
    """Return the labels (rows,), text or numbers, or targets (rows, numbers); None without a column of them."""
    if not columns.labels:
        return None
    rows = content.rows[:, [place[one] for one in columns.labels]]
    if len(columns.labels) > 1:
        return rows
    column = columns.labels[0]
    return content.codes.texts(column, rows[:, 0]) if column in content.codes.of else rows[:, 0]


def _table(path: Path, dialect: Dialect, asked: Asked) -> Table:
    """Return the Table of a file's columns; raises InputError if names and columns differ in number."""
    what, width, names = f"{asked.what} {path}", dialect.columns, dialect.names
    if names is not None and len(names) == width - 1:  # as R writes a table with names of rows
        names = ("", *names)
    if names is not None and len(names) != width:
        held = f"{len(names)} names in its first line and {width or 'no'} columns below"
        raise InputError(f"{what} has {held}, expected as many")
    text = tuple(_is_text(dialect, column) for column in range(width))
    if not width and names is None:
        raise InputError(f"{what} holds no numbers, expected a line a sample")
    leading = None if names is None else names[0].lower()
    index = width > 1 and leading in (INDEX_NAMES[:2] if text[0] else INDEX_NAMES)
    unnamed = [column for column in range(width) if names is not None and not names[column]]
    empty = frozenset(one for one in unnamed if all(not row[one] for row in dialect.first if len(row) == width))
    first = dialect.first[0] if dialect.first else ()
    shown_names = names or tuple(map(str, range(width)))
    return Table(shown_names, text, index and 0 not in empty, names is not None, what, empty, first)


def _is_text(dialect: Dialect, column: int) -> bool:
    """Return whether a column holds words in the first rows."""
    fields = [row[column] for row in dialect.first[:FIRST_ROWS] if len(row) > column]
    words = [field for field in fields if not (is_number(field, dialect.decimal) or is_missing(field))]
    return 2 * len(words) > len(fields) and not is_truth(fields)


def _head(path: Path, asked: Asked, dialect: Dialect, table: Table) -> DataHead:
    arrays = [
        ArrayHead(name or "(no name)", (), "text" if text else "number")
        for name, text in zip(table.names, table.text, strict=True)
    ]
    count = _count(path, dialect)
    heads = tuple(replace(one, shape=(count,)) for one in arrays)
    rows = [row for row in dialect.first if len(row) == dialect.columns]
    try:
        columns = chosen_columns(table, asked)
    except InputError as error:
        return DataHead("CSV", heads, "", "", count, 0, (), remarks=(str(error),))
    counted = [row[0] for row in rows] in ([str(one + base) for one in range(len(rows))] for base in (0, 1))
    columns, indexed = _without_index(columns, table, counted)
    numbers = _numbers(rows, columns.inputs, dialect.decimal)
    last = label_beyond_doubt(columns, numbers)
    labels = [row[columns.inputs[-1] if last else columns.labels[0]] for row in rows] if last or columns.labels else []
    if last:
        columns = replace(columns, inputs=columns.inputs[:-1], labels=columns.inputs[-1:])
        numbers = numbers[:, :-1]
    seen = labels_seen(np.array(labels) if len(columns.labels) == 1 and labels else None, (), path.name)
    told = (*dialect.remarks, *indexed, *columns_told(chosen_columns(table, asked), table, last))
    return head_of_table("CSV", heads, table, columns, count, numbers, seen, told)


def _numbers(rows: list[tuple[str, ...]], columns: tuple[int, ...], decimal: str) -> np.ndarray:
    """Return the numbers of some rows (rows, columns), nan where there is none."""

    def number(text: str) -> float:
        if text.lower() in TRUTH:
            return TRUTH[text.lower()]
        return float(text.replace(",", ".")) if is_number(text, decimal) else float("nan")

    return np.array([[number(row[one]) for one in columns] for row in rows]).reshape(len(rows), len(columns))


def _count(path: Path, dialect: Dialect) -> int:
    """Return the number of samples of a small file, 0 for a large one: counting takes a whole read."""
    if path.stat().st_size > _COUNTED:
        return 0
    with path.open(encoding=dialect.encoding, newline="", errors="replace") as file:
        lines = [line.strip() for number, line in enumerate(file) if number >= dialect.skipped]
    return sum(bool(line) and not line.startswith("#") for line in lines)
