"""The numbers of a text file, block by block; what is no number is told with its line and column."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

import numpy as np

from koopview.errors import InputError
from koopview.network.datafiles.text_dialect import COMMENT, TRUTH, Dialect, is_missing, is_number
from koopview.network.labels import shown
from koopview.progress import Progress

BLOCK = 1 << 22
"""Characters that are read at once."""


class Codes:
    """Numbers of texts in the order in which they are met, by column; those of truth values are 0 and 1."""

    def __init__(self, columns: Sequence[int], truths: Sequence[int] = ()) -> None:
        self.of: dict[int, dict[str, int]] = {column: {} for column in columns}
        self.truths = frozenset(truths)

    def converters(self) -> dict[int | str, Callable[[str], float]]:
        """Return the functions from texts to numbers, by column."""
        found: dict[int | str, Callable[[str], float]] = {column: self.code(column) for column in self.of}
        return found | dict.fromkeys(self.truths, _truth)

    def fits(self, column: int, field: str, decimal: str) -> bool:
        """Return whether a field of a column has a number."""
        return column in self.of or (field.lower() in TRUTH if column in self.truths else is_number(field, decimal))

    def code(self, column: int) -> Callable[[str], float]:
        """Return the function from a text of a column to its number."""
        known = self.of[column]
        return lambda text: float(known.setdefault(text.strip(), len(known)))

    def texts(self, column: int, codes: np.ndarray) -> np.ndarray:
        """Return the texts (rows,) that numbers of a column stand for."""
        return np.array(list(self.of[column]), dtype=np.str_)[codes.astype(np.int64)]


def number_blocks(
    path: Path, dialect: Dialect, columns: Sequence[int], codes: Codes, names: Sequence[str], progress: Progress
) -> Iterator[np.ndarray]:
    """Yield blocks (rows, columns), float64, of the given columns of a file, texts as their `codes`.

    Raises
    ------
    InputError
        With line and column of the first field that is no number.
    UnicodeDecodeError
        If the encoding does not hold to the end.
    """
    size = path.stat().st_size
    with path.open(encoding=dialect.encoding, newline="") as file:
        for _ in range(dialect.skipped):
            file.readline()
        number = dialect.skipped
        while lines := file.readlines(BLOCK):
            progress(min(1.0, _place(file) / size), f"Reading {path.name}")
            yield from _block(lines, number, dialect, columns, codes, names)
            number += len(lines)


def _place(file: TextIO) -> int:
    return file.buffer.tell()


def _block(
    lines: list[str], number: int, dialect: Dialect, columns: Sequence[int], codes: Codes, names: Sequence[str]
) -> Iterator[np.ndarray]:
    """Yield the numbers of consecutive lines, if one of them holds a sample."""
    kept = [line for line in lines if (text := line.strip()) and not text.startswith(COMMENT)]
    if not kept:
        return
    plain, separator = dialect.plain(kept)
    width = dialect.columns
    converters = codes.converters()
    uneven = '"' not in plain[0] and any(line.count(separator) != width - 1 for line in plain if '"' not in line)
    try:
        if uneven:
            raise ValueError("another number of columns")
        yield np.loadtxt(
            plain,
            delimiter=separator,
            quotechar='"',
            comments=None,
            ndmin=2,
            usecols=None if len(columns) == width else list(columns),
            converters=converters or None,
        )
    except ValueError as error:
        raise InputError(_trouble(lines, number, dialect, columns, codes, names)) from error


def _trouble(
    lines: list[str], number: int, dialect: Dialect, columns: Sequence[int], codes: Codes, names: Sequence[str]
) -> str:
    """Return what is wrong with the first line that holds no sample, without the file's name."""
    for offset, line in enumerate(lines, 1):
        if not line.strip() or line.strip().startswith(COMMENT):
            continue
        (row,) = dialect.rows([line]) or ([],)
        if len(row) != dialect.columns:
            return (
                f"line {number + offset} has {len(row):,} columns, expected {dialect.columns:,} as the first sample has"
            )
        for column in columns:
            if not codes.fits(column, row[column], dialect.decimal):
                return wrong_field(number + offset, names[column], row[column])
    return "a line cannot be read, expected one number a column in every line"


def _truth(text: str) -> float:
    try:
        return TRUTH[text.strip().lower()]
    except KeyError as error:
        raise ValueError(text) from error


def wrong_field(line: int, name: str, field: str) -> str:
    """Return the sentence on a field that is no number."""
    if is_missing(field):
        held = f'no value ("{field}")' if field else "no value"
        return f"line {line} has {held} in column {shown(name, 40)}, expected a number: leave out the line, or fill it"
    return f'line {line} holds "{shown(field, 40)}" in column {shown(name, 40)}, expected a number'
