"""How a text file of numbers is written: encoding, separator, decimal sign, names in its first line."""

import csv
import re
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

from koopview.errors import FileError, InputError

BLANKS = " "
"""The separator of columns with any number of blanks between them, as numpy.savetxt writes them."""

SEPARATORS = (";", "\t", "|", ",", BLANKS)
"""In this order: where semicolons stand in every line, commas may be decimal signs."""

COMMENT = "#"
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "?", "-", "<na>"})
"""Texts in small letters that say that there is no value."""

TRUTH = {"true": 1.0, "false": 0.0}
"""Truth values as pandas writes them, in small letters, and their numbers."""

FIRST_ROWS = 100
"""Rows whose texts decide which columns hold text."""

_SAMPLE = 1 << 20
_LONGEST_NAME = 1000
_LONGEST_LINE = 1 << 25
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?inf(inity)?", re.IGNORECASE)
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f\x1a\x1b"))


@dataclass(frozen=True)
class Dialect:
    """How a text file is written.

    Attributes
    ----------
    encoding, separator, decimal : str
    skipped : int
        Lines before the first sample.
    names : tuple of str, or None
        Of the columns; None where no line has them.
    first : tuple of tuple of str
        The first rows of samples, as texts.
    remarks : tuple of str
    """

    encoding: str
    separator: str
    decimal: str
    skipped: int
    names: tuple[str, ...] | None
    first: tuple[tuple[str, ...], ...]
    remarks: tuple[str, ...] = ()

    @property
    def columns(self) -> int:
        """Number of columns of the first sample, 0 without samples."""
        return len(self.first[0]) if self.first else 0

    def rows(self, lines: list[str]) -> list[list[str]]:
        """Return the texts in lines, without quotes and blanks around them."""
        return _rows(lines, self.separator)

    def plain(self, lines: list[str]) -> tuple[list[str], str]:
        """Return lines with points as decimal signs, and the separator in them."""
        if self.separator == BLANKS:
            lines = [" ".join(line.split()) for line in lines]
        if self.decimal == ".":
            return lines, self.separator
        if self.separator != ",":
            return [line.replace(",", ".") for line in lines], self.separator
        return ["\t".join(field.replace(",", ".") for field in row) for row in self.rows(lines)], "\t"


def dialect_of(path: Path, what: str, encoding: str | None = None) -> Dialect:
    """Return the Dialect of a file, found in its first lines.

    Raises
    ------
    FileError
        If it is no text.
    InputError
        If a name in its first line is too long to be one.
    """
    found = encoding or encoding_of(path, what)
    with path.open(encoding=found, newline="", errors="replace") as file:
        lines, numbers, comments = _first_lines(file, what)
    skipped, separator = 0, ""
    if lines and lines[0].lower().startswith("sep=") and len(lines[0].strip()) == 5:  # as Excel writes and reads
        separator, skipped, lines, numbers = lines[0].strip()[4], numbers[0], lines[1:], numbers[1:]
    separator = separator or _separator(lines)
    try:
        rows = _rows(lines, separator)
    except csv.Error:  # a field of more than 131,072 characters
        rows = [[field.strip() for field in line.split(separator)] for line in lines]
    decimal = _decimal(rows, separator)
    names = _names(rows, decimal)
    if names is not None:
        rows, skipped = rows[1:], numbers[0]
    elif comments and rows and len(named := _rows([comments], separator)[0]) == len(rows[0]):
        names = [name.strip() for name in named] if len(named) > 1 else None
    _check_names(names, what)
    remarks = () if found in ("utf-8", "utf-8-sig") else (f"the text is read as {_WORDS.get(found, found)}",)
    told: tuple[str, ...] = ("commas are read as decimal signs",) if decimal == "," else ()
    if names is not None and all(is_number(name) for name in names):
        told += (f"the first line, which counts from 0 to {len(names) - 1}, is read as names of columns",)
    first = tuple(map(tuple, rows[:FIRST_ROWS]))
    return Dialect(found, separator, decimal, skipped, None if names is None else tuple(names), first, remarks + told)


