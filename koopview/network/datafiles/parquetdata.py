"""Samples in a Parquet file, read group by group of its rows; needs pyarrow, which is no part of every installation."""

from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from koopview.errors import FileError, InputError
from koopview.network.datafiles.claims import check_unpacked
from koopview.network.datafiles.columns import Table, chosen_columns, columns_told, label_beyond_doubt
from koopview.network.datafiles.drawing import drawn_rows, row_bytes
from koopview.network.datafiles.head import ArrayHead, DataHead
from koopview.network.datafiles.head_labels import labels_seen
from koopview.network.datafiles.parts import Parts
from koopview.network.datafiles.samples import Asked, Samples
from koopview.network.datafiles.table_head import head_of_table
from koopview.network.datafiles.whole import whole_file
from koopview.network.labels import shown
from koopview.progress import Progress, silent

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

BATCH = 1 << 14
"""Rows that are read at once."""

_INDEX = "__index_level_0__"
"""The name that pandas gives to a column of names or numbers of rows."""

_LEAST = 1000
"""First rows that a head reads."""


def read(path: Path, asked: Asked) -> Samples:
    """Return the Samples of a file; of one larger than memory a draw of its rows.

    Raises
    ------
    FileError
        If it is broken, or pyarrow is not installed.
    InputError
        If a column holds no numbers, or there is no such column.
    """
    with whole_file(path, asked, "Parquet file"), _opened(path, asked) as file:
        table = _table(file, asked, path)
        columns = chosen_columns(table, asked)
        count = file.metadata.num_rows
        used = [*columns.inputs, *columns.labels]
        _check_claims(file, path, 4 * count * len(used), asked)
        (rows,), drawn = drawn_rows([count], row_bytes(len(used), 8), asked, path.name)
        kept = np.arange(count) if rows is None else rows
        numbers, labels = _Kept(kept), _Kept(kept)
        for block in _blocks(file, table, used, asked.progress):
            numbers.add(_numbers(block[: len(columns.inputs)], columns.inputs, table, numbers.start))
            if len(columns.labels) == 1 and table.text[columns.labels[0]]:
                labels.add(np.array([_text(one) for one in block[-1].to_pylist()], dtype=object))
            elif columns.labels:
                labels.add(_numbers(block[len(columns.inputs) :], columns.labels, table, labels.start))
    inputs, found = numbers.rows(), labels.rows() if columns.labels else None
    last = label_beyond_doubt(columns, inputs)
    if last:
        inputs, found = inputs[:, :-1], inputs[:, -1]
    return Samples(inputs, found, remarks=(*drawn, *columns_told(columns, table, last)))


def head(path: Path, asked: Asked) -> DataHead:
    """Return the DataHead of a file, from its metadata and first rows."""
    with whole_file(path, asked, "Parquet file"), _opened(path, asked) as file:
        table, count = _table(file, asked, path), file.metadata.num_rows
        kinds = [str(file.schema_arrow.field(name).type) for name in table.names]
        arrays = tuple(ArrayHead(name, (count,), kind) for name, kind in zip(table.names, kinds, strict=True))
        try:
            columns = chosen_columns(table, asked)
        except InputError as error:
            return DataHead("Parquet", arrays, "", "", count, 0, (), remarks=(str(error),))
        _check_claims(file, path, 0, asked)
        block = next(_blocks(file, table, [*columns.inputs, *columns.labels], asked.progress, _LEAST), None)
        held = block or []
        numbers = _numbers(held[: len(columns.inputs)], columns.inputs, table, 0) if held else np.empty((0, 0))
        labels = np.array(held[-1].to_pylist()) if held and len(columns.labels) == 1 else None
    last = label_beyond_doubt(columns, numbers)
    if last:
        labels, numbers = numbers[:, -1], numbers[:, :-1]
        columns = replace(columns, inputs=columns.inputs[:-1], labels=columns.inputs[-1:])
    seen = labels_seen(labels, (), path.name)
    told = columns_told(columns, table, last)
    return head_of_table("Parquet", arrays, table, columns, count, numbers, seen, told)


def parts(path: Path, asked: Asked) -> Parts:
    """Return the Parts of a file: the columns of inputs, some rows at a time, group by group of the file's rows."""
    with whole_file(path, asked, "Parquet file"), _opened(path, asked) as file:
        table = _table(file, asked, path)
        columns = chosen_columns(table, asked)
        _check_claims(file, path, 0, asked)
        groups = [file.metadata.row_group(index).num_rows for index in range(file.metadata.num_row_groups)]
    rows = _PartsOfTable(path, asked, table, columns.inputs, tuple(groups))
    return Parts(path.name, (sum(groups), len(columns.inputs)), rows, (path,))


def _check_claims(file: "ParquetFile", path: Path, numbers: int, asked: Asked) -> None:
    """Raise FileError if so many bytes of numbers, or what the file says of its groups of rows, are far too many."""
    groups = [file.metadata.row_group(index).total_byte_size for index in range(file.metadata.num_row_groups)]
    check_unpacked(path, max(numbers, sum(groups)), asked)


def _opened(path: Path, asked: Asked) -> "ParquetFile":
    """Return an opened file, its metadata read; raises FileError without pyarrow."""
    if find_spec("pyarrow") is None:
        raise FileError(
            f"{asked.what} {path} is a Parquet file, which takes pyarrow to read: pip install pyarrow, or convert it "
            f"where you have pandas: pandas.read_parquet({path.name!r}).to_csv('data.csv', index=False)"
        )
    from pyarrow.parquet import ParquetFile

    return ParquetFile(path, memory_map=False, pre_buffer=False)