def encoding_of(path: Path, what: str) -> str:
    """Return the encoding of a text file; raises FileError if it is no text."""
    with path.open("rb") as file:
        start = file.read(_SAMPLE)
    for mark, name in _MARKS:
        if start.startswith(mark):
            return name
    if b"\0" in start:
        zeros = [start[place::2].count(0) / max(1, len(start) // 2) for place in (0, 1)]
        if max(zeros) > 0.3 and min(zeros) < 0.05:
            return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
    if start.translate(None, _CONTROL) != start:
        raise FileError(f"{what} is no text, expected a CSV file")
    for name in ("utf-8", "cp1252"):
        if _decodes(start, name):
            return name
    return "latin-1"


def is_number(text: str, decimal: str = ".") -> bool:
    """Return whether a text is a number."""
    plain = text.replace(",", ".") if decimal == "," and "." not in text else text
    return _NUMBER.fullmatch(plain) is not None


def is_truth(fields: list[str]) -> bool:
    """Return whether all fields of a column are truth values."""
    return bool(fields) and all(field.lower() in TRUTH for field in fields)


def is_missing(text: str) -> bool:
    """Return whether a text says that there is no value."""
    return text.lower() in MISSING


_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_WORDS = {"cp1252": "Windows-1252 (Latin)", "latin-1": "Latin-1", "utf-16": "UTF-16", "utf-32": "UTF-32"}


def _decodes(start: bytes, name: str) -> bool:
    """Return whether the first bytes of a file are text of an encoding; the last sign may be cut."""
    try:
        start.decode(name)
    except UnicodeDecodeError as error:
        return name == "utf-8" and len(start) == _SAMPLE and error.start > len(start) - 4
    return True


def _first_lines(file: TextIO, what: str) -> tuple[list[str], list[int], str]:
    """Return the first lines with samples or names, their numbers from 1, and the last comment before them."""
    lines: list[str] = []
    numbers: list[int] = []
    comment, read = "", 0
    for number, line in enumerate(islice(iter(lambda: file.readline(_LONGEST_LINE), ""), 20 * FIRST_ROWS), 1):
        read += len(line)
        if len(line) >= _LONGEST_LINE:
            raise InputError(
                f"{what} has a line of more than {_LONGEST_LINE:,} characters, expected a table of numbers"
            )
        text = line.strip()
        if text.startswith(COMMENT):
            comment = comment if lines else text.lstrip(COMMENT).strip()
        elif text:
            lines.append(line)
            numbers.append(number)
        if len(lines) > FIRST_ROWS or read > _LONGEST_LINE:
            break
    return lines, numbers, comment


def _rows(lines: list[str], separator: str) -> list[list[str]]:
    """Return the texts in lines, without quotes and blanks around them."""
    joined = [" ".join(line.split()) for line in lines] if separator == BLANKS else lines
    return [[field.strip() for field in row] for row in csv.reader(joined, delimiter=separator)]


def _separator(lines: list[str]) -> str:
    """Return the separator of lines: the first one that stands in every line, else the most frequent."""
    checked = [line.strip(" \r\n") for line in lines[:10]]
    for one in SEPARATORS:
        if checked and all(one in line for line in checked):
            return one
    return max(SEPARATORS, key=lambda one: sum(line.count(one) for line in checked))


def _decimal(rows: list[list[str]], separator: str) -> str:
    """Return "," if numbers have decimal commas and none has a point."""
    fields = [field for row in rows[1 : FIRST_ROWS + 1] or rows for field in row]
    with_comma = [field for field in fields if "," in field and is_number(field, ",")]
    with_point = [field for field in fields if "." in field and is_number(field)]
    return "," if with_comma and not with_point else "."


def _names(rows: list[list[str]], decimal: str) -> list[str] | None:
    """Return the names in the first row, None if it is a sample: its columns hold text where the others' do."""
    if not rows:
        return None
    head, below = rows[0], rows[1:20]
    text = [not (is_number(field, decimal) or is_missing(field)) for field in head]
    if not any(text):
        counting = len(head) > 2 and head == [str(number) for number in range(len(head))]
        return head if counting or (head[0] == "" and _counts(head[1:]) and _below_is_full(below)) else None
    if not below:
        return head if all(text) or text[0] else None
    of_numbers = [
        all(len(row) > column and (is_number(row[column], decimal) or is_missing(row[column])) for row in below)
        for column in range(len(head))
    ]
    if any(one and other for one, other in zip(text, of_numbers, strict=True)):
        return head
    numbered = [field for field, one in zip(head, text, strict=True) if not one]
    if numbered and _counts(numbered) and len(numbered) > 2:
        return head
    texts = [(head[column], {row[column] for row in below if len(row) > column}) for column in range(len(head))]
    again = all(one in others for (one, others), worded in zip(texts, text, strict=True) if worded)
    return None if again or len(head) != sum(text) else head


def _counts(texts: list[str]) -> bool:
    return texts == [str(number) for number in range(len(texts))]


def _below_is_full(below: list[list[str]]) -> bool:
    return bool(below) and all(row and row[0] != "" for row in below)


def _check_names(names: list[str] | None, what: str) -> None:
    """Raise InputError if a name is longer than names are."""
    longest = max(map(len, names or [""]))
    if longest > _LONGEST_NAME:
        raise InputError(
            f"{what} has a name of {longest:,} characters in its first line, "
            f"expected names of at most {_LONGEST_NAME:,}, with commas, semicolons, tabs or bars between them"
        )