def _table(file: "ParquetFile", asked: Asked, path: Path) -> Table:
    """Return the Table of a file's columns; raises InputError for one that is neither numbers nor text."""
    import pyarrow.types as kinds

    schema = file.schema_arrow
    names = tuple(name for name in schema.names if name != _INDEX)
    types = [schema.field(name).type for name in names]

    def is_text(kind: Any) -> bool:
        held = kind.value_type if kinds.is_dictionary(kind) else kind
        return bool(kinds.is_string(held) or kinds.is_large_string(held) or kinds.is_string_view(held))

    def is_number(kind: Any) -> bool:
        return bool(
            kinds.is_integer(kind) or kinds.is_floating(kind) or kinds.is_boolean(kind) or kinds.is_decimal(kind)
        )

    text = tuple(not is_number(kind) for kind in types)
    strange = [name for name, kind in zip(names, types, strict=True) if not (is_text(kind) or is_number(kind))]
    if strange and asked.keys is None:
        kind = schema.field(strange[0]).type
        raise InputError(
            f"{asked.what} {path} holds {shown(str(kind), 60)} in column {shown(strange[0], 40)}, "
            "expected numbers, or text as labels",
            "--keys X,Y",
        )
    return Table(names, text, False, True, f"{asked.what} {path}")


def _blocks(
    file: "ParquetFile",
    table: Table,
    used: list[int],
    progress: Progress,
    rows: int = 0,
    groups: list[int] | None = None,
) -> Iterator[list[Any]]:
    """Yield the columns that are used, a few rows of each at once; of some groups of the file's rows, None for all."""
    names = [table.names[one] for one in used]
    done, count = 0, max(1, file.metadata.num_rows)
    asked = {"batch_size": rows or BATCH, "row_groups": groups, "columns": list(dict.fromkeys(names))}
    for batch in file.iter_batches(**asked, use_threads=False):
        progress(min(1.0, done / count), "Reading rows")
        yield [batch.column(name) for name in names]
        done += batch.num_rows


def _numbers(columns: list[Any], indices: tuple[int, ...], table: Table, start: int) -> np.ndarray:
    """Return columns of numbers (rows, columns), float64; raises InputError for a value that is missing."""
    found = np.empty((len(columns[0]) if columns else 0, len(columns)))
    for place, column in enumerate(columns):
        found[:, place] = np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64)
    if np.isnan(found).any():
        row, place = (int(one[0]) for one in np.nonzero(np.isnan(found)))
        name = table.names[indices[place]]
        raise InputError(f"{table.what}: row {start + row} has no value in column {shown(name, 40)}, expected a number")
    return found


def _text(value: Any) -> str:
    return "" if value is None else str(value)


class _PartsOfTable:
    """Rows of the columns of inputs; read on where the last ones ended. Sent elsewhere, it opens the file there."""

    def __init__(
        self, path: Path, asked: Asked, table: Table, columns: tuple[int, ...], groups: tuple[int, ...]
    ) -> None:
        self._given = (path, replace(asked, progress=silent), table, columns, groups)
        self._blocks: Iterator[np.ndarray] = iter(())
        self._rest, self._at = np.empty((0, len(columns))), -1

    def __call__(self, start: int, stop: int) -> np.ndarray:
        with whole_file(self._given[0], self._given[1], "Parquet file"):
            if not 0 <= self._at <= start:
                self._start_at(start)
            while self._at + len(self._rest) < stop:
                self._pass_to(start)
                self._rest = np.concatenate([self._rest, next(self._blocks)])
        self._pass_to(start)
        return self._rest[: stop - start]

    def _pass_to(self, row: int) -> None:
        """Give up the rows before one, of those that were read."""
        count = min(max(0, row - self._at), len(self._rest))
        self._at, self._rest = self._at + count, self._rest[count:]

    def _start_at(self, start: int) -> None:
        """Begin with the group of rows that holds a row."""
        path, asked, table, columns, groups = self._given
        stops = np.cumsum(groups)
        first = int(np.searchsorted(stops, start, side="right"))
        self._at, self._rest = int(stops[first] - groups[first]), self._rest[:0]
        self._blocks = _inputs_of(path, asked, table, columns, list(range(first, len(groups))), self._at)

    def __reduce__(self) -> tuple[type["_PartsOfTable"], tuple[Any, ...]]:
        return _PartsOfTable, self._given


def _inputs_of(
    path: Path, asked: Asked, table: Table, columns: tuple[int, ...], groups: list[int], start: int
) -> Iterator[np.ndarray]:
    """Yield the columns of inputs of some groups of rows, the first of which begins with row `start`."""
    with _opened(path, asked) as file:
        for block in _blocks(file, table, list(columns), asked.progress, groups=groups):
            yield _numbers(block, columns, table, start)
            start += len(block[0])


class _Kept:
    """The rows that are kept of consecutive blocks."""

    def __init__(self, rows: np.ndarray) -> None:
        self._rows, self._parts, self.start = rows, list[np.ndarray](), 0

    def add(self, block: np.ndarray) -> None:
        """Keep rows of the next block."""
        first, last = np.searchsorted(self._rows, (self.start, self.start + len(block)))
        self._parts.append(block[self._rows[first:last] - self.start])
        self.start += len(block)

    def rows(self) -> np.ndarray:
        """Return the rows kept."""
        return np.concatenate(self._parts) if self._parts else np.empty((0, 0))
